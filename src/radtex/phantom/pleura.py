"""Signs in the pleural space: effusion and pneumothorax."""

import numpy as np

from radtex.phantom.anatomy import Array
from radtex.phantom.film import Film
from radtex.phantom.signs import Sign


def draw_effusion(film: Film, sign: Sign) -> None:
    """Fluid with a meniscus that rises towards the wall; or, layering behind, a veil."""
    canvas, anatomy, at = film.canvas, film.anatomy, sign.geometry
    a = sign.direction * canvas.u
    within = film.hemithorax(sign)
    top = at.v - at.height / 2
    if sign.form == "layering":
        down = np.clip((canvas.v - top) / at.height, 0, 1)
        film.fill((0.2 + 0.45 * sign.strength) * down**1.2 * within)
        return
    from_wall = np.clip((anatomy.lateral(canvas.v) - a) / anatomy.half_width, 0, 1)
    surface = top + 0.09 * np.minimum(1, 1.6 * from_wall) ** 0.8
    fluid = canvas.inside(canvas.v - surface, 0.03)
    deep = np.clip(0.72 + 2.2 * (canvas.v - surface), 0, 0.97)
    film.fill(fluid * deep * within)


def draw_pneumothorax(film: Film, sign: Sign) -> None:
    """The visceral line, and beyond it air without vessels."""
    gap = _gap(film, sign)
    within = film.hemithorax(sign)
    beyond = film.canvas.inside(gap, 0.008) * within
    film.vessels *= 1 - beyond
    film.aeration *= 1 + 0.07 * beyond
    line = np.exp(-((gap / 0.0045) ** 2)) * within
    film.density += (0.16 + 0.1 * sign.strength) * line
    collapsed = (1 - beyond) * within
    film.fill(0.22 * sign.strength**2 * collapsed)


def _gap(film: Film, sign: Sign) -> Array:
    """How far each pixel lies beyond the visceral line; widest at the apex, 0 at its lower end."""
    canvas, anatomy, at = film.canvas, film.anatomy, sign.geometry
    a = sign.direction * canvas.u
    top = at.v - at.height / 2
    depth = (0.028 + 0.12 * sign.strength) * np.clip(1 - (canvas.v - top) / at.height, 0, 1) ** 0.7
    from_border = np.minimum(anatomy.lateral(canvas.v) - a, 1.3 * (canvas.v - top))
    open_space = depth - from_border
    return np.where(canvas.v < at.v + at.height / 2, open_space, -1.0).astype(np.float32)
