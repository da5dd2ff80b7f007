import numpy as np
import pytest

from radtex.transfer.protocols.sentences import listed, lone_classes, shares


def test_a_list_is_one_sentence():
    assert listed(["a 1", "b 2"]) == "a 1; b 2."


def test_draws_of_a_lone_class_are_counted():
    held_out = np.array([True, False, True, False])
    assert lone_classes(held_out, "k is 1") == [
        "In 2 of 4 draws a class came from one patient, so that k is 1."
    ]
    assert lone_classes(np.ones(4, np.bool_), "k is 1") == []


def test_shares_are_of_all_values_and_sum_to_1():
    found = shares(np.array([0, 2, 2, 2]), (1e-6, 0.1, 1.0))
    assert found == {"1e-06": 0.25, "0.1": 0, "1": 0.75}
    assert sum(found.values()) == pytest.approx(1)
