"""Ribs, clavicles, shoulders and spine, and the fracture of a rib."""

import numpy as np

from radtex.phantom.anatomy import SIDES, Anatomy, Array
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import Sign


def bones(canvas: Canvas, anatomy: Anatomy, rib_shift: Array) -> Array:
    """Attenuation (size, size) of ribs, clavicles, scapulae, humeri and spine.

    Args:
        canvas: the film's pixels.
        anatomy: the chest.
        rib_shift: how far the ribs are moved down at each pixel, in rib spacings.
    """
    u, v = canvas.u, canvas.v
    a = np.abs(u)
    cage = canvas.inside(anatomy.lateral(v) + 0.012 - a, 0.012)
    cage *= canvas.inside(v - anatomy.apex + 0.02, 0.03) * canvas.inside(0.86 - v, 0.1)
    posterior = (v - anatomy.rib(a)) / anatomy.rib_spacing + anatomy.rib_offset - rib_shift
    total = cage * canvas.inside(a - 0.035, 0.02) * _tube(posterior, 0.34)
    spacing = 1.18 * anatomy.rib_spacing
    anterior = (v + 0.3 * a - 1.2 * a**2) / spacing + 0.37
    front = canvas.inside(a - 0.13, 0.08) * canvas.inside(v - 0.22, 0.06)
    total += 0.5 * cage * front * _tube(anterior, 0.4)
    total *= anatomy.rib_density
    for side, tilt in zip(SIDES.values(), anatomy.clavicle_tilt, strict=True):
        total += 0.6 * _clavicle(canvas, anatomy, side, tilt)
    return np.asarray(total + _shoulders(canvas, anatomy) + _spine(canvas, anatomy))


def _tube(phase: Array, share: float) -> Array:
    """A hollow bar in each period of `phase`, `share` of it wide: bright cortex, paler marrow."""
    r = np.abs(phase - np.floor(phase) - 0.5) * (2 / share)
    return np.asarray(np.clip(4 * (1 - r), 0, 1) * (0.62 + 0.38 * np.clip(r, 0, 1) ** 4))


def _clavicle(canvas: Canvas, anatomy: Anatomy, side: int, tilt: float) -> Array:
    start = anatomy.midline + side * 0.028
    reach = side * (anatomy.half_width - 0.02)
    fall = np.array([0.225, 0.225 - 0.4 * tilt, 0.215 - 1.1 * tilt, 0.215 - tilt])
    path = np.stack([start + reach * np.array([0, 0.3, 0.65, 1]), fall], axis=-1)
    return canvas.polyline(path, 0.023)


def _shoulders(canvas: Canvas, anatomy: Anatomy) -> Array:
    """The scapulae's blades and the upper humeri."""
    folded = canvas.folded()
    blade = folded.radius(anatomy.half_width + 0.02, 0.33, 0.13, 0.34, 0.22)
    total: Array = 0.2 * np.clip(3 * (1 - blade), 0, 1) * (0.6 + 0.4 * np.clip(blade, 0, 1) ** 3)
    head = folded.radius(anatomy.arm, 0.205, 0.1, 0.1)
    total += 0.4 * np.sqrt(np.clip(1 - head * head, 0, 1))
    across = (folded.u - anatomy.arm - 0.01 - 0.09 * (canvas.v - 0.24)) / 0.022
    return total + 0.3 * np.clip(1 - across * across, 0, 1) * canvas.inside(canvas.v - 0.22, 0.04)


def _spine(canvas: Canvas, anatomy: Anatomy) -> Array:
    """Vertebral bodies with their end plates, discs between, and the pedicles' rings."""
    v = canvas.v
    u = canvas.u - anatomy.spine(v)
    column = canvas.inside(0.034 + 0.008 * v - np.abs(u), 0.012)
    level = v / (0.05 + 0.008 * v)
    phase = np.abs(level - np.floor(level) - 0.5) * 2
    body_part = 0.2 + 0.14 * np.clip(1 - np.abs(phase - 0.62) / 0.2, 0, 1) - 0.12 * (phase > 0.84)
    pedicles = np.exp(-(((np.abs(u) - 0.022) / 0.006) ** 2)) * (phase < 0.45) * 0.12
    return column * (body_part + pedicles)


def draw_fracture(film: Film, sign: Sign) -> None:
    """A rib's outer fragment displaced, with a dark gap and a faint haze of blood around."""
    at, canvas = sign.geometry, film.canvas
    outward = sign.direction * (canvas.u - at.u)
    r = film.ellipse(sign)
    near = np.exp(-4 * np.maximum(r - 0.6, 0) ** 2)
    film.rib_shift += (0.16 + 0.2 * sign.strength) * canvas.inside(outward, 0.006) * near
    gap = np.exp(-((outward / 0.006) ** 2)) * (r < 0.55)
    film.density += 0.12 * np.exp(-2 * r**2) - (0.2 + 0.1 * sign.strength) * gap
