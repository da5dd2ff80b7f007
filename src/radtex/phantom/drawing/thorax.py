"""The normal chest as attenuation: body, lungs, mediastinum, heart, vessels."""

import numpy as np

from radtex.phantom.anatomy import APEX_A, CARINA, HILUM, SIDES, Anatomy, Array, Side
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import Sign
from radtex.phantom.technique import Points


def body(canvas: Canvas, anatomy: Anatomy) -> Array:
    """Attenuation of trunk, neck, arms and breasts without air and bone."""
    u, v = np.abs(canvas.u), canvas.v
    trunk = anatomy.half_width + anatomy.wall + 0.03 * np.clip((v - 0.55) / 0.45, 0, 1)
    shoulder = np.clip((v + 0.05) / 0.17, 0, 1)
    slope = 0.1 + (trunk + 0.09 - 0.1) * shoulder * shoulder * (3 - 2 * shoulder)
    half = np.where(v < 0.3, slope, trunk + 0.09 * np.clip(1 - (v - 0.3) / 0.2, 0, 1) ** 2)
    depth = anatomy.depth * (0.55 + 0.45 * np.clip((v + 0.02) / 0.3, 0, 1))
    thick = depth * np.clip(1 - (u / half) ** 2, 0, 1) ** 0.42
    from_arm = (u - anatomy.arm - 0.1 * (v - 0.3)) / (0.042 + 0.4 * anatomy.wall)
    arms = 0.45 * anatomy.depth * np.sqrt(np.clip(1 - from_arm**2, 0, 1))
    thick = np.maximum(thick, arms * canvas.inside(v - 0.16, 0.1))
    for side, breast in zip(SIDES.values(), anatomy.breasts, strict=True):
        if breast:
            r = canvas.radius(side * 0.21, 0.62 + 0.1 * breast, 0.32, 0.34)
            weight = 0.4 + 0.6 * canvas.inside(v - 0.62, 0.2)
            thick += breast * weight * np.sqrt(np.clip(1 - r * r, 0, 1))
    return np.asarray(thick)


def lung(canvas: Canvas, anatomy: Anatomy, side: Side) -> Array:
    """How much of one lung lies in each pixel's ray, 0 to 1."""
    a = SIDES[side] * canvas.u
    v = canvas.v
    outer = anatomy.lateral(v) - a
    wall = np.clip(outer / 0.1, 0, 1)
    profile = 0.68 + 0.32 * np.sqrt(wall) - anatomy.basal_haze * anatomy.descent(v) ** 3
    shape = canvas.inside(np.minimum(outer, a - anatomy.medial(v)), 0.012)
    shape *= canvas.inside(v - anatomy.apex, 0.02)
    below = anatomy.diaphragm(a, side) - v
    recess = 0.14 * np.clip(1 + below / 0.12, 0, 1) ** 2
    return np.asarray(shape * profile * (recess + (1 - recess) * canvas.inside(below, 0.008)))


def heart(canvas: Canvas, anatomy: Anatomy) -> Array:
    """How much of the ray's air the heart displaces, 0 to 1."""
    right, left = anatomy.heart_borders()
    width = left - right
    bottom = min(anatomy.dome) + 0.045
    height = anatomy.heart_height * (0.75 + 0.25 * width / 0.32)
    canvas = canvas.resting(bottom - 0.36 * height)
    ventricle = canvas.radius(
        right + 0.58 * width, bottom - 0.4 * height, 0.85 * width, 0.72 * height, 0.55
    )
    atrium = canvas.radius(right + 0.3 * width, bottom - 0.45 * height, 0.6 * width, 0.9 * height)
    outflow = canvas.radius(
        right + 0.5 * width, bottom - 0.75 * height, 0.42 * width, 0.9 * height, -0.25
    )
    # While a chest is fitted its heart may become so narrow that all else is infinitely far.
    with np.errstate(over="ignore", divide="ignore"):
        chambers = (np.square(np.square(r + 0.05)) for r in (ventricle, atrium, outflow))
        within = np.sqrt(np.sqrt(1 / sum(1 / chamber for chamber in chambers))) - 0.02
    thick = 0.72 + 0.28 * np.clip(1 - within**2, 0, 1)
    return np.asarray(thick * canvas.inside((1 - within) * (0.4 * width), 0.02))


def mediastinum(canvas: Canvas, anatomy: Anatomy) -> Array:
    """How much of the ray's air the great vessels, spine and aortic knob displace, 0 to 1."""
    v = canvas.v
    u = canvas.u - anatomy.midline - 0.6 * (anatomy.spine(v) - 0.4 * anatomy.midline)
    half = anatomy.mediastinum + 0.014 * np.cos((v - 0.16) * 11)
    band = canvas.inside(half - np.abs(u + 0.008), 0.035)
    knob = canvas.radius(
        anatomy.midline + anatomy.mediastinum - 0.004, 0.315, 2 * anatomy.knob, 2.4 * anatomy.knob
    )
    aorta = canvas.inside(anatomy.mediastinum + 0.002 - u, 0.01) * canvas.inside(u, 0.01)
    aorta *= canvas.inside(v - 0.31, 0.02) * 0.5
    arch = canvas.inside((1 - knob) * anatomy.knob, 0.016)
    return np.asarray(np.maximum(np.maximum(band * 0.8, arch * 0.55), aorta))


