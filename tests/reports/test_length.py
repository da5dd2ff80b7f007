"""A text that is longer than any report is refused before it is read."""

import pytest

from radtex.errors import ReportError
from radtex.reports import label_report, parse_report
from radtex.reports.length import MOST_CHARACTERS, MOST_WITH_MARKUP, bounded_plain_text


def test_the_longest_report_is_read() -> None:
    text = ("No edema. " * MOST_CHARACTERS)[:MOST_CHARACTERS]
    assert bounded_plain_text(text) == text
    assert label_report(text)["Edema"] == 0


@pytest.mark.parametrize("read", [bounded_plain_text, parse_report, label_report])
def test_one_character_more_is_refused(read: object) -> None:
    assert callable(read)
    with pytest.raises(ReportError, match="a report has 100,001 characters; expected at most"):
        read("a" * (MOST_CHARACTERS + 1))


def test_markup_does_not_count() -> None:
    picture = "{\\pict " + "0" * (MOST_WITH_MARKUP // 2) + "}"
    assert bounded_plain_text("{\\rtf1 No edema." + picture + "}").strip() == "No edema."


def test_markup_without_end_is_refused_before_it_is_undone() -> None:
    with pytest.raises(ReportError, match="with its markup"):
        bounded_plain_text("<b></b>" * MOST_WITH_MARKUP)
