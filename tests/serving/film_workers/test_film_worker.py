"""The process that decodes: what it answers, and what it may not do."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.images import Preprocessing
from radtex.serving.film_workers.film_worker import LENGTHS, answer, is_image

SQUARES = [{"size": 32, "fit": "pad", "intensity": "window"}]


def picture(kind: str, height: int = 300, width: int = 200) -> bytes:
    grey = np.add.outer(np.arange(height), np.arange(width)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_bytes_tell_what_a_file_is(kind: str) -> None:
    data = picture(kind)
    assert is_image(data)
    facts, pixels = answer(data, {"squares": SQUARES, "display": 0})
    height, width = facts["shape"]  # of a JPEG a fraction of the file's
    assert (height * 2, height <= 300) == (width * 3, True)
    expected = Preprocessing(32).apply(data)
    np.testing.assert_array_equal(np.frombuffer(pixels, np.uint8), expected.ravel())


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"%PDF-1.4", b"<svg", b"PK\3\4", bytes(200)])
def test_other_files_are_told_apart(data: bytes) -> None:
    assert not is_image(data)
    facts, pixels = answer(data, {"squares": SQUARES, "display": 0})
    assert (facts["kind"], pixels) == ("type", b"")


def test_the_film_to_show_is_as_large_as_asked() -> None:
    facts, pixels = answer(picture("PNG"), {"squares": SQUARES, "display": 100})
    assert facts["shape"] == (150, 100)
    assert Image.open(io.BytesIO(pixels[32 * 32 :])).size == (100, 150)
    facts, pixels = answer(picture("PNG"), {"squares": [], "display": 1000})
    assert Image.open(io.BytesIO(pixels)).size == (200, 300)


def test_a_header_tells_view_and_part(write_dicom: Callable[..., object], tmp_path: Path) -> None:
    write_dicom(tmp_path / "film.dcm", ViewPosition="LL", BodyPartExamined="KNEE")
    facts, _ = answer((tmp_path / "film.dcm").read_bytes(), {"squares": SQUARES, "display": 0})
    assert (facts["view"], facts["chest"], facts["colour"]) == ("LATERAL", False, False)


def asked(process: subprocess.Popen[bytes], data: bytes) -> dict[str, object]:
    assert process.stdin is not None
    assert process.stdout is not None
    options = json.dumps({"squares": SQUARES, "display": 0}).encode()
    process.stdin.write(LENGTHS.pack(len(options), len(data)) + options + data)
    process.stdin.flush()
    return told(process)


def told(process: subprocess.Popen[bytes]) -> dict[str, object]:
    assert process.stdout is not None
    described, length = LENGTHS.unpack(process.stdout.read(LENGTHS.size))
    facts: dict[str, object] = json.loads(process.stdout.read(described))
    process.stdout.read(length)
    return facts


def test_an_image_beyond_the_memory_is_refused_and_the_process_goes_on() -> None:
    large = picture("PNG", 7000, 7000)
    command = [sys.executable, "-m", "radtex.serving.film_workers.film_worker", str(60 * 2**20)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert told(process) == {"ready": True}
        assert "shape" in asked(process, picture("PNG"))
        refused = asked(process, large)
        assert refused["kind"] in ("too-large", "unreadable")
        assert "shape" in asked(process, picture("PNG"))
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0
