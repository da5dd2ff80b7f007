"""Files of tables, opened: plain files up to a bound, which holds for packed ones unpacked."""

import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO

from radtex.errors import CorpusError
from radtex.inputs import open_input

MAX_UNPACKED = 2**30
"""Bytes that a table may have, packed or not: 2,800 for each of MIMIC-CXR's 377,110 images."""

GZIP = b"\x1f\x8b"
"""What a file packed by gzip begins with."""


def opened_table(path: Path) -> BinaryIO:
    """Open a file as it is.

    Raises:
        CorpusError: if it is no plain file, has more than `MAX_UNPACKED` bytes, or cannot be read.
    """
    try:
        return open_input(path, MAX_UNPACKED, CorpusError)
    except PermissionError:
        raise
    except OSError as error:
        raise CorpusError(f"{path} cannot be read ({error.strerror}); expected a table") from error


def open_unpacked(path: Path) -> BinaryIO:
    """Open a file for reading; one packed by gzip reads as what it holds.

    Raises:
        CorpusError: if it is damaged, no plain file, or has more than `MAX_UNPACKED` bytes, as it
            is or unpacked.
    """
    with opened_table(path) as file:
        packed = file.read(len(GZIP)) == GZIP
    if not packed and path.suffix.casefold() != ".gz":
        return opened_table(path)
    unpacked = io.BytesIO()
    try:
        with opened_table(path) as file, gzip.open(file) as pieces:
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
