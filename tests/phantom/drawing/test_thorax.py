"""The normal chest: organs lie where its numbers say, between no and all of a ray."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from radtex.phantom import sample_study
from radtex.phantom.anatomy import HILUM, SIDES, Anatomy, Side
from radtex.phantom.deformation import deformed
from radtex.phantom.drawing import thorax
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import Sign
from radtex.phantom.technique import Positioning

BOTH: list[Side] = ["right", "left"]


def test_the_drawn_heart_has_the_cardiothoracic_ratio_of_its_label() -> None:
    canvas = Canvas(Positioning(1.0, 0.0, (0.0, 0.0)), 256)
    for number in range(300):
        study = sample_study(3, number)
        anatomy = deformed(study.anatomy, study.signs)
        assert (anatomy.heart_ratio > 0.51) == bool(study.labels["Cardiomegaly"])
        if number % 10:
            continue
        columns = np.flatnonzero((thorax.heart(canvas, anatomy) > 0.3).any(axis=0))
        drawn = (columns[-1] - columns[0] + 1) / 256 / (2 * anatomy.half_width)
        assert drawn == pytest.approx(anatomy.heart_ratio, abs=0.03)


@pytest.mark.filterwarnings("error")
def test_a_heart_of_no_width_displaces_nothing(canvas: Canvas, anatomy: Anatomy) -> None:
    drawn = thorax.heart(canvas, replace(anatomy, heart_ratio=1e-12))
    assert np.isfinite(drawn).all()
    assert (drawn > 0.1).mean() < 0.02


@pytest.mark.parametrize("side", BOTH)
def test_a_lung_lies_on_its_side_between_apex_and_sulcus(
    canvas: Canvas, anatomy: Anatomy, side: Side
) -> None:
    lung = thorax.lung(canvas, anatomy, side)
    assert lung.min() >= 0
    assert lung.max() <= 1
    seen = lung > 0.05
    assert (SIDES[side] * canvas.u[seen] > 0).all()
    assert np.abs(canvas.u[seen]).max() < anatomy.half_width + 0.01
    assert canvas.v[seen].min() > anatomy.apex - 0.02
    assert canvas.v[lung > 0.5].max() < max(anatomy.dome) + anatomy.sulcus


def test_heart_and_mediastinum_displace_at_most_all_air(canvas: Canvas, anatomy: Anatomy) -> None:
    for organ in (thorax.heart(canvas, anatomy), thorax.mediastinum(canvas, anatomy)):
        assert organ.min() >= 0
        assert organ.max() <= 1
        assert organ.max() > 0.7
        assert organ[:, (np.abs(canvas.u[0]) > 0.3)].max() < 0.01


def test_the_trunk_is_thickest_in_the_middle_and_ends_at_the_skin(
    canvas: Canvas, anatomy: Anatomy
) -> None:
    body = thorax.body(canvas, anatomy)
    row = body[int(0.5 * canvas.size)]
    inside = np.abs(canvas.u[0]) < anatomy.half_width
    middle = canvas.size // 2
    assert row[middle] == row.max() == pytest.approx(anatomy.depth, rel=0.01)
    assert row[inside].min() > 0
    above_the_shoulders = (canvas.v < 0.05) & (np.abs(canvas.u) > 0.4)
    assert not body[above_the_shoulders].any()


def test_air_is_in_trachea_and_stomach(canvas: Canvas, anatomy: Anatomy) -> None:
    airway = thorax.airway(canvas, anatomy)
    neck = canvas.v < 0.2
    assert airway[neck & (np.abs(canvas.u) < 0.01)].min() > 0.2
    assert not airway[canvas.v > 0.55].any()
    bubble = thorax.stomach_bubble(canvas, anatomy)
    assert bubble.max() <= 0.9 * anatomy.gastric_air
    assert (canvas.v[bubble > 0] > anatomy.dome[1]).all()
    assert (canvas.u[bubble > 0] > 0).all()


def test_vessels_are_dense_at_the_hila_and_follow_their_seed(
    canvas: Canvas, anatomy: Anatomy
) -> None:
    vessels = thorax.vessels(canvas, anatomy)
    hila = (np.abs(np.abs(canvas.u) - HILUM[0]) < 0.03) & (np.abs(canvas.v - HILUM[1]) < 0.04)
    assert vessels[hila].mean() > 4 * vessels[~hila].mean()
    np.testing.assert_array_equal(vessels, thorax.vessels(canvas, anatomy))


def test_a_hernia_holds_gas_above_fluid(film: Film, signs_of: Callable[..., list[Sign]]) -> None:
    sign = max(signs_of("Hernia"), key=lambda sign: sign.strength)
    thorax.draw_hernia(film, sign)
    at, inner = sign.geometry, film.ellipse(sign) < 0.6
    gas = inner & (film.canvas.v < at.v - 0.015)
    fluid = inner & (film.canvas.v > at.v + 0.015)
    assert film.density[gas].max() < 0 < film.density[fluid].min()
    assert film.aeration[inner].max() < 0.2
