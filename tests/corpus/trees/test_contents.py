"""What the files of a mixed folder hold."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.corpus.headers import NO_DICOM, NO_IMAGE
from radtex.corpus.record import Record, Rejection
from radtex.corpus.trees import contents as module
from radtex.corpus.trees.contents import OUTSIDE, Contents, in_order, read_contents
from radtex.inputs import MISSING

TWIN = "picture beside a DICOM file of the same name"


def draw(file: Path, kind: str = "PNG") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    grey = np.random.default_rng(len(file.name)).integers(0, 256, (16, 12), dtype=np.uint8)
    Image.fromarray(grey).save(file, format=kind)
    return file


def images(contents: Contents) -> dict[str, bool]:
    return {path.as_posix(): header is not None for path, header in contents.images.items()}


def reasons(contents: Contents) -> dict[str, tuple[str, bool]]:
    return {each.row: (each.reason, each.wrong) for each in contents.rejections}


def test_pictures_of_all_suffixes_are_found(tmp_path):
    kinds = {
        "png": "PNG", "jpg": "JPEG", "JPEG": "JPEG", "jpe": "JPEG", "jfif": "JPEG", "tif": "TIFF",
        "TIFF": "TIFF", "bmp": "BMP", "webp": "WEBP",
    }  # fmt: skip
    for suffix, kind in kinds.items():
        draw(tmp_path / f"film.{suffix}", kind)
    found = read_contents(tmp_path)
    assert images(found) == dict.fromkeys(sorted(f"film.{suffix}" for suffix in kinds), False)
    assert found.pictures == 9


def test_the_bytes_decide_what_a_file_is(tmp_path, write_dicom):
    write_dicom(tmp_path / "a.png")
    write_dicom(tmp_path / "b.txt")
    write_dicom(tmp_path / "c")
    draw(tmp_path / "d.dcm", "JPEG")
    draw(tmp_path / "e.png", "JPEG")
    for kind in ("PNG", "JPEG", "TIFF", "BMP", "WEBP"):
        draw(tmp_path / f"f_{kind}", kind)
    draw(tmp_path / "1.2.840.10008.5", "PNG")
    draw(tmp_path / "g.bak", "JPEG")  # a suffix that is no DICOM's is believed
    found = read_contents(tmp_path)
    assert {name for name, dicom in images(found).items() if dicom} == {"a.png", "b.txt", "c"}
    assert found.pictures == 8
    assert reasons(found) == {"g.bak": ("no image of a kind that is read (.bak)", False)}


def test_what_is_no_image_is_counted_by_suffix_and_only_damage_is_wrong(tmp_path, write_dicom):
    names = ("a.mp4", "b.TXT", "c", "d.zip", "e.tar.gz", "f.7z", "g.SMITH^JOHN", "h.gif", "1.2.3")
    for name in names:
        (tmp_path / name).write_bytes(b"abc")
    (tmp_path / "junk.dcm").write_bytes(b"abc")
    for name in ("empty.dcm", "empty.png", "empty.txt"):
        (tmp_path / name).touch()
    whole = write_dicom(tmp_path / "x" / "y.dcm")
    data = (tmp_path / "x" / "y.dcm").read_bytes()
    (tmp_path / "cut.dcm").write_bytes(data[:400])
    del whole.Rows, whole.Columns, whole.PixelData
    whole.save_as(tmp_path / "DICOMDIR", enforce_file_format=True)
    assert reasons(read_contents(tmp_path)) == {
        "a.mp4": ("no image of a kind that is read (.mp4)", False),
        "b.TXT": ("no image of a kind that is read (.txt)", False),
        "c": ("no image of a kind that is read (no suffix)", False),
        "d.zip": ("packed file (.zip): unpack it to have its images read", False),
        "e.tar.gz": ("packed file (.gz): unpack it to have its images read", False),
        "f.7z": ("packed file (.7z): unpack it to have its images read", False),
        "g.SMITH^JOHN": ("no image of a kind that is read (another suffix)", False),
        "h.gif": ("no image of a kind that is read (.gif)", False),
        "1.2.3": ("no image of a kind that is read (another suffix)", False),
        "junk.dcm": (NO_DICOM, True),
        "empty.dcm": ("file is empty", True),
        "empty.png": ("file is empty", True),
        "empty.txt": ("file is empty", False),
        "cut.dcm": reasons(read_contents(tmp_path))["cut.dcm"],
        "DICOMDIR": (NO_IMAGE, False),
    }


def test_suffixes_past_the_most_frequent_share_a_reason(tmp_path):
    for number in range(40):
        (tmp_path / f"f.x{number}").write_bytes(b"abc")
    found = read_contents(tmp_path)
    assert len(found.rejections) == 40
    assert len({each.reason for each in found.rejections}) == 13


def test_a_picture_of_a_dicom_film_is_left_out(tmp_path, write_dicom):
    write_dicom(tmp_path / "a" / "1.dcm")
    write_dicom(tmp_path / "a" / "2")
    write_dicom(tmp_path / "a" / "3.DCM")
    write_dicom(tmp_path / "a" / "1.2.840.7")
    for name in ("1.png", "2.jpg", "3.dcm.PNG", "1.2.840.7.tif"):
        draw(tmp_path / "a" / name)
    for name in ("a/4.png", "a/1.2.840.png", "a/1 (2).png", "b/1.png", "1.png"):
        draw(tmp_path / name)
    found = read_contents(tmp_path)
    twins = {"a/1.png", "a/2.jpg", "a/3.dcm.PNG", "a/1.2.840.7.tif"}
    assert reasons(found) == dict.fromkeys(twins, (TWIN, False))
    assert found.pictures == 5


def test_a_picture_beside_a_dicom_file_without_an_image_stays(tmp_path, write_dicom):
    report = write_dicom(tmp_path / "1.dcm")
    del report.Rows, report.Columns, report.PixelData
    report.save_as(tmp_path / "1.dcm", enforce_file_format=True)
    draw(tmp_path / "1.png")
    assert images(read_contents(tmp_path)) == {"1.png": False}


def test_a_picture_beside_a_dicom_file_of_nobody_stays(tmp_path, write_dicom):
    """Its patient may stand in a table, the other's nowhere."""
    write_dicom(tmp_path / "1.dcm", PatientID="")
    draw(tmp_path / "1.png")
    assert images(read_contents(tmp_path)) == {"1.dcm": True, "1.png": False}


