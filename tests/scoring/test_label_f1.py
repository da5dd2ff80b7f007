"""F1 of stated findings, against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score

from radtex.findings import CHEXPERT_LABELS
from radtex.generation.label_head import stated_labels
from radtex.scoring.label_f1 import (
    COMPETITION,
    LabelF1,
    label_f1,
    macro_f1,
    macro_f1_absent_as_0,
    micro_f1,
    outcomes,
)


@settings(max_examples=100, deadline=None)
@given(arrays(bool, (2, 9, 5)))
def test_f1_is_that_of_scikit_learn(labels: np.ndarray) -> None:
    written, known = labels
    counts = outcomes(written, known).sum(0)
    stated_by_a_reference = np.flatnonzero(known.any(0))
    if not len(stated_by_a_reference):
        assert np.isnan(macro_f1(counts))
        assert np.isnan(micro_f1(counts))
        return
    macro = f1_score(known, written, labels=stated_by_a_reference, average="macro", zero_division=0)
    assert macro_f1(counts) == pytest.approx(macro)
    whole = f1_score(known, written, average="macro", zero_division=0)
    assert macro_f1_absent_as_0(counts) == pytest.approx(whole)
    assert micro_f1(counts) == pytest.approx(f1_score(known, written, average="micro"))


def test_only_present_counts_as_stated() -> None:
    texts = ["Large left pleural effusion.", "Possible pleural effusion.", "No pleural effusion."]
    column = stated_labels([*texts, texts[0], ""])[:, CHEXPERT_LABELS.index("Pleural Effusion")]
    assert column.tolist() == [True, False, False, True, False]


def test_the_five_are_those_of_the_competition() -> None:
    assert {CHEXPERT_LABELS[column] for column in COMPETITION} == (
        {"Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pleural Effusion"}
    )


def test_a_label_that_no_reference_states_is_undefined() -> None:
    counts = np.zeros((14, 3))
    counts[0], counts[1] = (1, 1, 0), (0, 5, 0)
    by_label = label_f1(counts)
    assert by_label[CHEXPERT_LABELS[0]] == pytest.approx(2 / 3)
    assert np.isnan(by_label[CHEXPERT_LABELS[1]])
    assert macro_f1(counts) == pytest.approx(2 / 3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_sums_of_many_replicates_are_scored_at_once(seed: int) -> None:
    sums = np.random.default_rng(seed).integers(0, 5, (3, 4, 14, 3)).astype(float)
    for index in np.ndindex(3, 4):
        assert macro_f1(sums)[index] == pytest.approx(macro_f1(sums[index]), nan_ok=True)


def test_the_score_counts_the_outcomes_of_each_report_and_label() -> None:
    references = ["Large left pleural effusion.", "Edema. No pleural effusion."]
    texts = ["Pleural effusion. Rib fracture.", "Edema. Pleural effusion."]
    score = LabelF1()
    statistics = score.statistics({"a": texts}, references)["a"]
    assert {name: column.tolist() for name, column in score.columns(statistics).items()} == {
        "labels_true_positive": [1, 1],
        "labels_false_positive": [1, 1],
        "labels_false_negative": [0, 0],
    }
    of_label = score.parts(statistics.sum(0))["label_f1"]
    assert of_label["Pleural Effusion"] == pytest.approx(2 / 3)
    assert np.isnan(of_label["Fracture"])
    values = dict(zip(score.names, score.values(statistics.sum(0)), strict=True))
    macro, macro_five = values["F1 macro, 14 labels"], values["F1 macro, 5 labels"]
    micro, micro_five = values["F1 micro, 14 labels"], values["F1 micro, 5 labels"]
    assert macro == macro_five == pytest.approx((2 / 3 + 1) / 2)
    assert values["F1 macro, 14 labels, absent as 0"] == pytest.approx((2 / 3 + 1) / 14)
    assert values["F1 macro, 5 labels, absent as 0"] == pytest.approx((2 / 3 + 1) / 5)
    assert (micro, micro_five) == (pytest.approx(4 / 6), pytest.approx(4 / 5))
