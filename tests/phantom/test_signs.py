"""What is drawn, how often, and the boxes around it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.findings import NINE
from radtex.phantom.signs import (
    CHRONIC,
    COMPANIONS,
    FINDINGS,
    ILL,
    PREVALENCE,
    Shape,
    Sign,
    sample_chronic,
    sample_findings,
    severity_of,
)

DRAWS = 20_000


@pytest.fixture(scope="module")
def drawn() -> list[tuple[str, ...]]:
    """The findings of studies, each of another patient."""
    rng = np.random.default_rng(0)
    return [sample_findings(rng, sample_chronic(rng)) for _ in range(DRAWS)]


def test_every_finding_has_a_rate_and_the_nine_come_first() -> None:
    assert set(PREVALENCE) == set(FINDINGS)
    assert FINDINGS[: len(NINE)] == NINE


def test_severities_are_thirds() -> None:
    strengths = (0.0, 0.33, 0.34, 0.66, 0.67, 1.0)
    expected = ["mild", "mild", "moderate", "moderate", "severe", "severe"]
    assert [severity_of(strength) for strength in strengths] == expected


@pytest.mark.parametrize("name", FINDINGS)
def test_findings_are_drawn_at_their_stated_rates(drawn: list[tuple[str, ...]], name: str) -> None:
    share = np.mean([name in findings for findings in drawn])
    expected = PREVALENCE[name]
    assert abs(share - expected) < 4 * (expected * (1 - expected) / DRAWS) ** 0.5


def test_companions_come_together_as_often_as_stated_in_the_ill(
    drawn: list[tuple[str, ...]],
) -> None:
    """Whoever has a finding that is not chronic is ill, and of those with a chronic one, `ILL`."""
    for (first, second), together in COMPANIONS.items():
        having = [second in findings for findings in drawn if first in findings]
        expected = together * (ILL if first in CHRONIC else 1)
        assert np.mean(having) == pytest.approx(expected, abs=4 * (0.25 / len(having)) ** 0.5)


def test_chronic_findings_stay_and_come_first(drawn: list[tuple[str, ...]]) -> None:
    rng = np.random.default_rng(1)
    assert all(
        set(findings) & set(CHRONIC) == {"Hernia"}
        for findings in (sample_findings(rng, {"Hernia"}) for _ in range(50))
    )
    for findings in drawn:
        chronic = [name in CHRONIC for name in findings]
        assert chronic == sorted(chronic, reverse=True)
        assert len(set(findings)) == len(findings)


@given(
    place=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    axes=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)),
    angle=st.floats(-4, 4),
)
def test_the_corners_are_the_bounds_of_the_turned_ellipse(
    place: tuple[float, float], axes: tuple[float, float], angle: float
) -> None:
    turn = np.linspace(0, 2 * np.pi, 2000)
    x, y = axes[0] / 2 * np.cos(turn), axes[1] / 2 * np.sin(turn)
    u = place[0] + np.cos(angle) * x - np.sin(angle) * y
    v = place[1] + np.sin(angle) * x + np.cos(angle) * y
    corners = Shape(*place, *axes, angle).corners()
    np.testing.assert_allclose(corners.min(axis=0), (u.min(), v.min()), atol=1e-5)
    np.testing.assert_allclose(corners.max(axis=0), (u.max(), v.max()), atol=1e-5)
    assert corners.shape == (4, 2)


def test_a_sign_without_a_side_has_no_direction() -> None:
    shape = Shape(0, 0, 1, 1)
    right, left, none = (
        Sign("Nodule", "round", side, "", "mild", 0.1, shape, 0) for side in ("right", "left", "")
    )
    assert (right.direction, left.direction) == (-1, 1)
    with pytest.raises(KeyError):
        _ = none.direction
