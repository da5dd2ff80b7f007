"""Signs in the lung's tissue.

Consolidation is dense, homogeneous and lobar, with one straight border along a fissure and air
bronchograms within. Pneumonia is patchy: a cluster of ill-defined shadows of uneven density. Drawn
like this, the two can be told apart where they are gross. Where they are faint, and in real films,
they cannot: consolidation is a pattern and pneumonia a cause, and lobar pneumonia looks like any
consolidation. A nonspecific Lung Opacity is one faint, even haze that may resemble mild forms of
either.
"""

import numpy as np

from radtex.phantom.anatomy import CARINA, HILUM, SIDES
from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import Sign


def draw_atelectasis(film: Film, sign: Sign) -> None:
    """A plate-like band, or a basal wedge under which the hemidiaphragm has risen."""
    r = film.ellipse(sign)
    if sign.form == "band":
        film.fill((0.5 + 0.35 * sign.strength) * np.exp(-0.7 * r**4))
        return
    at = sign.geometry
    depth = np.clip((film.canvas.v - at.v) / at.height + 0.5, 0, 1.5)
    inward = np.exp(-((r * 0.85) ** 4))
    film.fill((0.42 + 0.4 * sign.strength) * np.minimum(1, 1.3 * depth) * inward)


def draw_consolidation(film: Film, sign: Sign) -> None:
    """A dense lobe: ill-defined around, sharp at the fissure, bronchi dark inside it."""
    at, canvas = sign.geometry, film.canvas
    rng = np.random.default_rng(sign.texture)
    x, y = (canvas.u - at.u) * (2 / at.width), (canvas.v - at.v) * (2 / at.height)
    edge = 1 - (np.abs(x) ** 2.5 + np.abs(y) ** 2.5) ** 0.4 + 0.2 * canvas.noise(rng, 9)
    region = canvas.inside(edge * at.width * 0.5, 0.09)
    fissure = 1 if sign.zone != "lower" else -1
    cut = fissure * (at.v + fissure * 0.32 * at.height - canvas.v)
    region *= canvas.inside(cut + 0.1 * (canvas.u - at.u), 0.012)
    share = (0.5 + 0.4 * sign.strength) * region
    side = sign.direction
    root = np.array([side * HILUM[0], HILUM[1]])
    far = np.array([at.u, at.v])
    for turn in rng.uniform(-0.4, 0.4, 4):
        away = far + 0.45 * np.array([side * at.width * np.cos(3 * turn), at.height * 1.6 * turn])
        bronchus = canvas.polyline(np.stack([root, (root + far) / 2, away]), 0.008, 0.4)
        share *= 1 - np.clip(bronchus, 0, 0.5)
    film.fill(share)
    film.vessels *= 1 - 0.8 * region * sign.strength


def draw_edema(film: Film, sign: Sign) -> None:
    """Perihilar haze, swollen upper-lobe vessels, septal lines at the base."""
    canvas, side = film.canvas, sign.direction
    rng = np.random.default_rng(sign.texture)
    within = film.hemithorax(sign)
    r = film.ellipse(sign)
    texture = 1 + 0.3 * canvas.noise(rng, 22) + 0.2 * canvas.noise(rng, 44)
    haze = np.exp(-(2.8 - 1.4 * sign.strength) * r**2) * texture
    film.fill(np.clip((0.24 + 0.4 * sign.strength) * haze * within, 0, 0.9))
    film.vessels *= 1 + (0.5 + 0.9 * sign.strength) * np.exp(-1.2 * r**2) * within
    outer = film.anatomy.lateral(np.linspace(0.58, 0.72, 7, dtype=np.float32))
    for level, a in zip(np.linspace(0.58, 0.72, 7), outer, strict=True):
        v = level + rng.normal(0, 0.006)
        line = np.array([[side * (a - 0.045), v - 0.004], [side * (a - 0.004), v]])
        film.density += canvas.polyline(line, 0.004, 0.1 + 0.16 * sign.strength)


def draw_opacity(film: Film, sign: Sign) -> None:
    """One faint, even, ill-defined haze."""
    film.fill((0.32 + 0.25 * sign.strength) * np.exp(-1.3 * film.ellipse(sign) ** 2))


def draw_pneumonia(film: Film, sign: Sign) -> None:
    """A cluster of ill-defined patches of uneven density."""
    at, canvas = sign.geometry, film.canvas
    rng = np.random.default_rng(sign.texture)
    patches = np.zeros_like(canvas.u)
    for _ in range(6 + int(6 * sign.strength)):
        u, v = np.array([at.u, at.v]) + rng.normal(0, 0.22, 2) * (at.width, at.height)
        width, height = rng.uniform(0.045, 0.11, 2)
        r = canvas.radius(u, v, width, height, rng.uniform(0, 3))
        patches += rng.uniform(0.3, 0.8) * np.exp(-1.8 * r**2)
    uneven = np.clip(0.8 + 0.45 * canvas.noise(rng, 20), 0.1, 1.7)
    share = (0.45 + 0.45 * sign.strength) * (1 - np.exp(-1.2 * patches)) * uneven
    film.fill(np.clip(share, 0, 0.9))


def draw_nodule(film: Film, sign: Sign) -> None:
    """A round, well-defined shadow."""
    r = film.ellipse(sign)
    edge = film.canvas.inside((1 - r) * sign.geometry.width / 2, 0.008)
    film.density += (0.32 + 0.3 * sign.strength) * edge * (0.6 + 0.4 * np.clip(1 - r**2, 0, 1))


def draw_emphysema(film: Film, sign: Sign) -> None:
    """Dark lungs with few vessels, most of all above; bullae where it is severe."""
    canvas, anatomy = film.canvas, film.anatomy
    rng = np.random.default_rng(sign.texture)
    above = np.clip(1.25 - anatomy.descent(canvas.v), 0, 1)
    film.vessels *= 1 - (0.4 + 0.5 * sign.strength) * above
    film.aeration *= 1 + (0.05 + 0.06 * sign.strength) * above
    for side in SIDES.values():
        if rng.random() < sign.strength:
            size = rng.uniform(0.07, 0.13)
            v = rng.uniform(anatomy.apex + 0.06, CARINA)
            r = canvas.radius(side * rng.uniform(0.14, 0.24), v, size, 1.2 * size)
            film.vessels *= 1 - 0.9 * canvas.inside(1 - r, 0.1)
            film.density += 0.12 * np.exp(-(((r - 1) * 0.5 * size / 0.005) ** 2))
