"""How films are taken: positions there and back, and what marks a portable film."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.phantom.technique import Positioning, View, sample_technique

SEEDS = range(300)


@settings(max_examples=50, deadline=None)
@given(
    scale=st.floats(0.5, 2),
    angle=st.floats(-3, 3),
    shift=st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)),
    point=st.tuples(st.floats(-1, 1), st.floats(-1, 2)),
)
def test_positioning_there_and_back(
    scale: float, angle: float, shift: tuple[float, float], point: tuple[float, float]
) -> None:
    positioning = Positioning(scale, angle, shift)
    body = np.array([point])
    np.testing.assert_allclose(positioning.to_body(positioning.to_image(body)), body, atol=1e-9)


def test_positioning_scales_turns_and_shifts_about_the_middle_of_the_body() -> None:
    positioning = Positioning(2.0, math.pi / 2, (0.1, 0.2))
    points = np.array([[0.0, 0.5], [0.1, 0.5]])
    np.testing.assert_allclose(positioning.to_image(points), [[0.6, 0.7], [0.6, 0.9]])


def test_only_portable_films_are_supine_and_magnified() -> None:
    portable = [sample_technique(np.random.default_rng(seed), "AP") for seed in SEEDS]
    upright = [sample_technique(np.random.default_rng(seed), "PA") for seed in SEEDS]
    assert not any(technique.supine or technique.fold for technique in upright)
    assert 0.35 < np.mean([technique.supine for technique in portable]) < 0.65
    assert {technique.fold for technique in portable} == {-1, 0, 1}
    for name in ("magnification", "inspiration", "scatter"):
        means = [np.mean([getattr(each, name) for each in films]) for films in (portable, upright)]
        assert means[0] > means[1]


def test_a_technique_is_a_function_of_its_draws() -> None:
    first, again, other = (sample_technique(np.random.default_rng(n), "AP") for n in (0, 0, 1))
    assert first == again != other


@pytest.mark.parametrize("view", ["PA", "AP"])
def test_margins_and_marker_lie_at_the_edge_of_the_film(view: View) -> None:
    for seed in SEEDS:
        technique = sample_technique(np.random.default_rng(seed), view)
        assert all(0 <= margin < 0.05 for margin in technique.collimation)
        assert technique.marker[0] > 0.85
        assert technique.marker[1] < 0.15
