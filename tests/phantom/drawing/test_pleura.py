"""How fluid and air in the pleural space change a film."""

from collections.abc import Callable

import numpy as np
import pytest

from radtex.phantom.anatomy import Anatomy
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.drawing.pleura import draw_effusion, draw_pneumothorax
from radtex.phantom.pleural_space import gap_depth
from radtex.phantom.signs import Sign

Signs = Callable[..., list[Sign]]


@pytest.mark.parametrize("supine", [False, True])
def test_an_effusion_takes_air_low_down_on_its_own_side(
    canvas: Canvas, anatomy: Anatomy, signs_of: Signs, supine: bool
) -> None:
    for sign in signs_of("Pleural Effusion", supine=supine)[:10]:
        film = Film(canvas, anatomy)
        draw_effusion(film, sign)
        taken = 1 - film.aeration
        other = sign.direction * (canvas.u - anatomy.midline) < -0.02
        assert not taken[other].any()
        low, high = canvas.v > 0.75, canvas.v < 0.25
        assert taken[low & ~other].mean() > taken[high & ~other].mean()


def test_layered_fluid_is_a_veil_where_erect_fluid_hides_the_lung(
    canvas: Canvas, anatomy: Anatomy, signs_of: Signs
) -> None:
    most = []
    for supine in (False, True):
        film = Film(canvas, anatomy)
        signs = signs_of("Pleural Effusion", supine=supine)
        draw_effusion(film, max(signs, key=lambda sign: sign.strength))
        most.append(float((1 - film.aeration).max()))
    assert most[0] > 0.95
    assert most[1] < 0.8


def test_beyond_the_visceral_line_there_is_air_without_vessels(
    canvas: Canvas, anatomy: Anatomy, signs_of: Signs
) -> None:
    film = Film(canvas, anatomy)
    sign = max(signs_of("Pneumothorax"), key=lambda sign: sign.strength)
    draw_pneumothorax(film, sign)
    a = sign.direction * canvas.u
    gap = gap_depth(sign, anatomy, a, canvas.v)
    within = (a > 0.05) & (a < anatomy.lateral(canvas.v) - 0.02)
    beyond = within & (gap > 0.02)
    assert beyond.any()
    assert film.vessels[beyond].max() < 0.01
    assert film.aeration[beyond].min() > 1
    assert film.aeration[within & (gap < -0.02)].max() < 1  # the lung beside it collapses
    line = within & (np.abs(gap) < 0.003)
    assert film.density[line].min() > 3 * film.density[within & (np.abs(gap) > 0.012)].max()
