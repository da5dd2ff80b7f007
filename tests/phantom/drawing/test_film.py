"""The maps of a film before and after a sign."""

from collections.abc import Callable

import numpy as np

from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import Sign

Signs = Callable[..., list[Sign]]


def test_a_film_begins_healthy(film: Film) -> None:
    assert (film.aeration == 1).all()
    assert (film.vessels == 1).all()
    assert not film.density.any()
    assert not film.rib_shift.any()


def test_filling_takes_a_share_of_the_air_that_is_left(film: Film) -> None:
    half = np.full_like(film.aeration, 0.5)
    film.fill(half)
    film.fill(half)
    np.testing.assert_allclose(film.aeration, 0.25)


def test_a_hemithorax_is_the_signs_own_side(film: Film, signs_of: Signs) -> None:
    for sign in signs_of("Pleural Effusion"):
        own = film.hemithorax(sign)
        assert own[sign.direction * (film.canvas.u - film.anatomy.midline) > 0.02].min() == 1
        assert own[sign.direction * (film.canvas.u - film.anatomy.midline) < -0.02].max() == 0


def test_the_ellipse_fills_the_signs_box(film: Film, signs_of: Signs) -> None:
    for sign in signs_of("Nodule"):
        inside = film.ellipse(sign) < 1
        corners = sign.geometry.corners()
        for points, column in ((film.canvas.u, 0), (film.canvas.v, 1)):
            low, high = corners[:, column].min(), corners[:, column].max()
            assert low <= points[inside].min() <= low + 0.02
            assert high - 0.02 <= points[inside].max() <= high
