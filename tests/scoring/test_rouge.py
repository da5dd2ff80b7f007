"""ROUGE-L agrees with the package rouge-score."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from radtex.scoring.rouge import RougeL, common_subsequence, rouge_l

TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(["No", "effusion,", "1.5", "left-sided", "the."])).map(" ".join),
)
ORACLE = RougeScorer(["rougeL"])


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_f_measure_is_that_of_rouge_score(text: str, reference: str) -> None:
    expected = ORACLE.score(reference, text)["rougeL"].fmeasure
    assert rouge_l(text, reference) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=80), st.lists(st.sampled_from("abc"), max_size=80))
def test_common_subsequence_is_that_of_the_table(a: list[str], b: list[str]) -> None:
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = (
                table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
            )
    assert common_subsequence(a, b) == table[-1][-1]


def test_the_score_of_a_set_is_the_mean_over_its_reports() -> None:
    score, references = RougeL(), ["no effusion", "clear lungs"]
    statistics = score.statistics({"a": ["no effusion", "clear"]}, references)["a"]
    assert score.values(statistics.sum(0)).tolist() == [pytest.approx((1 + 2 / 3) / 2)]
    assert score.columns(statistics)["rouge_l"].tolist() == [1, pytest.approx(2 / 3)]
