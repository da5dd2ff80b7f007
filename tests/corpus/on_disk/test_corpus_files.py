"""Crafted corpora: whatever a file states, opening it ends in one line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow.parquet import read_metadata

from radtex.corpus.corpus import Corpus
from radtex.corpus.on_disk.corpus_files import content_hash, read_corpus, write_corpus
from radtex.errors import CorpusError


@pytest.fixture
def copied(phantom_corpus: Corpus, tmp_path: Path) -> Path:
    return Path(shutil.copytree(phantom_corpus.path, tmp_path / "corpus"))


def test_what_is_written_is_read(phantom_corpus: Corpus, tmp_path: Path) -> None:
    info, index, images = read_corpus(phantom_corpus.path)
    stated = {key: value for key, value in info.items() if key != "content_hash"}
    (tmp_path / "again").mkdir()
    write_corpus(tmp_path / "again", index, [np.array(images)], stated)
    assert content_hash(tmp_path / "again") == info["content_hash"]
    again = read_corpus(tmp_path / "again")
    assert again[0] == info
    pd.testing.assert_frame_equal(again[1], index)
    np.testing.assert_array_equal(again[2], images)


def test_an_index_in_pieces_is_read_as_one(phantom_corpus: Corpus, tmp_path: Path) -> None:
    info, index, images = read_corpus(phantom_corpus.path)
    stated = {key: value for key, value in info.items() if key != "content_hash"}
    pieces = (index.iloc[at : at + 7] for at in range(0, len(index), 7))
    write_corpus(tmp_path, pieces, [np.array(images)], stated)
    assert read_metadata(tmp_path / "index.parquet").num_row_groups == -(-len(index) // 7)
    pd.testing.assert_frame_equal(read_corpus(tmp_path)[1], index)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"pixel_std": 0}, "pixel_std"),
        ({"pixel_std": float("nan")}, "pixel_std"),
        ({"pixel_std": "12"}, "pixel_std"),
        ({"pixel_mean": float("inf")}, "pixel_mean"),
        ({"pixel_mean": None}, "pixel_mean"),
        ({"size": "64"}, "size"),
        ({"size": True}, "size"),
        ({"size": -64}, "size"),
        ({"size": 64.0}, "size"),
        ({"content_hash": 7}, "content_hash"),
        ({"source": "nih"}, "source"),
        ({"source": {}}, "source"),
        ({"options": []}, "options"),
        ({"options": {"fit": "evil"}}, "options"),
        ({"options": {"fit": ["pad"]}}, "options"),
        ({"flow": "x"}, "flow"),
        ({"flow": [{"step": "in"}]}, "flow"),
        ({"flow": [{"step": "in", "rows": 1, "examples": [1]}]}, "flow"),
    ],
)
def test_what_a_build_never_states_is_refused(
    copied: Path, changed: dict[str, object], wrong: str
) -> None:
    file = copied / "corpus.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changed))
    with pytest.raises(CorpusError, match=rf"corpus\.json states no {wrong} as a build writes it"):
        Corpus.open(copied)


@pytest.mark.parametrize("text", ["[]", "7", "[" * 100_000, "{", "\xff", '{"size": 1e999}'])
def test_a_file_that_is_no_object_is_refused(copied: Path, text: str) -> None:
    (copied / "corpus.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CorpusError, match="is no corpus: "):
        Corpus.open(copied)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda index: index.drop(columns="sex"), "lacks the columns sex"),
        (lambda index: index.assign(findings=7), "else than text in its column findings"),
        (lambda index: index.assign(report=None), "else than text in its column report"),
        (lambda index: index.assign(age="old"), "else than numbers in its column age"),
        (lambda index: index.assign(image_id="i"), "names an image twice"),
        (lambda index: index.assign(split="all"), "rows of other splits than train"),
        (lambda index: index.assign(flags="{"), "one of its files is damaged"),
        (lambda index: index.assign(flags="{}"), "no list of texts in its column flags"),
        (lambda index: index.assign(boxes="[1]"), "no list of boxes in its column boxes"),
        (lambda index: index.assign(boxes="7"), "no list of boxes in its column boxes"),
        (lambda index: index.assign(**{"label.X": "yes"}), "whole numbers in a column of labels"),
        (lambda index: index.assign(**{"label.X": 0.5}), "whole numbers in a column of labels"),
        (lambda index: index.set_index("view"), "has names of rows"),
        (lambda index: index.iloc[:7], "holds 120 images, but index.parquet has 7 rows"),
    ],
)
def test_an_index_of_another_kind_is_refused(
    copied: Path, change: Callable[[pd.DataFrame], pd.DataFrame], wrong: str
) -> None:
    change(pd.read_parquet(copied / "index.parquet")).to_parquet(copied / "index.parquet")
    with pytest.raises(CorpusError, match=wrong):
        Corpus.open(copied)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((120, 64, 64), np.float32),
        np.zeros((120, 64), np.uint8),
        np.zeros((120, 64, 64), np.uint8, order="F"),
        np.zeros((120, 64, 32), np.uint8),
        np.array([None], object),
    ],
)
def test_images_of_another_kind_are_refused(copied: Path, images: np.ndarray) -> None:
    np.save(copied / "images.npy", images, allow_pickle=True)
    with pytest.raises(CorpusError, match="is no corpus: "):
        Corpus.open(copied)


def test_several_arrays_in_one_file_are_refused(copied: Path) -> None:
    with (copied / "images.npy").open("wb") as file:
        np.savez(file, np.zeros((120, 64, 64), np.uint8))
    with pytest.raises(CorpusError, match=r"images\.npy is no array of images"):
        Corpus.open(copied)


def test_content_that_was_changed_is_found_where_it_is_asked_for(copied: Path) -> None:
    Corpus.open(copied).verify()
    with (copied / "images.npy").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    with pytest.raises(CorpusError, match="was changed since it was built"):
        Corpus.open(copied).verify()


@pytest.mark.parametrize("named", [True, False])
def test_a_file_without_permission_is_named(
    copied: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    def forbid(file: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", *([str(file)] if named else []))

    monkeypatch.setattr("radtex.corpus.on_disk.corpus_files._read_index", forbid)
    expected = copied if named else copied / "index.parquet"
    with pytest.raises(CorpusError, match=f"{expected} may not be read"):
        read_corpus(copied)
