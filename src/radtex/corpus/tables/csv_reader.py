"""Tables as CSV, packed or not."""

import csv
import gzip
import io
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from radtex.corpus.record import Rejection
from radtex.corpus.tables.tables import Table, check_header
from radtex.errors import CorpusError

MAX_UNPACKED = 2**30
"""Bytes that a packed table may have: 2,800 for each of MIMIC-CXR's 377,110 images."""


def read_csv(path: Path, encoding: str) -> Table:
    """Read a CSV, packed or not, as `read_table` does."""
    rows: list[Mapping[str, str]] = []
    rejections = []
    try:
        with _open(path) as binary, io.TextIOWrapper(binary, encoding, newline="") as text:
            reader = csv.reader(text)
            if text.read(1) != "\ufeff":
                text.seek(0)
            names = [name.strip() for name in next(reader, [])]
            while names and not names[-1]:
                names.pop()
            header = tuple(names)
            check_header(path, header)
            for cells in reader:
                if len(cells) >= len(header) and not any(cells[len(header) :]):
                    rows.append(dict(zip(header, cells, strict=False)))
                elif cells:
                    line = f"line {reader.line_num}"
                    rejections.append(Rejection(line, "row has not as many fields as the header"))
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path} is not {encoding} text (after line {reader.line_num}); name its encoding, "
            "for example --encoding latin-1 or --encoding cp1252"
        ) from error
    except LookupError as error:
        raise CorpusError(
            f"unknown encoding {encoding!r}; expected a name such as utf-8, latin-1 or cp1252"
        ) from error
    except csv.Error as error:
        raise CorpusError(f"{path} is no CSV near line {reader.line_num}: {error}") from error
    return Table(path, header, rows, rejections)


def _open(path: Path) -> BinaryIO:
    if path.suffix != ".gz":
        return path.open("rb")
    unpacked = io.BytesIO()
    try:
        with gzip.open(path) as packed:
            while piece := packed.read(2**20):
                unpacked.write(piece)
                if unpacked.tell() > MAX_UNPACKED:
                    raise CorpusError(
                        f"{path} unpacks to more than {MAX_UNPACKED:,} bytes; expected a table"
                    )
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{path} is damaged or no gzip file; fetch it anew") from error
    unpacked.seek(0)
    return unpacked
