"""Bounds of options."""

from dataclasses import dataclass
from typing import Annotated

import pytest

from radtex.bounds import Above, AtLeast, AtMost, Bound, refuse_out_of_bounds


@pytest.mark.parametrize(
    ("bound", "admitted", "refused", "words"),
    [
        (AtLeast(1), (1, 1.5, 2), (0, 0.99), ">= 1"),
        (Above(0), (1e-9, 2), (0, -1), "> 0"),
        (AtMost(1), (-1, 0.5, 1), (1.01, 2), "<= 1"),
    ],
)
def test_a_bound_admits_what_its_words_say(
    bound: Bound, admitted: tuple[float, ...], refused: tuple[float, ...], words: str
) -> None:
    assert all(bound.admits(value) for value in admitted)
    assert not any(bound.admits(value) for value in refused)
    assert str(bound) == words


@dataclass(frozen=True)
class Options:
    count: Annotated[int, AtLeast(1), AtMost(9)] = 1
    rate: Annotated[float, AtLeast(0)] = 0.5
    name: str = "any"


def test_options_out_of_bounds_are_refused_by_name() -> None:
    refuse_out_of_bounds(Options(2, 1))
    for options, words in (
        (Options(0), "count is 0; expected >= 1"),
        (Options(10), "count is 10; expected <= 9"),
        (Options("many"), "count is 'many', which is no int"),  # type: ignore[arg-type]
        (Options(True), "count is True, which is no int"),
        (Options(1, float("nan")), "rate is nan; expected >= 0"),
    ):
        with pytest.raises(ValueError, match=words):
            refuse_out_of_bounds(options)
