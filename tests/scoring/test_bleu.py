"""BLEU agrees with sacrebleu where both define the same thing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU

from radtex.scoring.bleu import Bleu, bleu, bleu_statistics, report_bleu
from radtex.scoring.ngrams import ORDERS, NGrams

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


def test_the_score_has_a_value_and_a_column_for_each_order() -> None:
    texts, references = ["no effusion .", "left"], ["no effusion .", "no left effusion"]
    score = Bleu()
    statistics = score.statistics({"a": texts}, references)["a"]
    pairs = [*zip(texts, references, strict=True)]
    assert statistics.tolist() == _statistics(pairs).tolist()
    values = score.values(np.stack([statistics.sum(0)] * 2))
    assert values.shape == (2, 4)
    assert values[1].tolist() == [bleu(statistics.sum(0), order) for order in ORDERS]
    columns = score.columns(statistics)
    assert [*columns] == ["bleu_1", "bleu_2", "bleu_3", "bleu_4"]
    assert columns["bleu_2"].tolist() == report_bleu(statistics, 2).tolist()
