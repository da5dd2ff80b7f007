from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.errors import CorpusError
from radtex.findings import finding_of, target_names


@pytest.fixture
def graded(tmp_path):
    grades = pd.array([0, 1, 2, 3, None], dtype="Int8")
    plain = pd.array([1, 0, -1, None, 0], dtype="Int8")
    index = pd.DataFrame({"label.Edema Severity": grades, "label.Mass": plain})
    return Corpus(tmp_path / "graded", index, np.zeros((5, 2, 2), np.uint8), {})


def test_the_set_edema_is_three_comparisons():
    assert target_names(["edema"]) == ("Edema 0 v 123", "Edema 01 v 23", "Edema 012 v 3")


@pytest.mark.parametrize("policy", ["paper", "blank-negative", "u-ones"])
def test_each_comparison_cuts_the_grades_and_leaves_the_ungraded_out(graded, policy):
    labels = graded.labels(target_names(["edema"]), LABEL_POLICIES[policy])
    nan = np.nan
    expected = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [nan, nan, nan]]
    np.testing.assert_array_equal(labels, np.array(expected, np.float32))


def test_comparisons_stand_beside_other_labels_in_the_order_given(graded):
    labels = graded.labels(["Edema 01 v 23", "Mass", "Edema 0 v 123"], LABEL_POLICIES["u-zeros"])
    nan = np.nan
    expected = [[0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 0, 1], [nan, 0, nan]]
    np.testing.assert_array_equal(labels, np.array(expected, np.float32))


def test_a_corpus_without_grades_is_refused_with_the_remedy(graded):
    without = replace(graded, index=graded.index.drop(columns="label.Edema Severity"))
    with pytest.raises(CorpusError, match=r"has no Edema Severity, .* with --severity"):
        without.labels(target_names(["edema"]), LABEL_POLICIES["paper"])


def test_grades_themselves_are_refused_with_the_remedy(graded):
    with pytest.raises(CorpusError, match="the set `edema`"):
        graded.labels(["Edema Severity"], LABEL_POLICIES["paper"])


def test_all_labels_of_edema_are_about_one_finding():
    assert {finding_of(n) for n in ("Edema", "Edema Severity", "Edema 01 v 23")} == {"Edema"}
    assert finding_of("Mass") == "Mass"
