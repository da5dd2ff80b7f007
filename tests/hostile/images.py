"""Images that cost more than they show, or show less than they claim."""

import io
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from hostile.attack import Attack, Ended, Stage

SIDE = 8191


def noise(height: int = 96, width: int = 80, seed: int = 0) -> np.ndarray:
    """Grey levels of a film with nothing on it."""
    small = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    return small.repeat(2, 0).repeat(2, 1)


def jpeg(pixels: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def app_segments(count: int, size: int, marker: int = 0xE1) -> bytes:
    """A JPEG behind segments that programs may add."""
    content = (b"Exif\0\0" + bytes(size))[:size]
    one = bytes((0xFF, marker)) + struct.pack(">H", size + 2) + content
    return b"\xff\xd8" + count * one + jpeg(noise())[2:]


def junk(size: int) -> bytes:
    """A JPEG with bytes between its segments, which decoders skip one by one."""
    whole = jpeg(noise())
    return whole[:2] + bytes(size) + whole[2:]


def cut(share: float, end: bytes, **options: object) -> bytes:
    whole = jpeg(noise(), **options)
    return whole[: int(share * len(whole))] + end


def dicom(rows: int, columns: int, samples: int, pixels: bytes) -> bytes:
    """A radiograph as DICOM, uncompressed."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    dataset.StudyInstanceUID = generate_uid()
    dataset.PatientID = "1"
    dataset.Modality = "CR"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = rows, columns, samples
    dataset.PhotometricInterpretation = "RGB" if samples == 3 else "MONOCHROME2"
    if samples == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = pixels
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


def colour_film() -> bytes:
    """A colour DICOM just below the limit of pixels."""
    pixels = np.zeros(SIDE * SIDE * 3 + 1, np.uint8)
    pixels[: len(pixels) // 2] = 200
    return dicom(SIDE, SIDE, 3, pixels.tobytes())


def png(width: int, height: int, lines: bytes, depth: int = 8, kind: int = 0) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines, 9))
        + chunk(b"IEND", b"")
    )


def one_colour_in_the_middle() -> bytes:
    """A wide image that is left with one colour by a crop."""
    pixels = np.full((64, 400), 9, np.uint8)
    pixels[:, :40] = 200
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


END = b"\xff\xd9"
FILMS: dict[str, Callable[[], bytes]] = {
    "JPEG of 2,000 EXIF segments": lambda: app_segments(2000, 65_000),
    "JPEG of 2,000 ICC segments": lambda: app_segments(2000, 65_000, 0xE2),
    "JPEG of 2,000 comments": lambda: app_segments(2000, 65_000, 0xFE),
    "JPEG of a million empty segments": lambda: app_segments(1_000_000, 0),
    "JPEG with junk between segments": lambda: junk(100_000_000),
    "JPEG that ends at a third": lambda: cut(0.3, END),
    "JPEG that ends near its end": lambda: cut(0.9, END),
    "JPEG that ends without an end": lambda: cut(0.5, b""),
    "progressive JPEG that ends early": lambda: cut(0.5, END, progressive=True),
    "JPEG in colour that ends early": lambda: cut(0.5, END, subsampling=2),
    "JPEG of 101 scans": lambda: jpeg(noise()) + 101 * b"\xff\xda",
    "PNG of 10 gigapixels": lambda: png(100_000, 100_000, b""),
    "PNG of one colour": lambda: png(64, 64, bytes(65 * 64)),
    "PNG whose data end early": lambda: png(64, 64, bytes(65 * 10)),
    "DICOM without its last rows": lambda: dicom(64, 64, 1, bytes(range(256)) * 8),
    "empty DICOM": lambda: bytes(128) + b"DICM",
    "DICOM of garbage": lambda: bytes(128) + b"DICM" + noise().tobytes(),
}
"""Each is refused as a film."""


def beside_a_good_one(write: Callable[[], bytes]) -> Callable[[Stage, Path], list[object]]:
    """A folder with a good film, whose prediction must not be lost."""

    def make(stage: Stage, folder: Path) -> list[object]:
        films = folder / "films"
        films.mkdir()
        (films / "good.png").write_bytes(b"")
        Image.fromarray(noise()).save(films / "good.png")
        (films / "hostile").write_bytes(write())
        return ["predict", stage.classifier, "films", "--format", "csv", "--out", "said.csv"]

    return make


def alone(write: Callable[[], bytes], *words: str) -> Callable[[Stage, Path], list[object]]:
    def make(stage: Stage, folder: Path) -> list[object]:
        films = folder / "films"
        films.mkdir()
        (films / "film.png").write_bytes(write())
        known = {"RUN": stage.run, "CLASSIFIER": stage.classifier}
        return [known.get(word, word) for word in words]

    return make


def good_is_kept(folder: Path, _ended: Ended) -> None:
    good, hostile = sorted((folder / "said.csv").read_text().splitlines()[1:])
    assert "good.png" in good
    assert "damaged" not in good
    assert re.search("damaged|truncated|cut off|pixels;|one colour|several|animation", hostile)


BUILD = ("corpus", "build", "dicom", "films", "--out", "corpus", "--size", "64", "--workers", "1")

PREDICT = ("predict", "CLASSIFIER", "films")

_beside = [
    Attack(name, "predict", beside_a_good_one(write), 0, "", check=good_is_kept)
    for name, write in FILMS.items()
]
_built = [
    Attack(
        name,
        "corpus build",
        alone(FILMS[name], *BUILD, "--namespace", "here"),
        1,
        "radtex: no row is left",
    )
    for name in ("JPEG of 2,000 EXIF segments", "JPEG that ends at a third", "PNG of 10 gigapixels")
]
_others = [
    Attack(name, command, alone(FILMS[name], *words), 1, "radtex: ")
    for command, words in {
        "generate": ("generate", "RUN", "films/film.png", "--out", "reports.jsonl"),
        "ask": ("ask", "RUN", "films/film.png", "pleural effusion"),
        "explain": ("explain", "RUN", "films/film.png", "--out", "map.png"),
    }.items()
    for name in ("JPEG with junk between segments", "JPEG that ends near its end", "empty DICOM")
]
_kept = [
    Attack("colour DICOM of 8,191²", "predict", alone(colour_film, *PREDICT), 0),
    Attack(
        "one colour after the crop", "corpus build",
        alone(one_colour_in_the_middle, *BUILD, "--fit", "crop"), 1, "radtex: no row is left",
    ),
]  # fmt: skip

ATTACKS = [*_beside, *_built, *_others, *_kept]
