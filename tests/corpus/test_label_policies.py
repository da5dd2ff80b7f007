"""What uncertain and blank labels count as."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LABEL_POLICIES, label_policy, policy_of_test
from radtex.errors import CorpusError


def test_an_unknown_policy_is_answered_with_the_known_ones():
    with pytest.raises(CorpusError, match="paper, blank-negative, u-ones, u-zeros"):
        label_policy("u-none")


def test_a_policy_may_take_uncertain_as_another_thing_for_some_labels(tmp_path):
    labels = ("Edema", "Pneumonia")
    index = pd.DataFrame({f"label.{name}": pd.array([1, 0, -1, None], "Int8") for name in labels})
    corpus = Corpus(tmp_path, index, np.zeros((4, 1, 1), np.uint8), {})
    nan = np.nan
    expected = {
        "paper": [[1, 1], [0, 0], [nan, nan], [nan, nan]],
        "blank-negative": [[1, 1], [0, 0], [nan, nan], [0, 0]],
        "u-ones": [[1, 1], [0, 0], [1, 1], [0, 0]],
        "u-zeros": [[1, 1], [0, 0], [0, 0], [0, 0]],
        "uones-mixed": [[1, 1], [0, 0], [1, 0], [0, 0]],
    }
    assert expected.keys() == LABEL_POLICIES.keys()
    for name, values in expected.items():
        found = corpus.labels(labels, label_policy(name))
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, values)


def test_every_policy_stands_in_the_documentation():
    page = (Path(__file__).parents[2] / "docs" / "labels.md").read_text(encoding="utf-8")
    for policy in LABEL_POLICIES.values():
        assert f"| `{policy.name}` | {policy.description} |" in page


@pytest.mark.parametrize("name", LABEL_POLICIES)
def test_a_test_has_no_uncertain_truth_unless_it_is_asked_for(name):
    learnt_by = LABEL_POLICIES[name]
    values = np.array([[1, 1], [0, 0], [-1, -1], [np.nan, np.nan]])
    labels = ("Edema", "Pneumonia")
    found = policy_of_test("definite", learnt_by).definite(values, labels)
    expected = learnt_by.definite(values, labels)
    np.testing.assert_array_equal(found[[0, 1, 3]], expected[[0, 1, 3]])
    assert np.isnan(found[2]).all()
    assert policy_of_test("u-ones", learnt_by) is LABEL_POLICIES["u-ones"]


def test_the_policy_of_a_test_says_what_blank_counts_as():
    told = policy_of_test("definite", LABEL_POLICIES["u-ones"]).description
    assert told == "uncertain labels are left out, blank is absent"
    told = policy_of_test("definite", LABEL_POLICIES["paper"]).description
    assert told == "uncertain and blank labels are left out"
    with pytest.raises(CorpusError, match=r"paper, .* and for a test definite"):
        policy_of_test("hopeful", LABEL_POLICIES["paper"])
