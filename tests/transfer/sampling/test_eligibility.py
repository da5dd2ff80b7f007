from dataclasses import replace

import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.design import Design
from radtex.transfer.sampling.eligibility import (
    Served,
    capacity_of,
    drawable,
    serve,
    too_few_patients,
)
from radtex.transfer.sampling.studies import Studies


def labels_of(positives, negatives, unknown=0, seed=0):
    labels = np.array([1.0] * positives + [0.0] * negatives + [np.nan] * unknown, np.float32)
    return np.random.default_rng(seed).permutation(labels)


def columns(*each):
    length = max(map(len, each))
    padded = [np.pad(one, (0, length - len(one)), constant_values=np.nan) for one in each]
    return np.stack(padded, 1)


def studies(*each, patients=None):
    """Studies of the labels, each of a patient of its own where no patients are given."""
    labels = columns(*each)
    patients = np.arange(len(labels)) if patients is None else patients
    return Studies(labels, patients, np.arange(len(labels)))


def of_one_patient(labels, side):
    """Studies of one target, all of that label of the same patient."""
    patients = np.where(labels == side, len(labels), np.arange(len(labels)))
    return studies(labels, patients=patients)


def design(names, budgets, **other):
    return Design(tuple(names), budgets, **other)


def test_targets_that_cannot_be_served_are_named_with_the_reason():
    pool = studies(labels_of(30, 90), labels_of(4, 90), labels_of(30, 90), labels_of(20, 20))
    test = studies(labels_of(10, 10), labels_of(10, 10), labels_of(90, 9), labels_of(10, 10))
    served = serve(pool, test, design("ABCD", (100, 10)))
    assert served.targets == (0,)
    assert served.excluded == {
        "B": "the pool has positive studies of 4 patients, and 5 are needed",
        "C": "the test has negative studies of 9 patients, and 10 are needed",
        "D": "the pool has 40 definite labels, and the largest budget is 100",
    }


@pytest.mark.parametrize(("side", "called"), [(1, "positive"), (0, "negative")])
def test_a_class_of_one_patient_is_left_out_in_test_and_pool(side, called):
    many, single = studies(labels_of(30, 60)), of_one_patient(labels_of(30, 60), side)
    with pytest.raises(ProtocolError, match=f"test has {called} studies of 1 patient, and 10 are"):
        serve(many, single, design("A", (20,)))
    with pytest.raises(ProtocolError, match=f"pool has {called} studies of 1 patient, and 5 are"):
        serve(single, many, design("A", (20,)))


def test_a_design_may_ask_for_fewer_or_more_patients_in_the_test():
    pool, test = studies(labels_of(30, 90)), studies(labels_of(7, 40))
    asked = design("A", (20,), test_patients=7)
    assert serve(pool, test, asked) == Served((0,), {})
    with pytest.raises(ProtocolError, match="of 7 patients, and 8 are needed"):
        serve(pool, test, replace(asked, test_patients=8))


def test_patients_of_a_class_are_counted_and_not_their_studies():
    labels = np.array([1, 1, 1, 0, 0, np.nan], np.float32)
    patients = np.array([4, 4, 7, 4, 9, 11])
    assert too_few_patients(labels, patients, 2) is None
    assert too_few_patients(labels, patients, 3) == (
        "positive studies of 2 patients, and 3 are needed"
    )


def test_a_budget_larger_than_the_pool_names_the_largest_possible():
    pool = studies(labels_of(30, 90), labels_of(30, 70))
    test = studies(labels_of(20, 20), labels_of(20, 20))
    with pytest.raises(ProtocolError, match="largest possible budget is 120"):
        serve(pool, test, design("AB", (10, 121)))


def test_no_target_left_says_why_for_each():
    pool, test = studies(labels_of(30, 90)), studies(labels_of(9, 90))
    with pytest.raises(ProtocolError, match="A: the test has positive studies of 9 patients"):
        serve(pool, test, design("A", (10,)))


def test_a_balanced_budget_is_limited_by_the_scarcer_class():
    pool = studies(labels_of(60, 90), labels_of(40, 110))
    test = studies(labels_of(20, 20), labels_of(20, 20))
    served = serve(pool, test, design("AB", (10, 100), prevalence="balanced"))
    assert served.targets == (0,)
    assert served.excluded == {
        "B": "the pool has 40 studies of one class, and the largest balanced budget is 100"
    }
    with pytest.raises(ProtocolError, match="largest possible budget is 120"):
        serve(pool, test, design("AB", (10, 121), prevalence="balanced"))


def test_a_shared_budget_is_limited_by_the_studies_with_any_label():
    pool = studies(labels_of(60, 60, 100), labels_of(60, 60, 100, seed=1))
    any_label = int((~np.isnan(pool.labels)).any(1).sum())
    test = studies(labels_of(20, 20), labels_of(20, 20))
    assert any_label > 121
    served = serve(pool, test, design("AB", (10, any_label), sampling="shared"))
    assert served == Served((0, 1), {})
    with pytest.raises(ProtocolError, match=f"largest possible budget is {any_label}"):
        serve(pool, test, design("AB", (10, any_label + 1), sampling="shared"))


def test_capacity_counts_definite_labels_or_twice_the_scarcer_class():
    pool = columns(labels_of(60, 90, 7), labels_of(40, 110))
    assert capacity_of(pool, "natural").tolist() == [150, 150]
    assert capacity_of(pool, "balanced").tolist() == [120, 80]


def test_a_study_is_drawable_if_any_label_is_definite():
    labels = np.array([[1, np.nan], [np.nan, np.nan], [0, 1], [np.nan, 0]], np.float32)
    assert drawable(labels).tolist() == [0, 2, 3]
