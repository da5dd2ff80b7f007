"""BLEU agrees with sacrebleu where both define the same thing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU

from radtex.scoring.bleu import bleu, bleu_statistics, report_bleu
from radtex.scoring.ngrams import ORDERS, NGrams, tokenize

WORDS = st.sampled_from(["no", "effusion", "pneumothorax", ".", ",", "1.5", "left"])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)
REFERENCES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
PAIRS = st.lists(st.tuples(TEXTS, REFERENCES), min_size=1, max_size=6)


def _statistics(pairs: list[tuple[str, str]]) -> np.ndarray:
    return np.array(
        [bleu_statistics(NGrams.of(a), NGrams.of(b)) for a, b in pairs], dtype=np.float64
    )


@settings(max_examples=150, deadline=None)
@given(PAIRS, st.sampled_from(ORDERS))
def test_bleu_of_a_set_is_that_of_sacrebleu(pairs: list[tuple[str, str]], order: int) -> None:
    oracle = BLEU(max_ngram_order=order, smooth_method="none", tokenize="none", force=True)
    texts, references = zip(*pairs, strict=True)
    expected = oracle.corpus_score(list(texts), [list(references)]).score / 100
    assert bleu(_statistics(pairs).sum(0), order) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(PAIRS, st.sampled_from(ORDERS))
def test_bleu_of_a_report_is_that_of_sacrebleu(pairs: list[tuple[str, str]], order: int) -> None:
    oracle = BLEU(
        max_ngram_order=order,
        smooth_method="exp",
        tokenize="none",
        effective_order=True,
        force=True,
    )
    expected = [oracle.sentence_score(text, [known]).score / 100 for text, known in pairs]
    assert report_bleu(_statistics(pairs), order) == pytest.approx(expected, abs=1e-9)


def test_sums_of_statistics_are_scored_along_the_last_axis() -> None:
    statistics = _statistics([("no effusion .", "no effusion ."), ("left", "no left effusion")])
    assert bleu(statistics, 1).tolist() == pytest.approx([1, np.exp(-2)])


def test_words_are_split_from_punctuation_and_numbers_stay_whole() -> None:
    assert tokenize("Tube 1.5 cm above; No change.") == (
        ["tube", "1.5", "cm", "above", ";", "no", "change", "."]
    )
