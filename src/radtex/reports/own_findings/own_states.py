"""What a sentence says of a finding that a user defined, by the project's own rules of negation.

The sentence is read by all rules of its language with the finding's words among them, so lists,
denials and doubts reach it as any observation. The 14 observations are read without these words:
defining a finding changes no label of theirs.
"""

from functools import cache, lru_cache

from radtex.reports.grammar.scopes import read_sentence
from radtex.reports.label_rules import Claims, Node, Phrase, State, phrases_of, rule_tree_with
from radtex.reports.label_sentences import in_base_forms
from radtex.reports.own_findings.own_finding import OwnFinding
from radtex.reports.word_forms import base_form

_REMEMBERED = 40
"""Words of a sentence whose meaning is kept, at most: reports repeat their sentences."""


def own_states(forms: tuple[str, ...], finding: OwnFinding) -> tuple[tuple[State, State], ...]:
    """Return what a sentence claims of a finding, and what cues make of each claim.

    Args:
        forms: the words of the sentence.
        finding: what is looked for, in its language.
    """
    words = _words(finding)
    if not any(base_form(form, finding.language) in words for form in forms):
        return ()
    return (_remembered if len(forms) <= _REMEMBERED else _find)(forms, finding)


def _find(forms: tuple[str, ...], finding: OwnFinding) -> tuple[tuple[State, State], ...]:
    known = in_base_forms(forms, finding.language, _words(finding))
    return tuple(
        (claim, statement.state)
        for statement in read_sentence(known, _tree(finding))
        if statement.state is not None
        for label, claim in statement.claims
        if label == finding.name
    )


_remembered = lru_cache(maxsize=1 << 13)(_find)


@cache
def _phrases(finding: OwnFinding) -> dict[Phrase, Claims]:
    sides: tuple[tuple[tuple[str, ...], State], ...] = ((finding.deny, 0), (finding.affirm, 1))
    return {
        phrase: ((finding.name, state),)
        for patterns, state in sides
        for phrase in phrases_of(patterns, finding.language)
    }


@cache
def _words(finding: OwnFinding) -> frozenset[str]:
    return frozenset(word for phrase in _phrases(finding) for word in phrase)


@cache
def _tree(finding: OwnFinding) -> Node:
    return rule_tree_with(finding.language, _phrases(finding))
