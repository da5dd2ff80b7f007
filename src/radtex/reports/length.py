"""How long a report may be, so that no text holds up the others."""

from radtex.errors import ReportError
from radtex.reports.markup import plain_text

MOST_CHARACTERS = 100_000
"""Of a report without markup, at most: some thirty pages."""

MOST_WITH_MARKUP = 2**20
"""Characters of a report with its markup, at most."""


def bounded_plain_text(text: str) -> str:
    """Return `radtex.reports.markup.plain_text` of a report.

    Raises:
        ReportError: if it is longer than any report, with its markup or without.
    """
    if len(text) > MOST_WITH_MARKUP:
        raise ReportError(
            f"a report has {len(text):,} characters with its markup; expected at most "
            f"{MOST_WITH_MARKUP:,}: see whether it is one report"
        )
    plain = plain_text(text)
    if len(plain) > MOST_CHARACTERS:
        raise ReportError(
            f"a report has {len(plain):,} characters; expected at most {MOST_CHARACTERS:,}: see "
            "whether it is one report"
        )
    return plain
