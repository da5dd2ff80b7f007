"""The courses that lines, tubes and implants take through the chest."""

import numpy as np

from radtex.phantom.anatomy import CARINA, SIDES, Anatomy, Side
from radtex.phantom.technique import Points

DEVICES = (
    "endotracheal tube",
    "enteric tube",
    "central line",
    "pacemaker",
    "chest tube",
    "sternal wires",
)
"""The forms of Support Devices."""


def device_path(rng: np.random.Generator, anatomy: Anatomy, form: str, side: Side) -> Points:
    """Draw the course of a device.

    Args:
        rng: source of the draws.
        anatomy: the chest that the device lies in.
        form: one of `DEVICES`.
        side: side of the chest; the tubes along the midline and the wires ignore it.

    Returns:
        The corners (N, 2) of the course, in body coordinates.
    """
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
