import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports import OwnFinding, label_report, label_reports

NOTCHING = OwnFinding(
    "Rib Notching", ("rib notching", "notching|notched of? the? rib", "notched rib"),
    ("smooth rib margin",),
)  # fmt: skip
GERMAN = OwnFinding("Skoliose", ("skoliose",), language="german")
EDEMA_TOO = OwnFinding("Wet Lung", ("edema", "wet lung"))


def state(text: str, finding: OwnFinding = NOTCHING):
    return label_report(text, findings=[finding])[finding.name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is rib notching on the left.", 1),
        ("The heart is enlarged, with notching of the ribs.", 1),
        ("No rib notching.", 0),
        ("No effusion, edema, or rib notching.", 0),
        ("There is no evidence of pneumothorax or notched ribs.", 0),
        ("Rib notching is not seen.", 0),
        ("The rib margins are smooth. Smooth rib margins.", 0),
        ("Possible rib notching.", -1),
        ("Rib notching cannot be excluded.", -1),
        ("The lungs are clear.", None),
        ("INDICATION: rib notching.\nFINDINGS: The lungs are clear.", None),
        ("No rib notching. ADDENDUM: There is rib notching on review.", 1),
        ("Keine Skoliose. Die Lunge ist frei.", None),
    ],
)
def test_the_projects_own_rules_of_negation_reach_it(text, expected):
    assert state(text) == expected


def test_words_are_those_of_one_language():
    assert state("Deutliche Skoliose der Wirbelsäule. Kein Erguss.", GERMAN) == 1
    assert state("Keine Skoliose. Kein Pleuraerguss.", GERMAN) == 0
    assert state("No scoliosis. There is no effusion.", GERMAN) is None


@pytest.mark.parametrize("text", ["Mild edema.", "No edema or effusion.", "Wet lungs, no edema."])
def test_it_changes_no_label_of_the_observations(text):
    plain = label_report(text)
    own = label_report(text, findings=[NOTCHING, EDEMA_TOO])
    assert {name: own[name] for name in plain} == plain
    assert list(own) == [*plain, "Rib Notching", "Wet Lung"]


WORDS = ["no", "edema", "rib", "notching", "or", ",", "possible", "smooth", "margin", "is", "not",
         "seen", ".", "effusion", "notched", "the", "(", "and", "old"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=25))
def test_whatever_is_written_the_observations_stay(words):
    text = " ".join(words)
    plain = label_report(text, "english")
    own = label_report(text, "english", [NOTCHING])
    assert {name: own[name] for name in plain} == plain
    assert own["Rib Notching"] in (1, 0, -1, None)


def test_a_table_has_a_column_for_each():
    table = label_reports(["No rib notching.", "Rib notching."], findings=[NOTCHING])
    assert table["Rib Notching"].tolist() == [0, 1]
    assert table.columns[-1] == "Rib Notching"
