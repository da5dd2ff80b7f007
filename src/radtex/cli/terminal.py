"""What commands say, broken into lines between words where a terminal shows it."""

import logging
import re
import shutil
import sys
import textwrap
from typing import TextIO

_COLUMNS = re.compile(r"\S  +\S")


def show(text: str) -> None:
    """Print what a command found; on a terminal, sentences that are wider are broken.

    Tables stay as they are, and so does what goes to a file or a pipe.
    """
    print(as_shown_on(sys.stdout, text))


def as_shown_on(stream: TextIO, text: str) -> str:
    """Return a text as a stream is given it: broken between words if it is a terminal.

    Args:
        stream: where the text goes.
        text: of any number of lines. One with two spaces inside is the row of a table.
    """
    if not stream.isatty():
        return text
    width = shutil.get_terminal_size().columns
    return "\n".join(_broken(line, width) for line in text.split("\n"))


class SentenceFormatter(logging.Formatter):
    """Formats messages for standard error, as `as_shown_on` does."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the message of a record."""
        return as_shown_on(sys.stderr, super().format(record))


def _broken(line: str, width: int) -> str:
    if len(line) <= width or _COLUMNS.search(line):
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
