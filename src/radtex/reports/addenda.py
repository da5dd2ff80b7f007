"""Addenda at the end of findings or impression."""

import re

ADDENDUM = "ADDENDUM:"
"""What stands before an addendum."""

_FIRST = re.compile(rf"(?:^|\n\n){ADDENDUM} ")


def split_addenda(findings: str, impression: str) -> tuple[str, str, str]:
    """Return findings and impression without the addenda that end them, and these addenda."""
    parts = []
    addenda = []
    for text in (findings, impression):
        first = _FIRST.search(text)
        place = len(text) if first is None else first.start()
        parts.append(text[:place])
        addenda.append(text[place:].strip())
    return parts[0], parts[1], "\n\n".join(filter(None, addenda))
