"""What commands say, broken into lines between words where a terminal shows it."""

import logging
import re
import shutil
import sys
import textwrap
from collections.abc import Sequence
from copy import copy
from typing import TextIO

from radtex.printable import one_line, printable

_LEAST = 20
"""Columns that a sentence has, however little room there is."""
_COLUMNS = re.compile(r"\S  +\S")
_ENTRY = re.compile(r" *\S{1,16}  +(?=\S)")


def show(text: str) -> None:
    """Print what a command found; on a terminal, sentences that are wider are broken.

    Tables stay as they are, and so does what goes to a file or a pipe.
    """
    print(as_shown_on(sys.stdout, text))


def as_shown_on(stream: TextIO, text: str) -> str:
    """Return a text as a stream is given it: printable, and broken between words on a terminal.

    Args:
        stream: where the text goes.
        text: of any number of lines. One with two spaces inside is the row of a table; only if
            it is a word or number and a sentence, the sentence is broken within its column.
    """
    text = printable(text)
    if not stream.isatty():
        return text
    width = shutil.get_terminal_size().columns
    return "\n".join(_broken(line, width) for line in text.split("\n"))


def show_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows whose last cell is a sentence; on a terminal, it is broken within its column."""
    if not sys.stdout.isatty():
        from radtex.text_tables import aligned

        show(aligned(rows))
        return
    rows = [[one_line(cell) for cell in row] for row in rows]
    starts = [max(len(row[column]) for row in rows) + 2 for column in range(len(rows[0]) - 1)]
    room = max(shutil.get_terminal_size().columns - sum(starts), _LEAST)
    for *cells, sentence in rows:
        begin = "".join(cell.ljust(width) for cell, width in zip(cells, starts, strict=True))
        for line in textwrap.wrap(sentence, room, break_on_hyphens=False) or [""]:
            show(f"{begin}{line}".rstrip())
            begin = " " * sum(starts)


class SentenceFormatter(logging.Formatter):
    """Formats messages for standard error, as `as_shown_on` does."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message of a record; what was put into it breaks no line."""
        shown = copy(record)
        if isinstance(record.args, tuple):
            shown.args = tuple(
                each if isinstance(each, int | float) else one_line(each) for each in record.args
            )
        return as_shown_on(sys.stderr, super().format(shown))


def _broken(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    if _COLUMNS.search(line):
        entry = _ENTRY.match(line)
        if entry is None or _COLUMNS.search(line, entry.end()):
            return line
        indent = " " * entry.end()
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
