"""Where the mentions of a sentence are, and which of them are narrowed."""

import pytest

from radtex.reports.consistency.places import Place, Reading, read_places
from radtex.reports.labeling import read_report, sentence_mentions
from radtex.reports.word_forms import Language


def read(sentence: str, language: Language = "english") -> dict[str, Reading]:
    ((forms,),) = ([each.forms for each in part] for part in read_report(sentence, language)[0])
    mentions = sentence_mentions(forms, language)
    readings = read_places(forms, mentions, language)
    return {mention.label: reading for mention, reading in zip(mentions, readings, strict=True)}


def place(*names: str) -> Place:
    sides = frozenset(names) & {"left", "right"}
    return Place(sides, frozenset(names) - sides)


@pytest.mark.parametrize(
    ("sentence", "effusion", "other"),
    [
        ("right effusion and left pneumothorax", ["right"], ["left"]),
        ("effusion on the right and pneumothorax", ["right"], ["right"]),
        ("effusion on the right, pneumothorax on the left", ["right"], ["left"]),
        ("effusion and pneumothorax at the left apex", ["left", "upper"], ["left", "upper"]),
        ("no left effusion, pneumothorax, or edema", ["left"], ["left"]),
        ("left effusion, no pneumothorax", ["left"], []),
        ("left hydropneumothorax", ["left"], ["left"]),
        ("bibasilar effusion but no pneumothorax", ["left", "right", "lower"], []),
        ("effusion", [], []),
    ],
)
def test_places(sentence: str, effusion: list[str], other: list[str]) -> None:
    found = read(sentence)
    assert found["Pleural Effusion"].place == place(*effusion)
    if "Pneumothorax" in found:
        assert found["Pneumothorax"].place == place(*other)


@pytest.mark.parametrize(
    ("sentence", "narrowed"),
    [
        ("no large effusion", True),
        ("no new consolidation or effusion", True),
        ("large effusion is not seen", True),
        ("the lungs are otherwise free of effusion", True),
        ("no effusion", False),
        ("no effusion, large heart", False),
        ("large heart, no effusion", False),
    ],
)
def test_narrow_denials(sentence: str, narrowed: bool) -> None:
    assert read(sentence)["Pleural Effusion"].narrowed is narrowed


def test_other_languages() -> None:
    assert read("Rechtsseitiger Pleuraerguss", "german")["Pleural Effusion"].place == place("right")
    assert read("sin derrame bilateral", "spanish")["Pleural Effusion"].place == place(
        "left", "right"
    )


def test_what_a_denial_excludes() -> None:
    everywhere, left, upper = place(), place("left"), place("left", "upper")
    assert everywhere.excludes(left)
    assert everywhere.excludes(everywhere)
    assert place("left", "right").excludes(everywhere)
    assert left.excludes(upper)
    assert left.excludes(place("left", "right"))
    assert not left.excludes(everywhere)
    assert not left.excludes(place("right"))
    assert not upper.excludes(place("left", "lower"))
    assert not upper.excludes(left)
