"""How lines, tubes and implants look."""

import numpy as np

from radtex.phantom.anatomy import Array
from radtex.phantom.drawing.film import Film
from radtex.phantom.signs import Sign
from radtex.phantom.technique import Points


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
