"""Organs and their qualities."""

from radtex.reports.grammar.organs import OrgansRead, Said
from radtex.reports.grammar.rule_phrases import Found
from radtex.reports.label_rules import Organ, Quality
from radtex.reports.sections import Span

HEART = Organ({"large": (("Heart", 1),)})
LARGE = Quality("large")


def at(place: int) -> Found:
    return Found((), place, place + 1, Span(place, place + 1))


def test_a_quality_is_said_of_the_organs_before_it() -> None:
    organs = OrgansRead[None]()
    for place in (0, 2):
        assert organs.take_organ(HEART, at(place)) is None
    said = organs.take_quality(LARGE, at(4), None)
    assert [part.span for part in said] == [(0, 5), (2, 5)]


def test_a_quality_waits_for_an_organ_near_it() -> None:
    organs = OrgansRead[str]()
    assert organs.take_quality(LARGE, at(0), "cue") == []
    assert organs.take_organ(HEART, at(2)) == (Said((("Heart", 1),), Span(0, 3)), "cue")
    for place, ended in ((9, False), (1, True)):
        organs = OrgansRead[str]()
        organs.take_quality(LARGE, at(0), "cue")
        if ended:
            organs.end_quality()
        assert organs.take_organ(HEART, at(place)) is None


def test_a_clause_ends_where_organs_have_their_quality() -> None:
    organs = OrgansRead[None]()
    organs.take_organ(HEART, at(0))
    organs.end_clause()
    assert organs.take_quality(LARGE, at(2), None)
    organs.end_clause()
    assert organs.take_quality(LARGE, at(4), None) == []


def test_a_verb_ends_a_list_of_organs() -> None:
    organs = OrgansRead[None]()
    organs.take_organ(HEART, at(0))
    organs.end_list()
    organs.take_organ(HEART, at(5))
    assert len(organs.take_quality(LARGE, at(7), None)) == 1
