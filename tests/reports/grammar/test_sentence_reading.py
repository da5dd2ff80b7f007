"""How cues reach observations, without any marks."""

from radtex.reports.grammar.outlook import Outlook
from radtex.reports.grammar.rule_phrases import Found
from radtex.reports.grammar.sentence_reading import Reading
from radtex.reports.label_rules import Cue, Mark, Rule, Term
from radtex.reports.sections import Span


class Unmarked(Reading):
    def _take_mark(self, mark: Mark, phrase: Found, ahead: Outlook) -> None:
        raise AssertionError((mark, phrase, ahead))


def read(*rules: tuple[Rule, ...], named: bool = False) -> Unmarked:
    reading = Unmarked()
    for place, at in enumerate(rules):
        ahead = Outlook(False, named, False, False, 0)
        reading.take_phrase(Found(at, place, place + 1, Span(place, place + 1)), ahead)
    return reading


EDEMA = (Term((("Edema", 1),)),)
DENIED, DOUBTED, ASKED = (Cue(state, "before") for state in (0, -1, None))


def test_a_cue_reaches_what_follows_and_the_next_replaces_it() -> None:
    states = [said.state for said in read(EDEMA, (DOUBTED,), EDEMA, (DENIED,), EDEMA).statements]
    assert states == [1, -1, 0]


def test_a_doubt_within_a_denial_and_all_within_a_question_change_nothing() -> None:
    assert read((DENIED,), (DOUBTED,), EDEMA).statements[0].state == 0
    assert read((ASKED,), (DENIED,), EDEMA).statements[0].state is None


def test_a_cue_of_both_sides_takes_the_side_where_observations_are() -> None:
    both = (Cue(0, "after"), Cue(0, "before"))
    assert [said.state for said in read(EDEMA, both, EDEMA).statements] == [0, 1]
    assert [said.state for said in read(EDEMA, both, EDEMA, named=True).statements] == [1, 0]
