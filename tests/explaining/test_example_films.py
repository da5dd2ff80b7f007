"""Which films are shown of a run."""

from pathlib import Path

import pytest

from radtex.corpus.corpus import Corpus
from radtex.explaining import example_films
from radtex.explaining.attention import present_findings
from radtex.explaining.example_films import Example, choose, find_examples
from radtex.models.run import Run

BOTH = "Large right pleural effusion. Severe cardiomegaly."
EFFUSION, HEART, NOTHING = "Large right pleural effusion.", "Severe cardiomegaly.", "Clear lungs."
MORE = BOTH + " Left pneumothorax."


def films(*pairs: tuple[str, str]) -> list[Example]:
    """Films by what is written and what their own reports say."""
    return [Example(row, text, own) for row, (text, own) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("pairs", "row", "why"),
    [
        ([(MORE, BOTH), (EFFUSION, EFFUSION), (BOTH, BOTH), (BOTH, BOTH)], 2, "two findings, both"),
        ([(EFFUSION, EFFUSION), (HEART, BOTH), (MORE, BOTH)], 2, "two findings or more"),
        ([(HEART, BOTH), (EFFUSION, EFFUSION)], 1, "a finding, named"),
        ([(NOTHING, NOTHING), (HEART, EFFUSION)], 1, "a finding; none has all"),
    ],
)
def test_the_film_that_is_shown_follows_the_best_rule_that_fits(
    pairs: list[tuple[str, str]], row: int, why: str
) -> None:
    shown, _ = choose(films(*pairs))
    assert shown is not None
    assert shown.row == row
    assert shown.why.startswith(why)


def test_the_failure_is_the_first_film_with_a_finding_that_is_missed() -> None:
    _, missed = choose(films((BOTH, BOTH), (NOTHING, NOTHING), (HEART, BOTH), (NOTHING, HEART)))
    assert missed is not None
    assert (missed.row, missed.missed) == (2, ("Pleural Effusion",))


def test_where_no_film_fits_there_is_none() -> None:
    assert choose(films((NOTHING, NOTHING), (HEART, NOTHING))) == (None, None)


def test_each_text_is_read_once_however_often_films_are_chosen_among(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def reads(text: str) -> object:
        read.append(text)
        return present_findings(text)

    monkeypatch.setattr(example_films, "present_findings", reads)
    looked = films((NOTHING, NOTHING), (HEART, EFFUSION), (BOTH, BOTH))
    for most in (1, 2, 3, 3):
        choose(looked[:most])
    assert len(read) == 2 * len(looked)


def test_the_films_of_a_run_are_found_alike_twice(
    writing_run: Path, phantom_corpus: Corpus
) -> None:
    run = Run.open(writing_run)
    found = find_examples(run, phantom_corpus)
    assert found == find_examples(run, phantom_corpus)
    rows = phantom_corpus.rows("test")
    assert found[1] is not None, "a run of a few steps misses findings"
    assert found[1].row in rows
    assert set(found[1].missed) <= found[1].stated
