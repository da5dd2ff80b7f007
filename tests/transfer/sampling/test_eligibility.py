import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.sampling.eligibility import Served, capacity_of, drawable, serve


def labels_of(positives, negatives, unknown=0, seed=0):
    labels = np.array([1.0] * positives + [0.0] * negatives + [np.nan] * unknown, np.float32)
    return np.random.default_rng(seed).permutation(labels)


def columns(*each):
    length = max(map(len, each))
    padded = [np.pad(one, (0, length - len(one)), constant_values=np.nan) for one in each]
    return np.stack(padded, 1)


def test_targets_that_cannot_be_served_are_named_with_the_reason():
    pool = columns(labels_of(30, 90), labels_of(4, 90), labels_of(30, 90), labels_of(20, 20))
    test = columns(labels_of(10, 10), labels_of(10, 10), labels_of(90, 9), labels_of(10, 10))
    served = serve(["A", "B", "C", "D"], pool, test, (10, 100))
    assert served.targets == (0,)
    assert served.excluded == {
        "B": "the pool has 4 studies of one class, and 5 are needed",
        "C": "the test has 9 studies of one class, and 10 are needed",
        "D": "the pool has 40 definite labels, and the largest budget is 100",
    }


def test_a_budget_larger_than_the_pool_names_the_largest_possible():
    pool, test = (
        columns(labels_of(30, 90), labels_of(30, 70)),
        columns(labels_of(20, 20)).repeat(2, 1),
    )
    with pytest.raises(ProtocolError, match="largest possible budget is 120"):
        serve(["A", "B"], pool, test, (10, 121))


def test_no_target_left_says_why_for_each():
    pool, test = columns(labels_of(30, 90)), columns(labels_of(9, 90))
    with pytest.raises(ProtocolError, match="A: the test has 9 studies of one class"):
        serve(["A"], pool, test, (10,))


def test_a_balanced_budget_is_limited_by_the_scarcer_class():
    pool = columns(labels_of(60, 90), labels_of(40, 110))
    test = columns(labels_of(20, 20)).repeat(2, 1)
    served = serve(["A", "B"], pool, test, (10, 100), prevalence="balanced")
    assert served.targets == (0,)
    assert served.excluded == {
        "B": "the pool has 40 studies of one class, and the largest balanced budget is 100"
    }
    with pytest.raises(ProtocolError, match="largest possible budget is 120"):
        serve(["A", "B"], pool, test, (10, 121), prevalence="balanced")


def test_a_shared_budget_is_limited_by_the_studies_with_any_label():
    pool = columns(labels_of(60, 60, 100), labels_of(60, 60, 100, seed=1))
    any_label = int((~np.isnan(pool)).any(1).sum())
    test = columns(labels_of(20, 20)).repeat(2, 1)
    assert any_label > 121
    served = serve(["A", "B"], pool, test, (10, any_label), "shared")
    assert served == Served((0, 1), {})
    with pytest.raises(ProtocolError, match=f"largest possible budget is {any_label}"):
        serve(["A", "B"], pool, test, (10, any_label + 1), "shared")


def test_capacity_counts_definite_labels_or_twice_the_scarcer_class():
    pool = columns(labels_of(60, 90, 7), labels_of(40, 110))
    assert capacity_of(pool, "natural").tolist() == [150, 150]
    assert capacity_of(pool, "balanced").tolist() == [120, 80]


def test_a_study_is_drawable_if_any_label_is_definite():
    labels = np.array([[1, np.nan], [np.nan, np.nan], [0, 1], [np.nan, 0]], np.float32)
    assert drawable(labels).tolist() == [0, 2, 3]
