"""Which findings a report both affirms and denies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.reports import find_mentions, parse_report
from radtex.reports.consistency.contradictions import find_contradictions
from radtex.reports.length import MOST_CHARACTERS


def labels(text: str) -> list[str]:
    return [each.label for each in find_contradictions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No pleural effusion. Moderate right pleural effusion.", "Pleural Effusion"),
        ("Moderate right pleural effusion. No pleural effusion.", "Pleural Effusion"),
        ("No effusion on the left or right. There is an effusion.", "Pleural Effusion"),
        ("Bilateral effusions. No left effusion.", "Pleural Effusion"),
        ("No left effusion or pneumothorax. Left apical pneumothorax.", "Pneumothorax"),
        ("No right pneumothorax, effusion. Small right effusion.", "Pleural Effusion"),
        ("Heart size is normal.\n\nIMPRESSION: Moderate cardiomegaly.", "Cardiomegaly"),
        ("The lungs are clear. Opacity at the left base.", "Lung Opacity"),
        ("There is a nodule. No nodule.", "Lung Lesion"),
        ("Sin derrame pleural. Derrame pleural derecho.", "Pleural Effusion"),
        ("Kein Erguss. Rechtsseitiger Pleuraerguss.", "Pleural Effusion"),
        ("No pleural effusion or edema. Edema. Left effusion.", "Edema Pleural Effusion"),
    ],
)
def test_affirmed_and_denied(text: str, expected: str) -> None:
    assert " ".join(labels(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Right effusion. No left effusion.",
        "No left effusion. There is a pleural effusion.",
        "Trace right effusion, no left effusion.",
        "No left effusion or pneumothorax. Right pneumothorax.",
        "No right pneumothorax, effusion. Small left effusion.",
        "No opacity in the right upper lobe. Opacity in the right lower lobe.",
        "The right lung is clear. Left lung opacity.",
        "No large pleural effusion. Small right pleural effusion.",
        "No new consolidation. Unchanged right consolidation.",
        "Bandlike opacities on the right. The lungs are otherwise clear.",
        "Left basilar atelectasis. The remainder of the lungs are clear.",
        "Possible pneumonia. No pneumonia.",
        "Chest tube in place. No pacemaker wires.",
        "Stable nodule. No mass.",
        "The lungs are clear. There is a calcified nodule.",
        "Streaky opacities. No focal infiltrate.",
        "FINDINGS: Effusion.\n\nADDENDUM: No effusion.",
        "Mild cardiomegaly. No acute cardiopulmonary process.",
        "INDICATION: Pneumothorax.\n\nFINDINGS: No pneumothorax.",
        "Derrame pleural izquierdo. Sin derrame derecho.",
        "Pas de pneumothorax. Pneumothorax.",
        "",
    ],
)
def test_what_agrees(text: str) -> None:
    assert labels(text) == []


def test_it_says_where() -> None:
    text = "<b>No</b> pleural effusion. Moderate right pleural effusion."
    (found,) = find_contradictions(text)
    words = parse_report(text).text
    assert words[slice(*found.denied)] == "pleural effusion"
    assert words[slice(*found.affirmed)] == "pleural effusion"
    assert found.denied.start < words.index("Moderate") < found.affirmed.start


FINDINGS = ("effusion", "pneumothorax", "edema", "cardiomegaly")
SENTENCES = st.tuples(
    st.sampled_from(["no", "there is", "possible"]),
    st.sampled_from(["", "left", "right", "bilateral"]),
    st.sampled_from(FINDINGS),
)


@given(st.lists(SENTENCES, max_size=6))
def test_equals_sets_of_places_that_are_compared_two_by_two(
    sentences: list[tuple[str, str, str]],
) -> None:
    """A finding is somewhere; a denial is of all the places it names."""
    sides = {"": {"left", "right"}, "bilateral": {"left", "right"}}

    def contradict(affirmed: str, denied: str) -> bool:
        nowhere = sides.get(denied, {denied})
        here = sides.get(affirmed, {affirmed})
        return here <= nowhere or (affirmed == "bilateral" and bool(here & nowhere))

    expected = {
        finding
        for how, side, finding in sentences
        for other, denied, same in sentences
        if (how, other) == ("there is", "no") and finding == same and contradict(side, denied)
    }
    text = " ".join(f"{' '.join(filter(None, words))}." for words in sentences)
    found = find_contradictions(text, "english")
    mentions = find_mentions(text, "english")
    names = {text[at.start : at.end]: at.label for at in mentions}
    assert {each.label for each in found} == {names[finding] for finding in expected}


@pytest.mark.parametrize("piece", ["no left effusion right effusion ", "no effusion, left , "])
def test_a_hostile_text_ends(piece: str) -> None:
    """A sentence as long as a report, which quadratic work would not get through."""
    find_contradictions(piece * (MOST_CHARACTERS // len(piece)), "english")
