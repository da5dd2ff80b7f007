from dataclasses import replace

import numpy as np

from radtex.transfer.sampling.by_chance import (
    as_they_come,
    lacks_a_class,
    only_as_they_come,
    sentences_on_choices,
)
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.studies import Studies


def studies(proposed: list[bool]) -> Studies:
    count = 6
    return Studies(
        np.ones((count, 1), np.float32), np.arange(count), np.arange(count), np.array(proposed)
    )


DRAW = Draw(0, 0, 4, np.array([5, 0, 2, 3]), np.ones(4, bool), np.zeros(4, int), False)


def test_studies_that_were_chosen_to_teach_do_not_calibrate() -> None:
    chosen = np.array([True, False, True, False, False, False])
    assert as_they_come(DRAW, chosen).tolist() == [True, False, False, True]
    assert as_they_come(DRAW, np.zeros(0, bool)).all()


def test_a_class_that_is_scarce_is_named() -> None:
    assert lacks_a_class(np.array([True] * 4 + [False] * 9)) == "4 are positive and 5 are needed"
    assert lacks_a_class(np.array([True] * 9)) == "0 are negative and 5 are needed"
    assert lacks_a_class(np.array([True] * 5 + [False] * 5)) == ""
    assert lacks_a_class(np.zeros(0, bool)) == "none is left"


def test_a_test_holds_studies_as_they_come_alone() -> None:
    whole, some = studies([]), studies([True] + [False] * 5)
    assert only_as_they_come(whole) is whole
    assert np.isnan(only_as_they_come(some).labels[:, 0]).tolist() == [True] + [False] * 5


def test_what_was_chosen_is_said() -> None:
    some = studies([True, True] + [False] * 4)
    few = replace(some, labels=np.where(np.arange(6)[:, None] == 0, np.nan, some.labels))
    assert sentences_on_choices(studies([]), studies([])) == []
    of_pool, of_test = sentences_on_choices(few, some)
    assert of_pool.startswith("1 labelled studies of the pool were chosen by `radtex next`")
    assert of_test.startswith("2 studies of the test were not chosen by chance")
