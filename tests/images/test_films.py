"""Films that a user names: found, read in their order, and told apart from what cannot be read."""

import logging
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.errors import ImageError
from radtex.images import MAX_FILE, Preprocessing, read_image
from radtex.images.films import Belonging, Film, Films, Found, find_files, read_films
from radtex.inputs import NO_PLAIN_FILE

WHOLE = Preprocessing(32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two films, and between them by name a text, a damaged film and a hidden one."""
    films = tmp_path / "films"
    (films / "deep").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name in ("a.png", "deep/c.png"):
        Image.fromarray(rng.integers(0, 256, (32, 32), dtype=np.uint8)).save(films / name)
    (films / "b.png").write_bytes(b"\x89PNG, cut off")
    (films / "b.txt").write_text("no film")
    (films / ".hidden.png").write_bytes(b"")
    return films


def test_a_folder_stands_for_its_films_and_each_film_comes_once(folder: Path) -> None:
    films = [folder / "a.png", folder / "b.png", folder / "deep" / "c.png"]
    assert find_files([str(folder)]) == [*map(Found, films)]
    assert find_files([str(folder / "deep" / "c.png"), f"{folder}/**/*.png"]) == [
        Found(films[2]),
        *map(Found, films[:2]),
    ]
    assert find_files(["no/such*.png"]) == [Found(Path("no/such*.png"))]


def test_a_folder_without_films_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no film")
    with pytest.raises(ImageError, match="holds no image; expected DICOM files or pictures"):
        find_files([str(tmp_path)])


def test_what_costs_images_in_a_folder_is_a_row_and_an_empty_folder_beside_others(
    folder: Path, tmp_path: Path
) -> None:
    os.mkfifo(folder / "pipe.png")
    os.mkfifo(folder / "log")
    (folder / "broken.png").symlink_to("nowhere.png")
    (folder / "d\x1b[2J.png").write_bytes((folder / "a.png").read_bytes())
    (tmp_path / "empty").mkdir()
    (folder / "round").symlink_to("round")
    read = list(read_films([str(tmp_path / "empty"), str(folder)], WHOLE).films)
    said = {film.image_id.removeprefix(str(tmp_path)): film.error for film in read}
    assert said == {
        "/empty": "the folder holds no image; expected DICOM files or pictures",
        "/films/a.png": "",
        "/films/b.png": said["/films/b.png"],
        "/films/deep/c.png": "",
        "/films/broken.png": "link that leads to nothing, or to what may not be read",
        "/films/pipe.png": NO_PLAIN_FILE,
        "/films/round": "link that leads to nothing, or to what may not be read",
        "/films/'d\\x1b[2J.png'": "file name is no plain text",
    }


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("x" * 300 + ".png", "the file cannot be read: File name too long"),
        ("d/" * 3000 + "*.png", "the file cannot be read: File name too long"),
        ("a\0b.png", "the image has a name that no file can have"),
        ("pipe.png", f"the image is {NO_PLAIN_FILE}"),
        ("sparse.png", f"the image is larger than {MAX_FILE:,} bytes"),
        ("round.png", "the file cannot be read: Too many levels of symbolic links"),
        ("/dev/zero", f"the image is {NO_PLAIN_FILE}"),
    ],
)
def test_a_named_file_that_cannot_be_read_costs_no_other(
    folder: Path, name: str, error: str
) -> None:
    os.mkfifo(folder / "pipe.png")
    with (folder / "sparse.png").open("wb") as file:
        file.truncate(2**40)
    (folder / "round.png").symlink_to("round.png")
    bad, good = read_films([str(folder / name), str(folder / "a.png")], WHOLE).films
    assert bad.error == error
    assert bad.image_id.isprintable()
    assert good.pixels is not None


def test_films_come_in_order_and_say_why_they_cannot_be_read(folder: Path) -> None:
    names = [str(folder / "deep/c.png"), str(folder / "b.png"), "none.png", str(folder / "a.png")]
    films = read_films(names, WHOLE)
    assert films.count == 4
    read = list(films.films)
    assert [film.image_id for film in read] == names
    for film in (read[0], read[3]):
        assert film.error == ""
        assert film.pixels is not None
        np.testing.assert_array_equal(film.pixels, read_image(film.image_id))
    assert (read[1].pixels, read[2].pixels) == (None, None)
    assert "damaged" in read[1].error
    assert read[2].error == "the file does not exist"


def test_more_films_than_are_read_ahead_keep_their_order(folder: Path) -> None:
    names = [str(folder / ("a.png" if number % 3 else "b.png")) for number in range(150)]
    links = []
    for number, name in enumerate(names):
        links.append(folder / f"link{number:03}.png")
        links[-1].symlink_to(name)
    read = list(read_films([str(link) for link in links], WHOLE).films)
    assert [film.image_id for film in read] == [str(link) for link in links]
    assert [film.pixels is None for film in read] == [number % 3 == 0 for number in range(150)]


def films_of(readable: list[bool]) -> Films:
    pixels = np.zeros((2, 2), np.uint8)
    films = [
        Film(str(number), pixels) if readable else Film(str(number), None, "cut off")
        for number, readable in enumerate(readable)
    ]
    return Films(iter(films), len(films))


def test_batches_hold_all_films_and_the_unreadable_are_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        batches = [*films_of([True, False, True, True, False]).batches("reading", 2)]
    assert [[film.image_id for film in batch] for batch in batches] == [
        ["0", "1"],
        ["2", "3"],
        ["4"],
    ]
    (record,) = caplog.records
    assert record.getMessage() == "2 of 5 images could not be read; their lines say why"


def test_if_none_can_be_read_the_first_says_why() -> None:
    batches = films_of([False, False]).batches("reading", 8)
    assert len(next(batches)) == 2
    with pytest.raises(ImageError, match="none of the 2 images could be read; the first, 0: cut"):
        next(batches)


def test_a_dicom_file_says_whose_it_is_and_a_picture_does_not(tmp_path: Path) -> None:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    data = Dataset()
    data.PatientID, data.StudyInstanceUID, data.AccessionNumber = "p", "1.2", "7"
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.save_as(
        tmp_path / "a.dcm", enforce_file_format=False, implicit_vr=False, little_endian=True
    )
    Image.fromarray(np.eye(9, dtype=np.uint8)).save(tmp_path / "b.png")
    dicom, picture = read_films([str(tmp_path / "a.dcm"), str(tmp_path / "b.png")], WHOLE).films
    assert dicom.pixels is None
    assert dicom.belongs_to == Belonging("1.2", "p", "7")
    assert picture.belongs_to == Belonging()
