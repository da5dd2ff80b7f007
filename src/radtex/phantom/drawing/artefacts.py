"""What lies on a film without being a finding: monitor leads, folds of skin, grid lines.

Reports do not mention them and no label counts them: here, monitor leads are no Support Devices.
"""

import numpy as np

from radtex.phantom.anatomy import Array
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.technique import Technique


def on_the_skin(canvas: Canvas, technique: Technique) -> Array:
    """Attenuation (size, size) of monitor leads and of a fold of skin."""
    rng = np.random.default_rng([technique.noise_seed, 1])
    total = np.zeros_like(canvas.u)
    if technique.leads:
        for side, v in ((-1, 0.24), (1, 0.22), (rng.choice([-1, 1]), 0.78)):
            place = np.array([side * rng.uniform(0.24, 0.36), v + rng.normal(0, 0.03)])
            leave = np.array([side * rng.uniform(0.3, 0.6), rng.choice([-0.05, 1.05])])
            bend = (place + leave) / 2 + rng.normal(0, 0.05, 2)
            total += canvas.polyline(np.stack([place, bend, leave]), 0.0035, 0.45)
            disc = 1 - canvas.radius(place[0], place[1], 0.026, 0.026)
            total += 0.35 * canvas.inside(disc * 0.013, 0.004)
    if technique.fold:
        edge = rng.uniform(0.2, 0.28) + rng.uniform(0.0, 0.2) * (canvas.v - 0.5)
        beyond = technique.fold * canvas.u - edge
        along = canvas.inside(canvas.v - rng.uniform(0.25, 0.4), 0.1)
        total += 0.22 * along * canvas.inside(-beyond, 0.006) * np.exp(beyond.clip(-1, 0) / 0.03)
    return total


def grid_lines(canvas: Canvas, depth: float) -> Array:
    """Return a factor for each column, (size,): the lines of a grid, as far as pixels resolve them.

    Args:
        canvas: the film's pixels.
        depth: depth of the lines, 0 without a grid.
    """
    lines = 46
    seen = np.sinc(lines / canvas.size)
    columns = (np.arange(canvas.size, dtype=np.float32) + 0.5) / canvas.size
    return np.asarray(1 - depth * (1 + seen * np.cos(2 * np.pi * lines * columns)))
