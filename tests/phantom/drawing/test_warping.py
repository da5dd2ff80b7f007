"""A film follows the change of its chest, and stays where nothing changes."""

import dataclasses

import numpy as np
import pytest

from radtex.phantom.anatomy import Anatomy, Array
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.thorax import heart
from radtex.phantom.drawing.warping import warped


@pytest.fixture
def picture(canvas: Canvas) -> Array:
    """A smooth picture with structure everywhere."""
    return np.asarray(120 + 60 * np.sin(11 * canvas.u) * np.cos(9 * canvas.v), np.float32)


def test_a_chest_that_does_not_change_is_not_warped(
    canvas: Canvas, anatomy: Anatomy, picture: Array
) -> None:
    still = warped(picture, canvas, anatomy, anatomy, np.zeros_like(canvas.u))
    np.testing.assert_allclose(still, picture, atol=0.51)


def test_a_descent_moves_content_down(canvas: Canvas, anatomy: Anatomy, picture: Array) -> None:
    rows = 8
    moved = warped(picture, canvas, anatomy, anatomy, np.full_like(canvas.u, rows / canvas.size))
    np.testing.assert_allclose(moved[rows + 2 : -2], picture[2 : -rows - 2], atol=0.51)


def test_the_border_of_the_heart_moves_to_where_the_new_anatomy_has_it(
    canvas: Canvas, anatomy: Anatomy
) -> None:
    after = dataclasses.replace(anatomy, heart_ratio=anatomy.heart_ratio * 1.3)
    film = np.asarray(255 * heart(canvas, anatomy), np.float32)
    moved = warped(film, canvas, anatomy, after, np.zeros_like(canvas.u))
    widths = []
    for image in (film, moved):
        columns = np.flatnonzero((image > 80).any(axis=0))
        widths.append((columns[-1] - columns[0] + 1) / canvas.size)
    right, left = after.heart_borders()
    assert widths[1] > 1.2 * widths[0]
    assert widths[1] == pytest.approx(left - right, abs=0.04)


@pytest.mark.parametrize("dome", [0, 1])
def test_a_raised_dome_lifts_its_own_side_only(canvas: Canvas, anatomy: Anatomy, dome: int) -> None:
    """The picture is each pixel's own height, so that the film says where its content lay."""
    lifted = list(anatomy.dome)
    lifted[dome] -= 0.05
    after = dataclasses.replace(anatomy, dome=(lifted[0], lifted[1]))
    lay = warped(canvas.v.astype(np.float32), canvas, anatomy, after, np.zeros_like(canvas.u))
    side = -1 if dome == 0 else 1
    row = int(lifted[dome] * canvas.size)
    away = side * canvas.u[row] > 0.25
    np.testing.assert_allclose(lay[row, away] - canvas.v[row, away], 0.05, atol=0.008)
    other = side * canvas.u[row] < -0.25
    np.testing.assert_allclose(lay[row, other], canvas.v[row, other], atol=0.002)
