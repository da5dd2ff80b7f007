"""The sections of a report."""

import os
import tarfile
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports import parse_report
from radtex.reports.length import MOST_CHARACTERS
from radtex.reports.section_headers import DIAGNOSIS, HEADERS, PREAMBLE, SUMMARY

PHRASES = [phrase for phrases in HEADERS.values() for phrase in phrases]
DIFFERENT = {SUMMARY: "impression", DIAGNOSIS: "impression", "wet read": "findings"}
"""What some become where nothing else is said."""

MIMIC = """                                 FINAL REPORT
 EXAMINATION:  CHEST (PA AND LAT)

 INDICATION:  ___F with new onset ascites  // eval for infection

 TECHNIQUE:  Chest PA and lateral

 COMPARISON:  None.

 FINDINGS: \n \n There is no focal consolidation, pleural effusion or pneumothorax.  No
 findings of pneumonia.

 IMPRESSION: \n \n No acute process.
"""

pieces = st.one_of(
    st.sampled_from(PHRASES),
    st.sampled_from(PHRASES).map(str.capitalize),
    st.sampled_from([":", "\n", "\r\n", " ", ". ", " - ", "_" * 12, "___", "PORTABLE CHEST"]),
    st.text(max_size=8),
)


def names(text: str) -> list[str]:
    return [section.name for section in parse_report(text).sections]


@given(st.lists(pieces, max_size=30).map("".join))
def test_sections_hold_all_of_the_text_once_and_nothing_else(text):
    report = parse_report(text)
    text = report.text
    covered = [0] * len(text)
    for section in report.sections:
        assert section.text == text[slice(*section.span)] == section.text.strip()
        for place in (*range(*section.header), *range(*section.span)):
            covered[place] += 1
    assert all(n == 1 or (n == 0 and c.isspace()) for n, c in zip(covered, text, strict=True))


@pytest.mark.parametrize("phrase", PHRASES)
@pytest.mark.parametrize("form", ["{}: x", "{} : x", "a\n  {}\nx", "a {}: x"])
@pytest.mark.parametrize("case", [str.upper, str.capitalize])
def test_every_header_is_found_in_every_form(phrase, form, case):
    section = parse_report(form.format(case(phrase))).sections[-1]
    names = [name for name, phrases in HEADERS.items() if phrase in phrases]
    name = names[0] if len(names) == 1 else ""
    # What an "a" before it says counts, so that a wet read does not.
    expected = {name, DIFFERENT.get(name, name), "findings" if name == PREAMBLE else name}
    assert section.name in expected
    assert section.text == "x"


@pytest.mark.parametrize(
    "text",
    [
        "There are no findings of pneumonia.",
        "The impression of mass effect\nis due to rotation.",
        "No\nfindings of note.",
        "The following findings: none. Also, in comparison: nothing.",
        "FINDINGS OF HEART FAILURE ARE ABSENT. NO ACUTE\nFINDINGS\nARE SEEN.",
        "IMPRESSION of mass effect.",
        "The EXAM was limited at 4:27 A.M. by motion.",
        "",
        " \n\n ",
    ],
)
def test_a_header_word_inside_a_sentence_is_no_header(text):
    assert names(text) == ["findings" if text.strip() else PREAMBLE]
    assert parse_report(text).section("findings") == text.strip()


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("NDICATION:", "indication"),
        ("IMPRESION:", "impression"),
        ("IMPRESSOIN:", "impression"),
        ("Finding:", "findings"),
        ("FINDINGSS:", "findings"),
        ("CONCLUSION:", "impression"),
        ("HISTORY:", "indication"),
        ("REASON  FOR\tEXAM:", "indication"),
        ("FINDINGS AND IMPRESSION:", "findings"),
        ("OTHER FINDINGS:", "findings"),
        ("RECOMMENDATION(S):", "recommendation"),
        ("IMPRESSION -", "impression"),
        ("IMPRESSION", "impression"),
    ],
)
def test_headers_in_other_words_and_misspelt(header, name):
    (section,) = parse_report(f" {header} 1. Clear lungs").sections
    assert (section.name, section.text) == (name, "1. Clear lungs")


@pytest.mark.parametrize("word", ["EXPRESSION:", "DEPRESSION:", "COMPRESSION:", "HISTOLOGY:"])
def test_another_word_is_no_misspelt_header(word):
    assert names(f"{word} no") == ["findings"]


def test_a_report_of_mimic_cxr():
    section = parse_report(MIMIC).section
    assert section("indication") == "___F with new onset ascites  // eval for infection"
    assert section("findings").endswith("effusion or pneumothorax.  No\n findings of pneumonia.")
    assert section("impression") == "No acute process."
    assert names(MIMIC) == [PREAMBLE, "examination", "indication", "technique", "comparison",
                            "findings", "impression"]  # fmt: skip


