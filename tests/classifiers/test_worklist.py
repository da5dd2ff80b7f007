"""The most urgent first, and what has no answer before that."""

import pytest

from radtex.classifiers.prediction import Prediction
from radtex.classifiers.worklist import read_weights, sorted_by_urgency
from radtex.errors import ProtocolError

TARGETS = ("Edema", "Effusion")


def of(name: str, *probabilities: float) -> Prediction:
    return Prediction(name, probabilities or None, None, False, None, "")


def test_urgency_is_the_sum_of_probability_times_weight() -> None:
    listed = sorted_by_urgency(
        [of("a", 0.9, 0.1), of("b", 0.1, 0.4), of("unread"), of("c", 0.0, 0.4)],
        TARGETS,
        {"Edema": 1.0, "Effusion": 5.0},
    )
    assert [each.image for each in listed] == ["unread", "b", "c", "a"]
    assert [each.urgency for each in listed] == [None, pytest.approx(2.1), 2.0, pytest.approx(1.4)]


def test_equals_keep_their_order_and_targets_without_a_weight_count_nothing() -> None:
    listed = sorted_by_urgency([of("a", 0.9, 0.5), of("b", 0.1, 0.5)], TARGETS, {"Effusion": 1.0})
    assert [each.image for each in listed] == ["a", "b"]


def test_weights_are_read() -> None:
    assert read_weights(["Edema=2", "Effusion=0"], TARGETS) == {"Edema": 2.0, "Effusion": 0.0}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (["Edema"], "names no target"),
        (["Hernia=2"], "a target of Edema, Effusion"),
        (["Edema=much"], "has no weight"),
        (["Edema=-1"], "0 or more"),
        (["Edema=nan"], "has no weight"),
        (["Edema=1", "Edema=2"], "twice"),
        (["Edema=0"], "no weight above 0"),
    ],
)
def test_other_entries_are_one_line(entries: list[str], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        read_weights(entries, TARGETS)
