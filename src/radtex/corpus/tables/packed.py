"""Files of tables, opened: packed ones are unpacked, up to a bound."""

import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO

from radtex.errors import CorpusError

MAX_UNPACKED = 2**30
"""Bytes that a packed table may have: 2,800 for each of MIMIC-CXR's 377,110 images."""

GZIP = b"\x1f\x8b"
"""What a file packed by gzip begins with."""


def open_unpacked(path: Path) -> BinaryIO:
    """Open a file for reading; one packed by gzip reads as what it holds.

    Raises:
        CorpusError: if it is damaged, or unpacks to more than `MAX_UNPACKED` bytes.
    """
    with path.open("rb") as file:
        packed = file.read(len(GZIP)) == GZIP
    if not packed and path.suffix.casefold() != ".gz":
        return path.open("rb")
    unpacked = io.BytesIO()
    try:
        with gzip.open(path) as pieces:
            while piece := pieces.read(2**20):
                unpacked.write(piece)
                if unpacked.tell() > MAX_UNPACKED:
                    raise CorpusError(
                        f"{path} unpacks to more than {MAX_UNPACKED:,} bytes; expected a table"
                    )
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{path} is damaged or no gzip file; fetch it anew") from error
    unpacked.seek(0)
    return unpacked
