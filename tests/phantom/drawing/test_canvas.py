"""Soft shapes keep their size, place and mass at every resolution."""

import numpy as np
import pytest

from radtex.phantom.drawing.canvas import Canvas, smooth_path
from radtex.phantom.technique import Positioning

UPRIGHT = Positioning(1.0, 0.0, (0.0, 0.0))
PATH = np.array([[-0.2, 0.3], [0.1, 0.5], [0.2, 0.8]])


def test_pixels_know_their_place_in_the_body() -> None:
    canvas = Canvas(UPRIGHT, 4)
    np.testing.assert_allclose(canvas.u[0], [-0.375, -0.125, 0.125, 0.375])
    np.testing.assert_allclose(canvas.v[:, 0], [0.125, 0.375, 0.625, 0.875])
    assert canvas.pixel == 0.25
    assert Canvas(Positioning(2.0, 0.0, (0.0, 0.0)), 4).pixel == 0.125


def test_folded_and_resting_films_leave_the_film_alone() -> None:
    canvas = Canvas(UPRIGHT, 16)
    u, v = canvas.u.copy(), canvas.v.copy()
    np.testing.assert_array_equal(canvas.folded().u, np.abs(u))
    resting = canvas.resting(0.5)
    np.testing.assert_array_equal(resting.v[v < 0.5], v[v < 0.5])
    np.testing.assert_allclose(resting.v[v > 0.5], 0.5 + 0.4 * (v[v > 0.5] - 0.5), rtol=1e-6)
    np.testing.assert_array_equal(canvas.u, u)
    np.testing.assert_array_equal(canvas.v, v)


def test_an_edge_rises_from_0_to_1_over_its_softness() -> None:
    canvas = Canvas(UPRIGHT, 64)
    distance = np.linspace(-0.2, 0.2, 401)
    edge = canvas.inside(distance, 0.1)
    assert (np.diff(edge) >= 0).all()
    assert edge[distance <= -0.05].max() == 0
    assert edge[distance >= 0.0501].min() == 1
    assert edge[200] == pytest.approx(0.5)
    sharp = canvas.inside(distance, 0.0)  # a pixel is the sharpest edge
    np.testing.assert_array_equal(sharp, canvas.inside(distance, canvas.pixel))


@pytest.mark.parametrize("angle", [0.0, 0.5, -1.2])
def test_the_radius_is_1_on_the_ellipse(angle: float) -> None:
    canvas = Canvas(UPRIGHT, 256)
    r = canvas.radius(0.1, 0.4, 0.5, 0.2, angle)
    assert (r < 1).mean() == pytest.approx(np.pi / 4 * 0.5 * 0.2, rel=0.02)
    end = np.array([0.1 + 0.25 * np.cos(angle), 0.4 + 0.25 * np.sin(angle)])
    nearest = np.argmin((canvas.u - end[0]) ** 2 + (canvas.v - end[1]) ** 2)
    assert r.flat[nearest] == pytest.approx(1, abs=0.05)


def test_a_line_keeps_its_mass_at_every_resolution() -> None:
    mass = [Canvas(UPRIGHT, size).polyline(PATH, 0.006).mean() for size in (64, 128, 256)]
    np.testing.assert_allclose(mass, mass[-1], rtol=0.02)


def test_a_line_has_the_mass_of_its_length_width_and_height() -> None:
    straight = np.array([[0.0, 0.3], [0.0, 0.5], [0.0, 0.7]])
    drawn = Canvas(UPRIGHT, 256).polyline(straight, 0.02, 0.5)
    assert drawn.mean() == pytest.approx(0.4 * 0.02 * 0.5, rel=0.02)
    assert drawn.max() == pytest.approx(0.5, rel=0.1)


def test_what_lies_beside_the_film_is_not_drawn() -> None:
    canvas = Canvas(UPRIGHT, 64)
    assert not canvas.polyline(PATH + np.array([3.0, 0.0]), 0.01).any()
    cut = canvas.polyline(np.array([[0.0, 0.5], [0.3, 0.5], [0.9, 0.5]]), 0.01)
    assert cut.shape == (64, 64)
    assert cut[:, -1].any()


def test_noise_has_unit_deviation_and_one_pattern_at_every_resolution() -> None:
    fields = [Canvas(UPRIGHT, size).noise(np.random.default_rng(7), 12) for size in (64, 128)]
    assert fields[0].std() == pytest.approx(1, abs=0.2)
    coarse = fields[1].reshape(64, 2, 64, 2).mean(axis=(1, 3))
    assert np.corrcoef(coarse.ravel(), fields[0].ravel())[0, 1] > 0.99


def test_a_smooth_path_passes_through_its_corners_and_knows_its_length() -> None:
    points, steps = smooth_path(PATH)
    assert len(points) == len(steps)
    for corner in PATH[:-1]:  # the last is where the last step ends
        assert np.linalg.norm(points - corner, axis=1).min() < 1e-12
    assert steps.sum() == pytest.approx(np.linalg.norm(np.diff(points, axis=0), axis=1).sum(), 0.02)
    straight = np.array([[0.0, 0.0], [0.3, 0.4], [0.6, 0.8]])
    assert smooth_path(straight)[1].sum() == pytest.approx(1)
