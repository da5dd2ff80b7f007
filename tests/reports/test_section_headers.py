"""The words that head sections."""

import pytest

from radtex.reports.section_headers import HEADERS, section_name


def test_no_header_names_two_sections():
    phrases = [phrase for phrases in HEADERS.values() for phrase in phrases]
    assert len(set(phrases)) == len(phrases)
    assert all(phrase == phrase.upper() and phrase.isascii() for phrase in phrases)


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("Indicación", "indication"),
        ("INDICACIO\u0301N", "indication"),
        ("DATOS CLÍNICOS", "indication"),
        ("Técnica", "technique"),
        ("Nachträge", ""),
        ("Ergänzung", "addendum"),
        ("KLINISCHE FRAGESTELLUNG", "indication"),
        ("Beurteilung", "impression"),
        ("[FINDINGS]", "findings"),
        ("=== FINDINGS ===", "findings"),
        ("Addendum #2", "addendum"),
        ("ADDENDUM 1", "addendum"),
        ("IMPRESSION 1", ""),
        ("RECOMMENDATION(S)", "recommendation"),
        ("clinical   details", "indication"),
        ("IMPR", "impression"),
        ("FINDINGS of", ""),
        ("", ""),
        ("X" * 10_000, ""),
    ],
)
def test_names_of_sections(phrase, name):
    assert section_name(phrase) == name


def test_a_wrong_letter_is_forgiven_on_demand():
    assert section_name("IMPRESSOIN") == ""
    assert section_name("IMPRESSOIN", misspelt=True) == "impression"
    assert section_name("HSTORY", misspelt=True) == ""
    assert section_name("EXPRESSION", misspelt=True) == ""
