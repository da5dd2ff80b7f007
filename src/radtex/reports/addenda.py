"""Findings and impression as texts of their own, with addenda at their end."""

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


def with_headers(findings: str, impression: str) -> str:
    """Return the report that findings and impression make, so that it is read as they were."""
    findings, impression, addenda = split_addenda(findings, impression)
    parts = [
        f"{header}:\n{text}"
        for header, text in (("FINDINGS", findings), ("IMPRESSION", impression))
        if any(map(str.isalpha, text))
    ]
    return "\n\n".join((*parts, addenda) if addenda else parts)
