"""The phantom's signs on a real film without findings, in the film's own greys."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from radtex.phantom.anatomy import SIDES, Array, Sex
from radtex.phantom.chest_fit import Chest
from radtex.phantom.deformation import deformed
from radtex.phantom.drawing.acuity import with_spectrum_of
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.drawing.rendering import draw_signs
from radtex.phantom.drawing.thorax import lung, vessels
from radtex.phantom.drawing.warping import warped
from radtex.phantom.placement import place_all
from radtex.phantom.signs import Sign, sample_chronic, sample_findings
from radtex.phantom.technique import SUPINE
from radtex.phantom.wording.phantom_report import Report, write_report

UNKNOWN = ("Fracture", "Scoliosis", "Support Devices")
"""Findings that a film "without findings" may have, since not all archives label them."""

_LUNG_CONTRAST = 1.6
"""Attenuation between aerated lung and soft tissue in the phantom; a film has it in grey levels."""

_FINE = 4
"""Pixels of the enlarged film for one of the film's, each way."""

_CONTRAST = 0.3
"""Share of the change in the strength of detail that is left.

Little: rounding to whole greys turns a change of strength into one of the spectrum's shape.
"""

_AWAY = 0.5
"""Deviation of the places at which a film is sampled from its pixels' centres, in pixels."""

_BUMPS = 6
"""Of the smooth field of those deviations, along the film's side."""


def sample_signs(seed: int, number: int, chest: Chest, view: str) -> tuple[Sign, ...]:
    """Draw the signs of a composite, each a patient by itself.

    Args:
        seed: number of the archive, 0 or more.
        number: number of the composite in it, 0 or more.
        chest: the chest of its film.
        view: view of its film; one of "AP" may be taken supine.
    """
    rng = np.random.default_rng([seed, number, 4])
    supine = view == "AP" and bool(rng.random() < SUPINE)
    findings = sample_findings(rng, sample_chronic(rng))
    return place_all(lambda _: rng, chest.anatomy, findings, supine)


def report_composite(
    seed: int, number: int, signs: tuple[Sign, ...], sex: Sex | Literal[""], age: float | None
) -> Report:
    """Write the report of a composite, a study without a prior.

    It affirms what is drawn. It denies only what an archive's "no finding" vouches for, and so
    nothing of `UNKNOWN`.

    Args:
        seed: number of the archive, 0 or more.
        number: number of the composite in it, 0 or more.
        signs: what is drawn.
        sex: sex of the patient; "" if it is not known.
        age: age in years; None if it is not known.
    """
    rng = np.random.default_rng([seed, number, 5])
    return write_report(rng, signs, None, sex, None if age is None else int(age), UNKNOWN)


def composite(
    background: NDArray[np.uint8],
    chest: Chest,
    signs: tuple[Sign, ...],
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """Draw signs on a real film.

    They are drawn on the film enlarged, which is then reduced, so they are as blurred as its own
    contents. A film without signs takes the same way, and is sampled beside its pixels as one that
    signs have warped.

    Args:
        background: grey levels of the film, uint8 (S, S).
        chest: the chest that was found on it.
        signs: what to draw.
        rng: source of the film's sampling and sharpness.

    Returns:
        Grey levels, uint8 (S, S).
    """
    film = background.astype(np.float32)
    canvas = Canvas(chest.positioning, _FINE * len(film))
    fine = _enlarged(film, canvas, rng)
    grey = _reduced(_drawn(fine, canvas, chest, signs) if signs else fine)
    grey = 255 * with_spectrum_of(grey / 255, film / 255, rng, _CONTRAST)
    return np.asarray(np.clip(grey + 0.5, 0, 255), np.uint8)


def _enlarged(film: Array, canvas: Canvas, rng: np.random.Generator) -> Array:
    """Interpolate a film by cubic splines, with `_FINE` pixels for one each way.

    Between pixels a spline is smoother than on them, so that a film that is warped would be told
    from one that is not. So each is sampled beside its pixels, by a fraction that varies.
    """
    centres = ((np.arange(canvas.size) + 0.5) / _FINE - 0.5).astype(np.float32)
    down, across = (_AWAY * canvas.noise(rng, _BUMPS) for _ in range(2))
    places = [centres[:, None] + down, centres + across]
    return np.asarray(map_coordinates(film, places, order=3, mode="nearest"), np.float32)


def _reduced(film: Array) -> Array:
    """Average each `_FINE` × `_FINE` pixels."""
    size = len(film) // _FINE
    return np.asarray(film.reshape(size, _FINE, size, _FINE).mean((1, 3)))


def _drawn(grey: Array, canvas: Canvas, chest: Chest, signs: tuple[Sign, ...]) -> Array:
    anatomy = deformed(chest.anatomy, signs)
    film = Film(canvas, anatomy)
    draw_signs(film, signs)
    descent = film.rib_shift * anatomy.rib_spacing
    if anatomy != chest.anatomy or descent.any():
        grey = warped(grey, canvas, chest.anatomy, anatomy, descent)
    grey = _aerated(grey, film, chest)
    return _dense(grey, film.density, chest)


def _aerated(grey: Array, film: Film, chest: Chest) -> Array:
    """Lung that lost air approaches soft tissue and hides its vessels; more air darkens it."""
    if (film.aeration == 1).all() and (film.vessels == 1).all():
        return grey
    canvas, anatomy = film.canvas, film.anatomy
    fine, coarse = 0.012 / canvas.pixel, 0.024 / canvas.pixel
    lungs = sum(lung(canvas, anatomy, side) for side in SIDES)
    region = gaussian_filter(np.clip(8 * lungs, 0, 1), 0.01 / canvas.pixel)
    detail = grey - gaussian_filter(grey, fine)
    grey = grey + np.clip(film.vessels - 1, -1, 0.6) * detail * region
    base = gaussian_filter(grey, coarse)
    low = np.clip((canvas.v - 0.45) / (min(anatomy.dome) - 0.45), 0, 1)
    tissue = chest.heart + low * (chest.abdomen - chest.heart)
    share = np.clip(1 - film.aeration, 0, 1) * region
    filled = np.maximum(tissue - base, 0) * share - 0.5 * share * (grey - base)
    extra = np.maximum(film.aeration - 1, 0) * region
    swollen = np.maximum(film.vessels - 1, 0) * region
    grey = grey + filled - 1.5 * extra * (tissue - chest.lung)
    if swollen.any():
        air = np.clip((tissue - base) / (tissue - chest.lung), 0, 1)
        grey = _dense(grey, 0.7 * swollen * air * vessels(canvas, anatomy), chest)
    return np.asarray(grey)


def _dense(grey: Array, density: Array, chest: Chest) -> Array:
    """Attenuation added in the film's own contrast; what is bright already gains less."""
    gain = (chest.heart - chest.lung) / _LUNG_CONTRAST
    room = np.sqrt((255 - grey).clip(1) * (255 - chest.lung))
    brighter = 255 - (255 - grey) * np.exp(-np.maximum(density, 0) * gain / room)
    darker = np.minimum(density, 0) * gain * np.clip(grey / chest.heart, 0, 1)
    return np.asarray(brighter + darker)
