"""Texts of structured reports, in DICOM's JSON."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.sources.dicomweb.report_documents import MACHINES, SEVERAL, report_of


def value(vr: str, *values: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": list(values)}


def concept(meaning: str, number: str = "1") -> dict[str, Any]:
    return value("SQ", {"00080100": value("SH", number), "00080104": value("LO", meaning)})


def text(words: str, meaning: str = "Finding") -> dict[str, Any]:
    return {
        "0040A040": value("CS", "TEXT"),
        "0040A043": concept(meaning),
        "0040A160": value("UT", words),
    }


def container(meaning: str, *items: Any) -> dict[str, Any]:
    return {
        "0040A040": value("CS", "CONTAINER"),
        "0040A043": concept(meaning),
        "0040A730": value("SQ", *items),
    }


def document(*items: Any, kind: str = "11", when: str = "20240101") -> dict[str, Any]:
    return {
        "00080016": value("UI", f"1.2.840.10008.5.1.4.1.1.88.{kind}"),
        "00080023": value("DA", when),
        **container("Chest X-ray report", *items),
    }


def test_sections_stand_under_their_headings() -> None:
    found = document(
        container("Findings", text("Clear lungs."), text("No effusion.")),
        container("Impression", text("Normal.", "Impression")),
    )
    assert report_of([found]) == ("FINDINGS:\nClear lungs.\nNo effusion.\nIMPRESSION:\nNormal.", ())


def test_a_text_without_a_section_stands_under_its_own_name() -> None:
    assert report_of([document(text("Normal.", "Impression"))]) == ("IMPRESSION:\nNormal.", ())


def test_the_last_of_several_reports_counts() -> None:
    early, late = document(text("One."), when="20240101"), document(text("Two."), when="20240102")
    assert report_of([late, early]) == ("FINDING:\nTwo.", (SEVERAL,))
    assert report_of([early, early]) == ("FINDING:\nOne.", ())


def test_what_a_machine_said_is_no_report() -> None:
    device = {"0040A040": value("CS", "CODE"), "0040A168": concept("Device", "121007")}
    assert report_of([document(device, text("Edema."))]) == ("", (MACHINES,))
    assert report_of([document(text("Edema."), kind="34")]) == ("", ())


def test_what_is_not_complete_is_no_report() -> None:
    assert report_of([document(text("So far.")) | {"0040A491": value("CS", "PARTIAL")}]) == ("", ())


def test_a_document_without_end_ends() -> None:
    deep = text("Deep.")
    for _ in range(500):
        deep = container("Section", deep)
    assert report_of([document(deep)]) == ("", ())


@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["0040A730", "Value", "0040A040", "0040A160", "00080016", "vr"]),
                inner,
            )
        ),
        max_leaves=15,
    ).filter(lambda each: isinstance(each, dict))
)
def test_any_json_is_read_or_left(found: dict[str, Any]) -> None:
    kind = value("UI", "1.2.840.10008.5.1.4.1.1.88.11")
    said, _ = report_of([json.loads(json.dumps(found)) | {"00080016": kind}])
    assert isinstance(said, str)
