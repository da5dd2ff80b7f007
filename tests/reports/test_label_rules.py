"""The labeler's rules as they are read from their files."""

from collections.abc import Iterator
from importlib.resources import files

import pytest
import yaml

from radtex.findings import CHEXPERT_LABELS, NO_FINDING
from radtex.reports.label_rules import ABNORMALITY, Cue, Node, Organ, Quality, Rule, Term, rule_tree
from radtex.reports.language_detection import LANGUAGES
from radtex.reports.word_forms import Language, base_form


def rules(phrase: str) -> tuple[Rule, ...]:
    node = rule_tree("english")
    for word in phrase.split():
        node = node.following[word]
    return node.rules


def every_rule(node: Node) -> Iterator[Rule]:
    yield from node.rules
    for following in node.following.values():
        yield from every_rule(following)


def test_the_tree_is_read_once() -> None:
    assert rule_tree("english") is rule_tree("english")


def test_a_term_claims_its_observations() -> None:
    assert rules("cardiomegaly") == (Term((("Cardiomegaly", 1),)),)
    (both,) = rules("hydropneumothorax")
    assert isinstance(both, Term)
    assert set(both.claims) == {("Pneumothorax", 1), ("Pleural Effusion", 1)}


def test_a_decoy_claims_nothing() -> None:
    patterns = yaml.safe_load(
        (files("radtex.reports") / "labels" / "english" / "decoys.yaml").read_text(encoding="utf-8")
    )
    plain = [pattern for pattern in patterns if not set("|?") & set(pattern)]
    assert plain
    for pattern in plain:
        assert Term(()) in rules(pattern)


def test_a_pattern_stands_for_each_choice_with_and_without_what_may_be_left_out() -> None:
    """`heart size?` and `no evidence of|for`."""
    for phrase in ("heart", "heart size"):
        assert any(isinstance(rule, Organ) for rule in rules(phrase))
    for phrase in ("no evidence of", "no evidence for"):
        assert Cue(0, "before") in rules(phrase)


def test_what_a_cue_makes_unstated_has_no_state() -> None:
    assert Cue(None, "before") in rules("history of")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_observation_is_claimed_and_no_other(language: Language) -> None:
    claimed: set[str] = set()
    for rule in every_rule(rule_tree(language)):
        match rule:
            case Term(claims):
                claimed.update(label for label, _ in claims)
            case Organ(by_quality):
                claimed.update(label for claims in by_quality.values() for label, _ in claims)
    assert claimed == {*CHEXPERT_LABELS, ABNORMALITY} - {NO_FINDING}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_quality_belongs_to_an_organ(language: Language) -> None:
    every = [*every_rule(rule_tree(language))]
    qualities = {rule.phrase for rule in every if isinstance(rule, Quality)}
    of_organs = {quality for rule in every if isinstance(rule, Organ) for quality in rule.claims}
    assert qualities == of_organs


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_written_as_a_text_is_read(language: Language) -> None:
    def words(node: Node) -> Iterator[str]:
        for word, following in node.following.items():
            yield word
            yield from words(following)

    found = set(words(rule_tree(language)))
    assert found == {base_form(word.lower(), language) for word in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_of_a_language_hold_words_alone(language: Language) -> None:
    """YAML takes an unquoted no for a truth value."""

    def leaves(part: object) -> Iterator[object]:
        if isinstance(part, dict):
            for inner in part.values():
                yield from leaves(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from leaves(inner)
        else:
            yield part

    folder = files("radtex.reports") / "labels" / language
    for file in folder.iterdir():
        if file.name.endswith(".yaml"):
            held = yaml.safe_load(file.read_text(encoding="utf-8"))
            assert all(isinstance(leaf, str) for leaf in leaves(held)), file.name
