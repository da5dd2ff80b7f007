"""Hostile files: bombs, lies and damage end in an ImageError, within bounded memory and time."""

import json
import struct
import subprocess
import sys
import zlib
from contextlib import suppress

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLSLossless,
    RLELossless,
)

from radtex.errors import ImageError
from radtex.images import read_header, read_image

SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    RLELossless,
    JPEGLossless,
    JPEGLSLossless,
    JPEG2000Lossless,
]

READ_ALL = """
import json, resource, sys
from pathlib import Path
from radtex.errors import ImageError
from radtex.images import read_header, read_image

resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
ordinary, *hostile = [Path(name) for name in sys.argv[1:]]
read_header(ordinary), read_image(ordinary)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
results = {}
for path in hostile:
    try:
        read_image(path)
        results[path.name] = "read"
    except ImageError as error:
        results[path.name] = str(error)
    try:
        read_header(path)
    except ImageError:
        pass
results["kilobytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps(results))
"""


def element(group: int, number: int, vr: bytes, length: int) -> bytes:
    """Return the head of an explicit element with a long length."""
    return struct.pack("<HH2sHI", group, number, vr, 0, length)


UNDEFINED = 0xFFFFFFFF
ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, UNDEFINED)
EMPTY_ITEM = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
VIEW_CODES = element(0x0054, 0x0220, b"SQ", UNDEFINED)


def test_bombs_and_lies_are_refused_within_memory_and_time(make_dicom, film, tmp_path):
    ordinary = make_dicom(film)
    head = ordinary[: ordinary.index(struct.pack("<HH2s", 0x0028, 0x0010, b"US"))]
    deflated = make_dicom(film, DeflatedExplicitVRLittleEndian)
    start = 144 + struct.unpack_from("<I", deflated, 140)[0]
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    bomb = b"".join(deflater.compress(bytes(2**20)) for _ in range(300)) + deflater.flush()
    tiles = bytearray(make_dicom(film, JPEG2000Lossless))
    size = tiles.index(b"\xff\x4f\xff\x51")
    tiles[size + 24 : size + 32] = struct.pack(">II", 1, 1)
    grey = (film >> 4).astype(np.uint8)
    jpeg = imagecodecs.jpeg8_encode(grey)
    scan = jpeg[jpeg.index(b"\xff\xda") : -2]
    scans = jpeg[:-2].replace(b"\xff\xc0", b"\xff\xc2") + scan * 2000 + jpeg[-2:]
    runs = make_dicom(film, RLELossless, Rows=8000, Columns=8000)
    files = {
        "deflate bomb": deflated[:start] + bomb,
        "endless empty items": head + VIEW_CODES + EMPTY_ITEM * 3_000_000,
        "endless nesting": head + (VIEW_CODES + ITEM) * 500_000,
        "gigantic length": head + element(0x0028, 0x0030, b"UT", UNDEFINED - 1) + bytes(1000),
        "gigantic pixels": ordinary[: ordinary.index(struct.pack("<HH", 0x7FE0, 0x10))]
        + element(0x7FE0, 0x10, b"OW", UNDEFINED - 1)
        + bytes(1000),
        "little data for its size": make_dicom(film, Rows=8000, Columns=8000),
        "beyond any size": make_dicom(film, Rows=65535, Columns=65535),
        "run lengths": runs,
        "millions of tiles": bytes(tiles),
        "thousands of scans": make_dicom(
            scans, JPEGBaseline8Bit, Rows=120, Columns=90, BitsAllocated=8
        ),
        "a picture of scans": scans,
        "cut off": ordinary[:-5000],
        "of nothing but zeros": ordinary[:132] + bytes(10_000_000),
    }
    for name, data in {"ordinary": ordinary, **files}.items():
        (tmp_path / name).write_bytes(data)
    names = [str(tmp_path / name) for name in ("ordinary", *files)]
    child = subprocess.run(
        [sys.executable, "-c", READ_ALL, *names], capture_output=True, text=True, check=True
    )
    results = json.loads(child.stdout)
    assert results.pop("kilobytes") < 2**20
    assert set(results) == set(files)
    assert "read" not in results.values(), results
    assert child.stderr == ""


def attack(data: bytes, rng: np.random.Generator) -> bytes:
    """Return `data` with a few bytes changed, a part cut out, or its end cut off."""
    damaged = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        place = int(rng.integers(len(damaged)))
        match rng.integers(5):
            case 0:
                damaged[place : place + 4] = b"\xff\xff\xff\xff"
            case 1:
                del damaged[place : place + int(rng.integers(1, 40))]
            case 2 if len(damaged) - place < len(damaged) // 4:
                del damaged[place:]
            case _:
                damaged[place] = rng.integers(256)
    return bytes(damaged)


def survives(data: bytes, path) -> None:
    """Check that pixels or an ImageError come out."""
    for read in (read_image, lambda some: read_image(some, enough=20, intensity="equalize")):
        try:
            grey = read(data)
        except ImageError:
            continue
        assert grey.dtype == np.uint8
        assert grey.ndim == 2
    path.write_bytes(data)
    with suppress(ImageError):
        read_header(path)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize(
    ("seed", "count"), [(0, 60), pytest.param(1, 10_000, marks=pytest.mark.soak)]
)
def test_damaged_files_give_pixels_or_an_image_error(
    make_dicom, film, tmp_path, syntax, seed, count
):
    data = make_dicom(film, syntax, WindowCenter=2000, WindowWidth=4000, PixelPaddingValue=0)
    rng = np.random.default_rng(seed)
    for _ in range(count):
        survives(attack(data, rng), tmp_path / "damaged.dcm")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([b"", bytes(128) + b"DICM"]), st.binary(max_size=300))
def test_random_bytes_are_refused(start, data):
    with pytest.raises(ImageError):
        read_image(start + data)
