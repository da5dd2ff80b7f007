"""Devices are dense along their course and nowhere else."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from radtex.phantom.anatomy import Anatomy
from radtex.phantom.device_paths import DEVICES
from radtex.phantom.drawing.canvas import Canvas, smooth_path
from radtex.phantom.drawing.film import Film
from radtex.phantom.drawing.support_devices import draw_device
from radtex.phantom.signs import Sign


@pytest.mark.parametrize("form", DEVICES)
def test_a_device_is_drawn_along_its_path(
    canvas: Canvas, anatomy: Anatomy, signs_of: Callable[..., list[Sign]], form: str
) -> None:
    signs = [sign for sign in signs_of("Support Devices") if sign.form == form]
    assert signs
    for sign in signs[:5]:
        film = Film(canvas, anatomy)
        draw_device(film, sign)
        points, _ = smooth_path(np.array(sign.geometry.path))
        place = np.rint(canvas.positioning.to_image(points) * canvas.size - 0.5).astype(int)
        place = place[((place >= 0) & (place < canvas.size)).all(axis=1)]
        elsewhere = np.ones(film.density.shape, bool)
        elsewhere[place[:, 1], place[:, 0]] = False
        away = distance_transform_edt(elsewhere) * canvas.pixel
        reach = 0.06 if form == "pacemaker" else 0.03  # its can is wider than a tube
        assert film.density.min() >= 0
        assert film.density.max() > 0.4
        assert film.density[away > reach].max() < 0.01
        assert (film.aeration == 1).all()


def test_a_pacemaker_has_a_can_on_its_side(
    canvas: Canvas, anatomy: Anatomy, signs_of: Callable[..., list[Sign]]
) -> None:
    for sign in (sign for sign in signs_of("Support Devices") if sign.form == "pacemaker"):
        film = Film(canvas, anatomy)
        draw_device(film, sign)
        u, v = sign.geometry.path[0]
        can = canvas.radius(u, v, 0.03, 0.03) < 1
        assert film.density[can].min() > 0.4
        assert sign.direction * u > 0
