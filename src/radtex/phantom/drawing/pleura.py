"""Signs in the pleural space: effusion and pneumothorax."""

import numpy as np

from radtex.phantom.drawing.film import Film
from radtex.phantom.pleural_space import fluid_depth, gap_depth
from radtex.phantom.signs import Sign


def draw_effusion(film: Film, sign: Sign) -> None:
    """Erect, fluid with a meniscus that rises towards the wall; supine, a veil of layered fluid."""
    canvas, at = film.canvas, sign.geometry
    within = film.hemithorax(sign)
    if sign.form == "layering":
        down = np.clip((canvas.v - at.v + at.height / 2) / at.height, 0, 1)
        film.fill((0.35 + 0.4 * sign.strength) * down**0.8 * within)
        return
    depth = fluid_depth(sign, film.anatomy, sign.direction * canvas.u, canvas.v)
    film.fill(canvas.inside(depth, 0.03) * np.clip(0.72 + 2.2 * depth, 0, 0.97) * within)


def draw_pneumothorax(film: Film, sign: Sign) -> None:
    """The visceral line, and beyond it air without vessels."""
    canvas, a = film.canvas, sign.direction * film.canvas.u
    gap = gap_depth(sign, film.anatomy, a, canvas.v)
    within = film.hemithorax(sign) * canvas.inside(film.anatomy.lateral(canvas.v) - a, 0.012)
    beyond = canvas.inside(gap, 0.008) * within
    film.vessels *= 1 - beyond
    film.aeration *= 1 + 0.12 * beyond
    film.density += (0.26 + 0.1 * sign.strength) * np.exp(-((gap / 0.006) ** 2)) * within
    film.fill((0.06 + 0.24 * sign.strength**2) * (1 - beyond) * within)
