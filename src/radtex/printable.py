"""Text for people: nothing in it commands the terminal, or makes a line that is not there.

Names of files, ids, labels and values of headers come from whoever made the file.
"""

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Marks that change the order in which text is shown."""
_BREAKS = "\u2028\u2029"
_UNPRINTABLE = re.compile(f"[\0-\x09\x0b-\x1f\x7f-\x9f{_BIDI}{_BREAKS}\ud800-\udfff]")
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


def _spelt(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
