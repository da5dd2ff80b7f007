"""Headers in the text of a report."""

import pytest

from radtex.reports.header_search import VIEW, find_headers


def found(text: str) -> list[tuple[str, str]]:
    return [(header.name, text[header.start : header.end]) for header in find_headers(text)[1:]]


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("Findings - clear", [("findings", "Findings -")]),
        ("FINDINGS- clear", [("findings", "FINDINGS-")]),
        ("Impression – Normal", [("impression", "Impression –")]),
        ("findings - clear", []),
        ("Report:- Clear.", [("findings", "Report:-")]),
        ("- FINDINGS: clear", [("findings", "FINDINGS:")]),
        ("• Findings: clear", [("findings", "Findings:")]),
        ("history: cough. findings: clear.",
         [("indication", "history:"), ("findings", "findings:")]),
        ("History: cough. Its findings: clear.", [("indication", "History:")]),
        ("CHEST, TWO VIEWS: Clear.", [(VIEW, "CHEST, TWO VIEWS:")]),
        ("HISTORY: Fall. PORTABLE AP CHEST: Clear.",
         [("indication", "HISTORY:"), (VIEW, "PORTABLE AP CHEST:")]),
        ("Chest, two views: Clear.", [(VIEW, "Chest, two views:")]),
        ("CXR: Clear.", [(VIEW, "CXR:")]),
        ("AP CHEST, 5:43 A.M.", []),
        ("FINDINGS: a\nCHEST: Clear.", [("findings", "FINDINGS:")]),
        ("WET READ VERSION #2 ___ 2:34 AM", [("wet read", "WET READ VERSION #2 ___ 2:34 AM")]),
        ("ADDENDUM (11/20/2019 10:22 AM): x", [("addendum", "ADDENDUM (11/20/2019 10:22 AM):")]),
        ("ADDENDUM ___: x", [("addendum", "ADDENDUM ___:")]),
        ("Addendum by Dr. X on 3/4/2020: Clear.", [("addendum", "Addendum by Dr. X on 3/4/2020:")]),
        ("Addendum 3/4/2020 10:22 AM\nClear.", [("addendum", "Addendum 3/4/2020 10:22 AM")]),
        ("Addendum Nodule at 5:30", []),
        ("WET READ by Dr. X: Edema.", [("wet read", "WET READ by Dr. X:")]),
        ("*" * 20, [("preamble", "*" * 20)]),
    ],
)  # fmt: skip
def test_headers_and_their_places(text, headers):
    assert found(text) == headers