def airway(canvas: Canvas, anatomy: Anatomy) -> Array:
    """Attenuation taken away by trachea and main bronchi."""
    m = anatomy.midline
    trachea = np.array([[0.3 * m, -0.05], [0.5 * m, 0.12], [m - 0.004, 0.26], [m, CARINA]])
    air = canvas.polyline(trachea, 0.034, 0.55)
    for side, drop in ((-1, 0.07), (1, 0.055)):
        bronchus = np.array([[m, CARINA - 0.005], [m + side * 0.03, CARINA + 0.5 * drop]])
        air += canvas.polyline(
            np.concatenate([bronchus, [[m + side * 0.065, CARINA + drop]]]), 0.016, 0.25
        )
    return air


def vessels(canvas: Canvas, anatomy: Anatomy) -> Array:
    """Attenuation of the hila and the branching pulmonary vessels."""
    rng = np.random.default_rng(anatomy.vessel_seed)
    total = np.zeros_like(canvas.u)
    branches: dict[float, list[Points]] = {0.014: [], 0.008: [], 0.0045: []}
    for name, side in SIDES.items():
        hilum = np.array([anatomy.midline + side * HILUM[0], HILUM[1] - 0.02 * (name == "left")])
        r = canvas.radius(hilum[0], hilum[1] + 0.01, 0.11, 0.16, side * -0.25)
        total += 0.3 * np.clip(1 - r * r, 0, 1) + 0.2 * np.exp(-0.12 * r * r)
        angles = np.linspace(-1.35, 1.45, 9) + rng.normal(0, 0.12, 9)
        reach = rng.uniform(0.2, 0.3, 9) * np.where(angles > 0.5, 1.05, 0.95)
        stems = _branch(rng, np.tile(hilum, (9, 1)), angles, reach, side, 60)
        branches[0.014].append(stems[:, :22])
        branches[0.008].append(stems[:, 22:])
        for width, origin, count in ((0.008, stems, 3), (0.0045, stems, 5)):
            parent = np.repeat(np.arange(9), count)
            start = rng.integers(8, 50, len(parent))
            turn = rng.uniform(0.35, 0.9, len(parent)) * rng.choice([-1, 1], len(parent))
            twigs = _branch(
                rng, origin[parent, start], angles[parent] + turn, 0.45 * reach[parent], side, 32
            )
            branches[width].append(twigs)
    for width, curves in branches.items():
        points, weights = zip(*(_weighted(curve) for curve in curves), strict=True)
        total += canvas.strokes(np.concatenate(points), np.concatenate(weights), width)
    return total


def _branch(
    rng: np.random.Generator, start: Points, angle: Points, reach: Points, side: int, count: int
) -> Points:
    """Curves (N, count, 2) from `start`, at `angle` below the horizontal, bending a little."""
    t = np.linspace(0, 1, count)
    bend = rng.normal(0, 0.35, len(angle))
    heading = angle[:, None] + bend[:, None] * t
    step = np.stack([side * np.cos(heading), np.sin(heading)], axis=-1)
    step *= reach[:, None, None] / count
    curves: Points = start[:, None] + np.cumsum(step, axis=1)
    return curves


def _weighted(curves: Points) -> tuple[Points, Points]:
    step = np.linalg.norm(curves[:, 1] - curves[:, 0], axis=1)
    taper = 0.22 * np.linspace(1, 0.2, curves.shape[1]) ** 1.5
    return curves.reshape(-1, 2), (step[:, None] * taper).ravel()


def stomach_bubble(canvas: Canvas, anatomy: Anatomy) -> Array:
    """Attenuation taken away by the gas under the left hemidiaphragm."""
    size = 0.04 + 0.08 * anatomy.gastric_air
    r = canvas.radius(0.6 * APEX_A + 0.04, anatomy.dome[1] + 0.035 + 0.3 * size, 1.5 * size, size)
    return 0.9 * anatomy.gastric_air * np.sqrt(np.clip(1 - r**2, 0, 1))


def draw_hernia(film: Film, sign: Sign) -> None:
    """A hiatal hernia: a round shadow behind the heart, with gas above a level of fluid."""
    at, canvas = sign.geometry, film.canvas
    r = film.ellipse(sign)
    pouch = canvas.inside((1 - r) * at.width / 2, 0.02)
    gas = canvas.inside((0.8 - r) * at.width / 2, 0.04) * canvas.inside(at.v - canvas.v, 0.012)
    film.fill(0.9 * pouch)
    film.density += (0.14 + 0.12 * sign.strength) * pouch - (0.32 + 0.25 * sign.strength) * gas
