"""Bones stand where the anatomy says, and a fracture moves one rib."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from radtex.phantom.anatomy import Anatomy
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.drawing.skeleton import bones, draw_fracture
from radtex.phantom.signs import Sign
from radtex.phantom.technique import Positioning


def drawn(canvas: Canvas, anatomy: Anatomy) -> np.ndarray:
    return bones(canvas, anatomy, np.zeros_like(canvas.u))


def test_ribs_repeat_at_their_spacing(anatomy: Anatomy) -> None:
    """Along a column of the lung the ribs alone change with their density and place."""
    canvas = Canvas(Positioning(1.0, 0.0, (0.0, 0.0)), 512)
    bare = dataclasses.replace(anatomy, rib_density=0.0)
    ribs = drawn(canvas, anatomy) - drawn(canvas, bare)
    column = int((0.5 + 0.1) * 512)
    rows = slice(int(0.25 * 512), int(0.7 * 512))
    profile = ribs[rows, column] - ribs[rows, column].mean()
    lags = np.arange(20, 60)
    alike = [np.corrcoef(profile[:-lag], profile[lag:])[0, 1] for lag in lags]
    assert lags[np.argmax(alike)] / 512 == pytest.approx(anatomy.rib_spacing, abs=0.004)


def test_shifting_by_a_whole_spacing_changes_nothing_and_by_half_does(
    canvas: Canvas, anatomy: Anatomy
) -> None:
    whole, half = (bones(canvas, anatomy, np.full_like(canvas.u, by)) for by in (1.0, 0.5))
    plain = drawn(canvas, anatomy)
    middle = (canvas.v > 0.25) & (canvas.v < 0.7)
    np.testing.assert_allclose(whole[middle], plain[middle], atol=0.02)
    assert np.abs(half - plain)[middle].max() > 0.1


def test_the_spine_stands_in_the_midline(canvas: Canvas, anatomy: Anatomy) -> None:
    total = drawn(canvas, anatomy)
    low = canvas.v > 0.9  # below ribs, clavicles and shoulders
    assert total[low & (np.abs(canvas.u - anatomy.midline) < 0.02)].mean() > 0.1
    assert total[low & (np.abs(canvas.u) > 0.06) & (np.abs(canvas.u) < 0.3)].max() < 0.01


def test_a_fracture_displaces_the_outer_fragment_only(
    film: Film, signs_of: Callable[..., list[Sign]]
) -> None:
    sign = signs_of("Fracture")[0]
    draw_fracture(film, sign)
    at = sign.geometry
    outward = sign.direction * (film.canvas.u - at.u)
    near = np.abs(film.canvas.v - at.v) < 0.02
    assert film.rib_shift[near & (outward > 0.01) & (outward < 0.02)].min() > 0.1
    assert not film.rib_shift[outward < -0.01].any()
    gap = near & (np.abs(outward) < 0.005) & (film.ellipse(sign) < 0.5)
    assert film.density[gap].min() < 0