def test_a_report_in_one_line():
    report = parse_report("FINAL REPORT INDICATION: ___F, SOB FINDINGS: Clear. Impression: Well.")
    found = [report.section(name) for name in ("indication", "findings", "impression")]
    assert found == ["___F, SOB", "Clear.", "Well."]


def test_what_an_addendum_says_stands_apart():
    body = "FINDINGS: A small nodule.\n IMPRESSION: Nodule.\n"
    above = f"FINAL REPORT\n ADDENDUM  Seen again.\n IMPRESSION: Scar.\n{'_' * 70}\n FINAL REPORT\n"
    below = "ADDENDUM: Seen again.\n IMPRESSION: Scar.\n"
    for report in (parse_report(above + body), parse_report(body + below)):
        assert report.section("impression") == "Nodule."
        assert report.section("addendum") == "Seen again."
        assert [s.text for s in report.sections if s.addendum] == ["Seen again.", "Scar."]
    assert parse_report("FINDINGS: Nodule.\n" + below).section("impression") == "Scar."


def test_a_section_that_occurs_twice_is_joined():
    assert parse_report("FINDINGS: a\nIMPRESSION: b\nFINDINGS: c").section("findings") == "a\n\nc"


def test_a_wet_read_is_no_part_of_the_findings():
    text = f"WET READ: ___ 9 PM\n No effusion.\n{'_' * 70}\n FINAL REPORT\n FINDINGS: Effusion.\n"
    assert parse_report(text).section("findings") == "Effusion."


def test_a_report_in_the_form_of_chexpert_plus():
    text = (
        "NARRATIVE:\nRADIOGRAPHIC EXAMINATION OF THE CHEST: 1-25-02\n \nCLINICAL HISTORY: Cough."
        "\n \nCOMPARISON: None.\n \nPROCEDURE COMMENTS: One view.\n \nIMPRESSION:\n \n1.  Clear.\n"
        " \nSUMMARY: 1-NORMAL\n \nACCESSION NUMBER:\nABC\n"
    )
    report = parse_report(text)
    assert report.section("impression") == "1.  Clear."
    assert report.section("findings") == ""
    assert report.section("indication") == "Cough."
    assert report.section("examination") == "1-25-02"


def test_the_title_of_a_view_begins_the_findings_where_nothing_else_does():
    titled = "PA AND LATERAL CHEST, 4:27 A.M.: The lungs are clear.\n IMPRESSION: Well."
    assert parse_report(titled).section("findings") == "The lungs are clear."
    other = "PORTABLE CHEST: Done at bedside today.\nFINDINGS: Clear."
    assert parse_report(other).section("findings") == "Clear."
    inside = "FINDINGS:\nCHEST: The lungs are clear.\nABDOMEN: Soft."
    assert parse_report(inside).section("findings") == inside.removeprefix("FINDINGS:\n")


@pytest.mark.parametrize("piece", ["a:", "A B C:\n", "FINDINGS: ", "NDICATION:\n", ":", "\n \n x"])
def test_hostile_text_is_read_whole(piece):
    """In quadratic time this would take an hour."""
    text = piece * (MOST_CHARACTERS // len(piece))
    report = parse_report(text)
    spans = (span for section in report.sections for span in (section.header, section.span))
    read = "".join(text[slice(*span)] for span in spans)
    assert "".join(read.split()) == "".join(text.split())


@cache
def openi_sections() -> list[dict[str, str]]:
    if "RADTEX_DATA" not in os.environ:
        pytest.skip("RADTEX_DATA names no folder of real reports")
    archive = Path(os.environ["RADTEX_DATA"]) / "openi" / "NLMCXR_reports.tgz"
    with tarfile.open(archive) as tar:
        files = [tar.extractfile(member) for member in tar if member.name.endswith(".xml")]
        return [
            {text.get("Label"): (text.text or "").strip() for text in tree.iter("AbstractText")}
            for tree in (ElementTree.parse(file) for file in files)
        ]


@pytest.mark.parametrize("form", ["{}: {}\n", "\n {}:\n {}\n", " {}\n{}\n\n", "{}: {} "])
def test_the_sections_of_open_i_come_back(form):
    """Some hold a header in themselves, as in "INDICATION: INDICATION: cough".

    Five have their findings under another header, and some have entities.
    """
    reports = openi_sections()
    different = [
        sections
        for sections in reports
        for report in [parse_report("".join(form.format(*item) for item in sections.items()))]
        if any(report.section(name.lower()) != body for name, body in sections.items())
    ]
    assert len(reports) == 3955
    assert len(different) <= 36
