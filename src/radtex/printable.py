"""Text for people: nothing in it commands the terminal, or makes a line that is not there.

Names of files, ids, labels and values of headers come from whoever made the file.
"""

import re
from collections.abc import Mapping, Sequence

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks that change the order in which text is shown."""
_BREAKS = "\u2028\u2029"
_UNPRINTABLE = re.compile(f"[\0-\x09\x0b-\x1f\x7f-\x9f{_BIDI}{_BREAKS}\ud800-\udfff]")
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_LONGEST_NUMBER = 6
"""Characters of a number that is shown: those of records and dates are longer."""
_IN_ONE_LINE = re.compile(f"{_UNPRINTABLE.pattern[:-1]}\n]")


def printable(text: str) -> str:
    r"""Spell what a terminal would obey instead of show; only line breaks stay.

    That is control characters, marks of the direction of writing, and halves of characters, which
    stand for the bytes of a name that is no UTF-8. Each is spelt as JSON does, so that JSON stays
    what it was.

    Args:
        text: of any number of lines.

    Example:
        >>> printable("a\x1b[2Jb")
        'a\\u001b[2Jb'
    """
    return _UNPRINTABLE.sub(_spelt, text)


def one_line(text: object) -> str:
    """Do the same to a value that is to stay in its line, and spell line breaks too."""
    return _IN_ONE_LINE.sub(_spelt, str(text))


def described(value: object) -> str:
    """Return a value of a file for a message, by its kind and length unless it is a plain word.

    The file may be another than was meant, such as a report: its content is not shown.

    Args:
        value: as YAML or JSON give it.
    """
    if value is None or isinstance(value, bool):
        return repr(value)
    if isinstance(value, int | float):
        return repr(value) if len(repr(value)) <= _LONGEST_NUMBER else "a long number"
    if isinstance(value, str):
        return repr(value) if _WORD.fullmatch(value) else f"a text of {len(value):,} characters"
    if isinstance(value, Mapping):
        return f"{len(value):,} fields"
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return f"a list of {len(value):,}"
    return f"a value of the kind {type(value).__name__}"


def _spelt(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
