"""Addenda at the end of findings and impression."""

import pytest

from radtex.reports.addenda import split_addenda


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
