"""Lines, tubes and implants: the courses they take and how they look."""

import numpy as np

from radtex.phantom.anatomy import CARINA, SIDES, Anatomy, Array, Side
from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import Sign
from radtex.phantom.technique import Points

DEVICES = (
    "endotracheal tube",
    "enteric tube",
    "central line",
    "pacemaker",
    "chest tube",
    "sternal wires",
)


def device_path(rng: np.random.Generator, anatomy: Anatomy, form: str, side: Side) -> Points:
    """The corners (N, 2) of a device's course in body coordinates."""
    s, m, half = SIDES[side], anatomy.midline, anatomy.half_width
    jitter = rng.normal(0, 0.006, 2)
    cava = np.array([m - 0.045, rng.uniform(0.38, 0.47)])
    if form == "endotracheal tube":
        tip = CARINA - rng.uniform(0.04, 0.11)
        return np.array([[0.4 * m, -0.06], [0.4 * m + jitter[0], 0.1], [m, tip]])
    if form == "enteric tube":
        end = np.array([0.1 + jitter[0], anatomy.dome[1] + 0.09])
        below = np.array([m + 0.035, anatomy.dome[1] - 0.02])
        return np.array([[0.0, -0.06], [m + jitter[0], 0.25], [m + 0.012, 0.5], below, end])
    if form == "central line":
        if rng.random() < 0.5:
            start = np.array([[s * 0.1, -0.04], [s * 0.075, 0.1], [s * 0.05, 0.2]])
        else:
            start = np.array([[s * 0.33, 0.24], [s * 0.2, 0.185], [s * 0.07, 0.215]])
        return np.concatenate([start + jitter, [[m - 0.03 + 0.01 * s, 0.27]], [cava]])
    if form == "pacemaker":
        box = np.array([s * rng.uniform(0.24, 0.3), rng.uniform(0.2, 0.26)])
        bottom = min(anatomy.dome)
        return np.array(
            [
                box,
                [s * 0.16, 0.2 + jitter[1]],
                [s * 0.06, 0.22],
                [m - 0.04, 0.33],
                [m - 0.05, bottom - 0.14],
                [m + 0.08, bottom - 0.03],
            ]
        )
    if form == "chest tube":
        entry = rng.uniform(0.5, 0.66)
        top = rng.uniform(0.22, 0.32)
        return np.array(
            [
                [s * (half + 0.1), entry + 0.04],
                [s * half, entry],
                [s * (half - 0.1), (entry + top) / 2],
                [s * (0.15 + jitter[0]), top],
            ]
        )
    levels = np.linspace(0.3, 0.6, int(rng.integers(4, 7)))
    return np.stack([m + rng.normal(0, 0.003, len(levels)), levels], axis=-1)


def draw_device(film: Film, sign: Sign) -> None:
    """Add one device's attenuation."""
    canvas = film.canvas
    path = np.array(sign.geometry.path)
    match sign.form:
        case "endotracheal tube" | "chest tube":
            width = 0.022 if sign.form == "endotracheal tube" else 0.02
            film.density += canvas.polyline(path, width, 0.4)
            film.density += canvas.polyline(path + np.array([0.4 * width, 0]), 0.005, 0.9)
        case "enteric tube":
            film.density += canvas.polyline(path, 0.01, 0.75)
        case "central line":
            film.density += canvas.polyline(path, 0.008, 0.9)
        case "pacemaker":
            film.density += canvas.polyline(path, 0.006, 1.0)
            film.density += canvas.polyline(path[-1:] + np.array([[-0.012, -0.005], [0, 0]]), 0.012)
            film.density += _generator(film, path[0], sign.direction)
        case _:
            turn = np.linspace(0, 2 * np.pi, 9)
            ring = np.stack([0.014 * np.cos(turn), 0.01 * np.sin(turn)], axis=-1)
            for centre in path:
                film.density += canvas.polyline(centre + ring, 0.0045, 1.1)


def _generator(film: Film, centre: Points, side: int) -> Array:
    """A rounded can, a paler header where the lead enters, the battery and circuit inside."""
    canvas = film.canvas
    cos, sin = np.cos(0.35 * side), np.sin(0.35 * side)
    x, y = canvas.u - centre[0], canvas.v - centre[1]
    across, down = (cos * x + sin * y) / 0.042, (cos * y - sin * x) / 0.036
    can = canvas.inside((1 - (across**4 + down**4) ** 0.25) * 0.036, 0.006)
    header = canvas.inside(-down - 0.55, 0.2)
    battery = canvas.inside(0.3 - np.abs(down - 0.35), 0.15) * canvas.inside(
        0.6 - np.abs(across), 0.15
    )
    return np.asarray(can * (1.0 - 0.5 * header + 0.5 * battery))
