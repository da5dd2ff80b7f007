"""Where findings without a header begin."""

import pytest

from radtex.reports import label_report, parse_report
from radtex.reports.length import MOST_CHARACTERS
from radtex.reports.pre_findings import is_title

CLEAR = "The lungs are clear.\n No effusion."


@pytest.mark.parametrize(
    "before",
    [
        "CLINICAL HISTORY: cough. ",
        "COMPARISON: None. ",
        "COMPARISON: ___. ",
        "COMPARISON: Chest radiograph from ___ and CT of the chest dated 3/4/2019. ",
        "TECHNIQUE: Portable AP upright chest radiograph. ",
        "TECHNIQUE: AP portable.\n",
        "INDICATION: Shortness of breath.\n",
        "INDICATION: Shortness of breath\n",
        "REASON FOR EXAM: 64-year-old man with fever,\n rule out pneumonia.\n",
        "REASON FOR EXAM: 64-year-old man with fever.\n Evaluate for pneumonia.\n\n",
        "HISTORY: Fever. Known right effusion. Evaluate for change. ",
        "HISTORY: Fever.\n\n Question pneumonia.\n\n",
        "HISTORY:\n - CHF\n - right pleural effusion\n - s/p CABG\n\n",
        "HISTORY: 1. CHF.\n 2. COPD.\n 3. Pneumonia.\n\n",
        "HISTORY: Chest pain. No known lung disease.\n\n",
        "HISTORY: Is there a pneumothorax?\n",
        "HISTORY: Fall.\n\n CHEST, TWO VIEWS:\n\n ",
        "HISTORY: Fall.\n\n SINGLE FRONTAL VIEW OF THE CHEST\n\n ",
        "HISTORY: Fall.\n SINGLE FRONTAL VIEW OF THE CHEST.\n ",
        "HISTORY: Fall.\n\n AP chest compared to ___:\n\n ",
        "HISTORY: Fall.\n\n Comparison is made with the prior\n study of ___. ",
        "HISTORY: Fall.\n\n Portable AP radiograph was reviewed in comparison to ___.\n\n ",
        "PORTABLE CHEST OF ___\n\n COMPARISON: ___ radiograph.\n\n ",
        "FINAL REPORT\n AP CHEST, 5:43 A.M., ___\n\n HISTORY: Line placement.\n\n ",
        "AP CHEST, 5:43 A.M., ___\n\n ",
        "DIAGNOSIS: CHF.\n\n ",
        "EXAM: CXR\nORDERED BY: Dr. Smith\n\n COMPARISON: None\n ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", [str, lambda text: text.replace("\n", "\r\n")])
def test_the_body_begins_behind_the_rest(before, form):
    report = parse_report(form(before + CLEAR))
    assert " ".join(report.section("findings").split()) == " ".join(CLEAR.split())
    labels = label_report(form(before + CLEAR))
    assert (labels["Pleural Effusion"], labels["Lung Opacity"], labels["Pneumonia"]) == (0, 0, 0)


@pytest.mark.parametrize(
    "report",
    [
        "INDICATION: Fever. Cough. History of pleural effusion.",
        "INDICATION: 64M with CHF. Right effusion on CT.\n\nIMPRESSION: Normal.",
        "HISTORY: Fever.\n\nFINDINGS: Clear.",
        "HISTORY: CHF.\n\nPatient with pleural effusion and fever.\n\nFINDINGS: Clear.",
        "REASON: rule out pneumonia, effusion seen on US\nCXR: Normal.",
        "INDICATION: Right pneumothorax.\nFINDINGS: None.",
        "HISTORY: Dyspnea.\n Cough for three days.\n\nIMPRESSION: Normal.",
        "HISTORY: Intubation.\nTECHNIQUE: AP. Lordotic positioning.\n\nIMPRESSION: Normal.",
    ],
)
def test_what_is_before_the_findings_never_enters_them(report):
    parsed = parse_report(report)
    assert parsed.section("findings") in ("", "Clear.", "None.", "Normal.")


@pytest.mark.parametrize(
    ("report", "findings"),
    [
        ("HISTORY: Fall.\n\n As compared to the previous radiograph, the effusion has increased.",
         "As compared to the previous radiograph, the effusion has increased."),
        ("COMPARISON: Compared to ___, the effusion has increased.",
         "Compared to ___, the effusion has increased."),
        ("HISTORY: Fall.\n\n PA and lateral views were obtained\n and show clear lungs.",
         "PA and lateral views were obtained\n and show clear lungs."),
        ("HISTORY: Fall.\n\n No acute process.\n\n IMPRESSION: Normal.", "No acute process."),
        ("COMPARISON: ___.\n\n Lines are unchanged.\n\nFINDINGS: Clear.",
         "Lines are unchanged.\n\nClear."),
        ("history: cough. the lungs are clear. no effusion.", "the lungs are clear. no effusion."),
        ("HISTORY: LINE. THE LUNGS ARE CLEAR.", "THE LUNGS ARE CLEAR."),
        ("Mercy Hospital\nRadiology\n\nThe lungs are clear.\n\nIMPRESSION: Normal.",
         "The lungs are clear."),
        ("Motivo: tos. Sin derrame pleural.", "Sin derrame pleural."),
        ("Klinik: Husten.\nKein Erguss.", "Kein Erguss."),
        ("PORTABLE CHEST\n", ""),
    ],
)  # fmt: skip
def test_findings_without_a_header(report, findings):
    assert parse_report(report).section("findings") == findings


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("CHEST, TWO VIEWS", True),
        ("Portable AP chest of ___, 5:43 a.m.", True),
        ("Chest clear", False),
        ("Two of three", False),
        ("", False),
    ],
)
def test_titles_name_a_view_and_nothing_else(line, title):
    assert is_title(line) is title


@pytest.mark.parametrize("piece", ["a. ", "HISTORY: a. b\n", "A\n", "\n \n", "?)", "no lung is. ",
                                   "1. ", "Compared to ", "PA ", ": ", "; findings: "])  # fmt: skip
@pytest.mark.parametrize("before", ["", "HISTORY: ", "COMPARISON: ", "WET READ: "])
def test_hostile_text_is_read_whole(piece, before):
    """In quadratic time this would take an hour."""
    text = before + piece * ((MOST_CHARACTERS - len(before)) // len(piece))
    assert parse_report(text).text == text
