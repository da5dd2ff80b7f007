"""The encoding of a table's text: as asked for, or as the file's first bytes mark it."""

import codecs
from pathlib import Path
from typing import BinaryIO

from radtex.errors import CorpusError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NUL_LINE = 4096
"""Bytes of a file that are looked at for the pattern of UTF-16."""
_SAMPLE = 2**16


def marked_encoding(binary: BinaryIO, encoding: str) -> str:
    """Return the encoding that a byte order mark states, or the given one where there is none.

    Args:
        binary: the file, at its beginning, where it is left.
        encoding: what the user asked for.

    Raises:
        CorpusError: if Python knows no such encoding of text.
    """
    try:
        "".encode(encoding)
    except (LookupError, ValueError) as error:
        raise CorpusError(
            f"unknown encoding {encoding!r}; expected a name such as utf-8, latin-1 or cp1252"
        ) from error
    start = binary.read(4)
    binary.seek(0)
    return next((name for mark, name in _MARKS if start.startswith(mark)), encoding)


def not_text(path: Path, binary: BinaryIO, encoding: str) -> CorpusError:
    """Return the error for a file that is no text in an encoding, with one that it may have.

    Args:
        path: of the file, for the message.
        binary: the file.
        encoding: what it was read as.
    """
    binary.seek(0)
    start = binary.read(_NUL_LINE)
    wide = _wide_encoding(start)
    marked = any(start.startswith(mark) for mark, _ in _MARKS)
    if wide and not marked and codecs.lookup(wide) != codecs.lookup(encoding):
        return CorpusError(f"{path} is not {encoding} text; try --encoding {wide}")
    line, rest = _first_fault(binary, encoding)
    where = f" (line {line})" if line else ""
    return CorpusError(
        f"{path} is not {encoding} text{where}; name its encoding, for example "
        f"{_likely(rest, encoding)}"
    )


def _first_fault(binary: BinaryIO, encoding: str) -> tuple[int, bytes]:
    """Return the line that is no text in an encoding, and bytes from there on; 0 if none is."""
    binary.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = returns = 0
    while True:
        block = binary.read(_SAMPLE)
        fault = b""
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            whole = bytes(error.object)
            fault = whole[error.start :] or block
            text = whole[: error.start].decode(encoding, "ignore")
        except UnicodeError:  # no byte order mark
            return 1, block
        newlines += text.count("\n")
        returns += text.count("\r")
        if fault:
            return (newlines or returns) + 1, fault + binary.read(_SAMPLE)
        if not block:
            return 0, b""


def _wide_encoding(start: bytes) -> str:
    """Return the kind of UTF-16 that the bytes look like, or ""."""
    pairs = len(start) // 2
    high, low = start[::2].count(0), start[1::2].count(0)
    if pairs and low > pairs / 2 > high:
        return "utf-16-le"
    return "utf-16-be" if pairs and high > pairs / 2 > low else ""


def _likely(data: bytes, encoding: str) -> str:
    """Return the encodings to try, by the bytes that a text has."""
    western = "--encoding cp1252 (Windows) or --encoding latin-1"
    for name, advice in (("utf-8", "--encoding utf-8"), ("cp1252", western)):
        try:
            data.decode(name)
        except UnicodeError:
            continue
        if codecs.lookup(name) != codecs.lookup(encoding):
            return advice
    return "--encoding cp850 (DOS) or --encoding latin-1"
