"""Where fluid and air lie in the pleural space, and what they hide of the lung."""

from collections.abc import Sequence

import numpy as np

from radtex.phantom.anatomy import Anatomy, Array
from radtex.phantom.signs import OPACITIES, Sign


def fluid_depth(sign: Sign, anatomy: Anatomy, a: Array, v: Array) -> Array:
    """Return how far points lie below the surface of an effusion, which is highest at the wall.

    Args:
        sign: the effusion of an erect patient.
        anatomy: the chest.
        a: distance of the points from the midline, towards the sign's side.
        v: their place down the film.
    """
    from_wall = np.clip((anatomy.lateral(v) - a) / anatomy.half_width, 0, 1)
    top = sign.geometry.v - sign.geometry.height / 2
    return np.asarray(v - top - 0.085 * (1 - np.exp(-4.5 * from_wall)))


def gap_depth(sign: Sign, anatomy: Anatomy, a: Array, v: Array) -> Array:
    """Return how far points lie beyond the visceral line of a pneumothorax.

    The gap is widest at the apex, and 0 at the lower end of the line.

    Args:
        sign: the pneumothorax.
        anatomy: the chest.
        a: distance of the points from the midline, towards the sign's side.
        v: their place down the film.
    """
    at = sign.geometry
    top = at.v - at.height / 2
    down = np.clip((v - top) / at.height, 0, 1)
    depth = (0.045 + 0.125 * sign.strength) * (1 - down**2.5) * (1 - 0.3 * down)
    aside, below = (np.maximum(d, 1e-3) for d in (anatomy.lateral(v) - a, 1.1 * (v - top)))
    from_border = (aside**-2.5 + below**-2.5) ** -0.4
    return np.where(v < at.v + at.height / 2, depth - from_border, -1.0).astype(np.float32)


def visible(signs: Sequence[Sign], anatomy: Anatomy) -> tuple[Sign, ...]:
    """Return the signs without those in lung that fluid covers or air has replaced.

    An opacity of a lung is left out if half of its ellipse lies under the fluid of an erect
    patient's effusion, or beyond the visceral line of a pneumothorax, on its side.
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
    reach = gap_depth if pleural.name == "Pneumothorax" else fluid_depth
    return float(np.mean(reach(pleural, anatomy, a, v) > 0))
