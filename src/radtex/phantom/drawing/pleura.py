"""Signs in the pleural space, effusion and pneumothorax, and what they hide of the lung."""

from collections.abc import Sequence

import numpy as np

from radtex.phantom.anatomy import Anatomy, Array
from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import OPACITIES, Sign


def draw_effusion(film: Film, sign: Sign) -> None:
    """Erect, fluid with a meniscus that rises towards the wall; supine, a veil of layered fluid."""
    canvas, at = film.canvas, sign.geometry
    within = film.hemithorax(sign)
    if sign.form == "layering":
        down = np.clip((canvas.v - at.v + at.height / 2) / at.height, 0, 1)
        film.fill((0.35 + 0.4 * sign.strength) * down**0.8 * within)
        return
    depth = _fluid_depth(sign, film.anatomy, sign.direction * canvas.u, canvas.v)
    film.fill(canvas.inside(depth, 0.03) * np.clip(0.72 + 2.2 * depth, 0, 0.97) * within)


def draw_pneumothorax(film: Film, sign: Sign) -> None:
    """The visceral line, and beyond it air without vessels."""
    canvas, a = film.canvas, sign.direction * film.canvas.u
    gap = _gap(sign, film.anatomy, a, canvas.v)
    within = film.hemithorax(sign) * canvas.inside(film.anatomy.lateral(canvas.v) - a, 0.012)
    beyond = canvas.inside(gap, 0.008) * within
    film.vessels *= 1 - beyond
    film.aeration *= 1 + 0.12 * beyond
    film.density += (0.26 + 0.1 * sign.strength) * np.exp(-((gap / 0.006) ** 2)) * within
    film.fill((0.06 + 0.24 * sign.strength**2) * (1 - beyond) * within)


def visible(signs: Sequence[Sign], anatomy: Anatomy) -> tuple[Sign, ...]:
    """The signs without those in lung that fluid covers or air has replaced.

    A lung's opacity is left out if half of its ellipse lies under the fluid of an erect patient's
    effusion, or beyond the visceral line of a pneumothorax, on its side.
    """
    pleural = [s for s in signs if s.name == "Pneumothorax" or s.form == "meniscus"]
    return tuple(
        sign
        for sign in signs
        if not any(
            sign.zone
            and sign.name in (*OPACITIES, "Lung Opacity")
            and other.side == sign.side
            and _covered(sign, other, anatomy) >= 0.5
            for other in pleural
        )
    )


def _covered(sign: Sign, pleural: Sign, anatomy: Anatomy) -> float:
    """Share of the sign's ellipse that the pleural fluid or air takes."""
    at = sign.geometry
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 9), np.linspace(-0.5, 0.5, 9))
    x, y = x[x**2 + y**2 <= 0.25] * at.width, y[x**2 + y**2 <= 0.25] * at.height
    cos, sin = np.cos(at.angle), np.sin(at.angle)
    a, v = sign.direction * (at.u + cos * x - sin * y), at.v + sin * x + cos * y
    reach = _gap if pleural.name == "Pneumothorax" else _fluid_depth
    return float(np.mean(reach(pleural, anatomy, a, v) > 0))


def _fluid_depth(sign: Sign, anatomy: Anatomy, a: Array, v: Array) -> Array:
    """How far each point lies below the surface of the fluid, which is highest at the wall."""
    from_wall = np.clip((anatomy.lateral(v) - a) / anatomy.half_width, 0, 1)
    top = sign.geometry.v - sign.geometry.height / 2
    return np.asarray(v - top - 0.085 * (1 - np.exp(-4.5 * from_wall)))


def _gap(sign: Sign, anatomy: Anatomy, a: Array, v: Array) -> Array:
    """How far each point lies beyond the visceral line; widest at the apex, 0 at its lower end."""
    at = sign.geometry
    top = at.v - at.height / 2
    down = np.clip((v - top) / at.height, 0, 1)
    depth = (0.045 + 0.125 * sign.strength) * (1 - down**2.5) * (1 - 0.3 * down)
    aside, below = (np.maximum(d, 1e-3) for d in (anatomy.lateral(v) - a, 1.1 * (v - top)))
    from_border = (aside**-2.5 + below**-2.5) ** -0.4
    return np.where(v < at.v + at.height / 2, depth - from_border, -1.0).astype(np.float32)
