"""Each opacity takes air, or adds density, where its sign lies."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from radtex.phantom.anatomy import Anatomy, Zone
from radtex.phantom.drawing import opacities
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import Sign

Signs = Callable[..., list[Sign]]
FILLING: dict[str, Callable[[Film, Sign], None]] = {
    "Atelectasis": opacities.draw_atelectasis,
    "Consolidation": opacities.draw_consolidation,
    "Edema": opacities.draw_edema,
    "Lung Opacity": opacities.draw_opacity,
    "Pneumonia": opacities.draw_pneumonia,
}


@pytest.mark.parametrize("name", FILLING)
def test_opacities_take_air_from_the_lung_and_most_of_it_near_their_centre(
    canvas: Canvas, anatomy: Anatomy, signs_of: Signs, name: str
) -> None:
    for sign in signs_of(name)[:8]:
        film = Film(canvas, anatomy)
        FILLING[name](film, sign)
        taken = 1 - film.aeration
        assert taken.min() >= -1e-6
        assert 0.1 < taken.max() <= 0.95
        near = film.ellipse(sign) < 1
        assert taken[near].mean() > 3 * taken[~near].mean()


@pytest.mark.parametrize("name", FILLING)
def test_a_stronger_sign_takes_more_air(
    canvas: Canvas, anatomy: Anatomy, signs_of: Signs, name: str
) -> None:
    sign = signs_of(name)[0]
    taken = []
    for strength in (0.1, 0.5, 0.9):
        film = Film(canvas, anatomy)
        FILLING[name](film, dataclasses.replace(sign, strength=strength))
        taken.append((1 - film.aeration).sum())
    assert taken[0] < taken[1] < taken[2]


@pytest.mark.parametrize(("zone", "down"), [("upper", 1), ("mid", 1), ("lower", -1)])
def test_a_consolidation_ends_at_its_fissure(
    film: Film, signs_of: Signs, zone: Zone, down: int
) -> None:
    """It is cut on one side of its centre, at 0.32 of its height, and fades on the other."""
    sign = next(sign for sign in signs_of("Consolidation") if sign.zone == zone)
    opacities.draw_consolidation(film, sign)
    at, canvas = sign.geometry, film.canvas
    beside = np.abs(canvas.u - at.u) < 0.03
    offset = down * (canvas.v - at.v) / at.height
    assert film.aeration[beside & (offset > 0.42)].min() > 0.95
    assert film.aeration[beside & (np.abs(offset) < 0.1)].mean() < 0.8
    faded = beside & (offset > -0.42) & (offset < -0.36)
    assert film.aeration[faded].mean() < 0.9


def test_edema_swells_the_vessels_and_draws_septal_lines(film: Film, signs_of: Signs) -> None:
    for sign in signs_of("Edema")[:2]:
        opacities.draw_edema(film, sign)
    assert film.vessels.max() > 1.3
    assert film.density.max() > 0
    assert not film.density[film.canvas.v < 0.5].any()


def test_a_nodule_is_round_dense_and_nothing_else(film: Film, signs_of: Signs) -> None:
    sign = signs_of("Nodule")[0]
    opacities.draw_nodule(film, sign)
    assert (film.aeration == 1).all()
    assert film.density.max() >= 0.3
    assert not film.density[film.ellipse(sign) > 1.6].any()


def test_emphysema_darkens_and_empties_the_upper_lung(film: Film, signs_of: Signs) -> None:
    opacities.draw_emphysema(film, max(signs_of("Emphysema"), key=lambda sign: sign.strength))
    upper, lower = film.canvas.v < 0.25, film.canvas.v > 0.75
    assert film.aeration.min() >= 1
    assert film.aeration[upper].mean() > film.aeration[lower].mean()
    assert film.vessels[upper].mean() < film.vessels[lower].mean() < 1.0001
