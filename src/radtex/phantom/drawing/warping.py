"""A real film reshaped: its pixels follow the change from one anatomy to another."""

import numpy as np
from scipy.ndimage import map_coordinates

from radtex.phantom.anatomy import HILUM, Anatomy, Array
from radtex.phantom.drawing.canvas import Canvas


def warped(film: Array, canvas: Canvas, before: Anatomy, after: Anatomy, descent: Array) -> Array:
    """Return a film as it would be with another heart, spine and other domes.

    Args:
        film: grey levels, (S, S).
        canvas: its pixels in body coordinates.
        before: the chest that it shows.
        after: the chest that it is to show.
        descent: how far each pixel's content is moved down on top of that, in body coordinates.

    Returns:
        Grey levels, float32 (S, S).
    """
    u = canvas.u - (after.spine(canvas.v) - before.spine(canvas.v)) * np.exp(
        -((canvas.u / 0.2) ** 2)
    )
    u = _before_heart(canvas, u, before, after)
    v = _before_domes(canvas, before, after) - descent
    image = canvas.positioning.to_image(np.stack([u.ravel(), v.ravel()], axis=-1).astype(float))
    x, y = image.T.reshape(2, *film.shape) * canvas.size - 0.5
    return np.asarray(map_coordinates(film, [y, x], order=3, mode="nearest"), np.float32)


def _before_heart(canvas: Canvas, u: Array, before: Anatomy, after: Anatomy) -> Array:
    """Return where along `u` pixels' content lay: the heart is stretched, the lung squeezed."""
    bottom = min(after.dome) + 0.045
    rise = np.clip((canvas.v - bottom + 1.25 * after.heart_height) / 0.16, 0, 1)
    fall = np.clip((bottom + 0.12 - canvas.v) / 0.12, 0, 1)
    share = rise * rise * (3 - 2 * rise) * fall * fall * (3 - 2 * fall)
    wall = after.lateral(canvas.v)
    moved = u
    for side, old, new in zip((-1, 1), before.heart_borders(), after.heart_borders(), strict=True):
        a = side * u
        border, now = side * old, side * new
        room = np.maximum(wall - now, 0.02)
        beside = border + (a - now) * (wall - border) / room
        source = np.where(a < now, a * (border / now), np.minimum(beside, np.maximum(a, wall)))
        moved = np.where(a > 0, u + side * share * (source - a), moved)
    return np.asarray(moved)


def _before_domes(canvas: Canvas, before: Anatomy, after: Anatomy) -> Array:
    """Return where along `v` each pixel's content lay: the lung below the hilum is stretched."""
    v = canvas.v
    right, left = (
        _stretched(v, old, new) for old, new in zip(before.dome, after.dome, strict=True)
    )
    on_left = canvas.inside(canvas.u, 0.1)
    return np.asarray(right + on_left * (left - right))


def _stretched(v: Array, old: float, new: float) -> Array:
    hilum, fade = HILUM[1], 0.2
    within = np.clip((v - hilum) / (new - hilum), 0, 1)
    beyond = np.clip((v - new) / fade, 0, 1)
    return np.asarray(v + (old - new) * within * (1 - beyond))
