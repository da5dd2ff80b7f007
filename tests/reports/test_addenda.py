"""Addenda at the end of findings and impression."""

import pytest

from radtex.reports.addenda import split_addenda, with_headers


@pytest.mark.parametrize(
    ("findings", "impression", "parts"),
    [
        ("a", "b", ("a", "b", "")),
        ("", "", ("", "", "")),
        ("a\n\nADDENDUM: c", "b", ("a", "b", "ADDENDUM: c")),
        (
            "a",
            "b\n\nADDENDUM: c\n\nd\n\nADDENDUM: e",
            ("a", "b", "ADDENDUM: c\n\nd\n\nADDENDUM: e"),
        ),
        ("ADDENDUM: c", "", ("", "", "ADDENDUM: c")),
        ("an ADDENDUM: c", "", ("an ADDENDUM: c", "", "")),
    ],
)
def test_addenda_are_split_off(findings, impression, parts):
    assert split_addenda(findings, impression) == parts


@pytest.mark.parametrize(
    ("findings", "impression", "report"),
    [
        ("a", "b", "FINDINGS:\na\n\nIMPRESSION:\nb"),
        ("", "b\n\nADDENDUM: c", "IMPRESSION:\nb\n\nADDENDUM: c"),
        ("a\n\nADDENDUM: c", "b", "FINDINGS:\na\n\nIMPRESSION:\nb\n\nADDENDUM: c"),
        ("...", "", ""),
        ("ADDENDUM: c", "", "ADDENDUM: c"),
    ],
)
def test_findings_and_impression_make_a_report(findings, impression, report):
    assert with_headers(findings, impression) == report
