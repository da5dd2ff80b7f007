"""Bounds of options."""

import pytest

from radtex.bounds import Above, AtLeast, AtMost, Bound


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
