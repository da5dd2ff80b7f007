"""What every source shares: its contract, and files below a folder."""

import hashlib
import os
import pickle

import numpy as np
import pytest

from fixtures.archives import write_film
from radtex.corpus.record import FileSource, Listing, Record
from radtex.errors import CorpusError, ImageError
from radtex.images import Preprocessing
from radtex.inputs import why_unread


class Films(FileSource):
    name = "films"
    namespace = "films"
    expects = "films"
    origin = "tests"

    def listing(self, encoding: str) -> Listing:
        return Listing([], {"encoding": encoding})


def record(path: str) -> Record:
    return Record("i", "s", "p", path)


def test_an_image_comes_with_the_hash_of_its_file(tmp_path):
    write_film(tmp_path / "a" / "film.png", seed=1, height=32, width=32)
    pixels, sha256, shape = Films(tmp_path).pixels(record("a/film.png"), Preprocessing(32))
    assert shape == (32, 32)
    data = (tmp_path / "a" / "film.png").read_bytes()
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert np.array_equal(pixels, Preprocessing(32).apply(data))
    assert (pixels.shape, pixels.dtype) == ((32, 32), np.uint8)


def test_a_damaged_and_a_missing_file_differ(tmp_path):
    (tmp_path / "film.png").write_text("no film")
    with pytest.raises(ImageError):
        Films(tmp_path).pixels(record("film.png"), Preprocessing(8))
    with pytest.raises(FileNotFoundError):
        Films(tmp_path).pixels(record("none.png"), Preprocessing(8))


def test_the_state_changes_when_the_file_does(tmp_path):
    source, film = Films(tmp_path), tmp_path / "film.png"
    assert source.state(record("film.png")) == "missing"
    film.write_bytes(b"12")
    states = {source.state(record("film.png"))}
    film.write_bytes(b"123")
    states.add(source.state(record("film.png")))
    os.utime(film, ns=(0, 0))
    states.add(source.state(record("film.png")))
    assert len(states | {"missing"}) == 4
    assert source.state(record("film.png")) in states  # and not when it is only looked at


def test_the_first_file_there_is_is_taken_and_none_is_said(tmp_path):
    source = Films(tmp_path)
    (tmp_path / "b.csv").touch()
    assert source.first_file("a.csv", "b.csv") == tmp_path / "b.csv"
    with pytest.raises(CorpusError, match=r"is no films archive: it holds no a\.csv or c\.csv"):
        source.first_file("a.csv", "c.csv")


@pytest.mark.parametrize(
    "path", ["a\0b.png", "x" * 300, "a/" * 2000 + "b.png", "", "a", "loop", "\udcff"]
)
def test_a_path_that_names_no_file_is_a_missing_image(tmp_path, path):
    (tmp_path / "a").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    assert Films(tmp_path).state(record(path))
    with pytest.raises((ImageError, OSError)) as caught:
        Films(tmp_path).pixels(record(path), Preprocessing(8))
    assert isinstance(caught.value, ImageError) or why_unread(caught.value)


def test_a_web_address_says_that_it_is_one(tmp_path):
    with pytest.raises(ImageError, match="image path is a web address; fetch the image"):
        Films(tmp_path).pixels(record("https://host/a.png"), Preprocessing(8))


def test_a_pipe_and_a_device_are_missing_images_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for path in ("pipe.png", "/dev/zero"):
        with pytest.raises(ImageError, match="is no plain file"):
            Films(tmp_path).pixels(record(path), Preprocessing(8))


def test_a_source_without_report_files_says_so(tmp_path):
    with pytest.raises(CorpusError, match="source films has no report files of its own"):
        Films(tmp_path).with_reports(tmp_path / "reports")


def test_a_source_can_be_sent_to_other_processes(tmp_path):
    source = Films(tmp_path)
    assert pickle.loads(pickle.dumps(source)) == source  # noqa: S301
