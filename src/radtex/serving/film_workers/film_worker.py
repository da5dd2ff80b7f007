"""The process that decodes uploads: `python -m radtex.serving.film_workers.film_worker`.

It reads requests from standard input and writes answers to standard output, each as two lengths, a
JSON object and bytes. It may open no new file for writing, and takes no more memory than it is
allowed. What is uploaded never leaves its memory.
"""

import io
import json
import os
import resource
import struct
import sys
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from radtex.compute.allocation import keep_some_freed_memory
from radtex.corpus.headers import header_view, is_chest
from radtex.errors import ImageError
from radtex.images import Preprocessing, read_image
from radtex.images.dicom import FramesError
from radtex.images.dicom_dataset import is_dicom
from radtex.images.header import header_in

LENGTHS = struct.Struct("<II")
"""Bytes of the JSON object, and bytes that follow it."""
_MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"BM",
)


def main() -> None:
    """Answer requests until standard input ends; the argument is the memory allowed, in bytes."""
    keep_some_freed_memory()
    _limit(int(sys.argv[1]))
    _warm_up()
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    _write(answers, {"ready": True}, b"")
    while head := asked.read(LENGTHS.size):
        described, length = LENGTHS.unpack(head)
        options = json.loads(asked.read(described))
        data = asked.read(length)
        _write(answers, *answer(data, options))


def answer(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Decode an upload.

    Args:
        data: the file.
        options: `squares`, a list of `Preprocessing` as dicts; `display`, pixels of the short side
            of the film that is shown, 0 for none.

    Returns:
        What is known of the film, and its pixels: a uint8 square for each of `squares`, one after
        another, then the PNG that is shown. Or the `error` with its `kind`, and no bytes.
    """
    try:
        return _decoded(data, options)
    except FramesError as error:
        said = f"the file holds {error.frames} pictures in one, such as a sequence or a scan"
        return {"error": said, "kind": "frames"}, b""
    except ImageError as error:
        return {"error": str(error), "kind": "unreadable"}, b""
    except MemoryError:
        return {"error": "the image needs more memory than is allowed", "kind": "too-large"}, b""


def is_image(data: bytes) -> bool:
    """Whether bytes begin as an image does that may be read; what a file is called says nothing."""
    webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return webp or data.startswith(_MAGIC) or is_dicom(data[:132])


def _decoded(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if not is_image(data):
        return {"error": "the file is no DICOM, PNG, JPEG, TIFF, BMP or WebP", "kind": "type"}, b""
    facts: dict[str, Any] = {"view": "", "chest": True, "dicom": is_dicom(data[:132])}
    if facts["dicom"]:
        header = header_in(data)
        facts |= {
            "view": header_view(header),
            "chest": is_chest(header),
            "colour": not header.photometric.startswith(("MONOCHROME", "PALETTE")),
        }
    parts = []
    for each in options["squares"]:
        pixels, facts["shape"] = Preprocessing(**each).apply_and_measure(data)
        parts.append(pixels.tobytes())
    if options["display"]:
        shown = _reduced(Image.fromarray(read_image(data, options["display"])), options["display"])
        facts["shape"] = (shown.height, shown.width)
        file = io.BytesIO()
        shown.save(file, "PNG", compress_level=1)
        parts.append(file.getvalue())
    return facts, b"".join(parts)


def _reduced(image: Image.Image, side: int) -> Image.Image:
    scale = side / min(image.size)
    if scale >= 1:
        return image
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BOX if scale < 0.5 else Image.Resampling.BILINEAR)


def _limit(allowed: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    statm = Path("/proc/self/statm")
    if statm.exists():  # macOS has none, and keeps no such limit
        used = int(statm.read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
        resource.setrlimit(resource.RLIMIT_AS, (used + allowed, used + allowed))


def _warm_up() -> None:
    """Import what decoding needs, so that the first film does not wait for it."""
    import imagecodecs  # noqa: F401
    import pydicom  # noqa: F401

    import radtex.images.dicom  # noqa: F401

    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "PNG")
    Preprocessing(8).apply(file.getvalue())


def _write(file: BinaryIO, facts: dict[str, Any], data: bytes) -> None:
    described = json.dumps(facts).encode()
    file.write(LENGTHS.pack(len(described), len(data)) + described)
    file.write(data)
    file.flush()


if __name__ == "__main__":
    main()