def test_a_file_that_may_not_be_read_or_has_gone_is_counted(tmp_path, monkeypatch):
    draw(tmp_path / "1.png")
    walked = module.walk(tmp_path)
    shutil.move(tmp_path / "1.png", tmp_path / "2.png")
    monkeypatch.setattr(module, "walk", lambda _: walked)
    assert reasons(read_contents(tmp_path)) == {"1.png": (MISSING, True)}


def test_an_image_from_outside_the_folder_is_flagged(tmp_path):
    draw(tmp_path / "far" / "2.png")
    draw(tmp_path / "x" / "1.png")
    (tmp_path / "x" / "3.png").symlink_to("../far/2.png")
    found = read_contents(tmp_path / "x")
    flags = {path.name: found.flags(path) for path in found.images}
    assert flags == {"1.png": (), "3.png": (OUTSIDE,)}


@pytest.mark.parametrize("junk", [b"", b"\x02\0", b"\xff\xd8\xff", b"\0" * 200, b"RIFF"])
def test_no_content_stops_the_reading(tmp_path, junk):
    for suffix in ("", ".dcm", ".png", ".zip", ".txt"):
        (tmp_path / f"f{suffix}").write_bytes(junk)
    found = read_contents(tmp_path)
    assert len(found.images) + len(found.rejections) == 5


def test_rows_come_in_the_order_of_their_paths():
    film = Record("uid", "s", "p", "b/1")
    entries = [film, Rejection("c", ""), Rejection("a", ""), Rejection("b", "")]
    assert in_order(entries) == [entries[2], entries[3], film, entries[1]]
