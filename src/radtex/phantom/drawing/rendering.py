"""From a chest and its signs to pixels: attenuation, scatter, noise, the film's curve."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radtex.phantom.anatomy import Anatomy, Array
from radtex.phantom.deformation import deformed
from radtex.phantom.drawing import artefacts, opacities, pleura, skeleton, thorax
from radtex.phantom.drawing.acuity import with_spectrum_of
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.drawing.support_devices import draw_device
from radtex.phantom.signs import Sign
from radtex.phantom.technique import Technique

_DRAW: dict[str, Callable[[Film, Sign], None]] = {
    "Atelectasis": opacities.draw_atelectasis,
    "Consolidation": opacities.draw_consolidation,
    "Edema": opacities.draw_edema,
    "Lung Opacity": opacities.draw_opacity,
    "Pneumonia": opacities.draw_pneumonia,
    "Nodule": opacities.draw_nodule,
    "Emphysema": opacities.draw_emphysema,
    "Pleural Effusion": pleura.draw_effusion,
    "Pneumothorax": pleura.draw_pneumothorax,
    "Support Devices": draw_device,
    "Fracture": skeleton.draw_fracture,
    "Hernia": thorax.draw_hernia,
}
"""Cardiomegaly and Scoliosis are missing: they only deform the chest."""

_WHITE = (0.985, 0.997)
"""Share of the film without signs that is darker than the whitest grey it can show."""


def render_film(
    anatomy: Anatomy, signs: Sequence[Sign], technique: Technique, size: int
) -> NDArray[np.uint8]:
    """Draw a film, uint8 (size, size), dense tissue white.

    The same arguments give the same bytes. Other sizes show the same film: only the finest noise
    is drawn anew, and is stronger in smaller pixels, as on a detector.

    Args:
        anatomy: the chest before the signs deform it.
        signs: the signs to draw.
        technique: how the film is taken.
        size: side of the film, in pixels.
    """
    canvas = Canvas(technique.positioning, size)
    patient = _Patient(canvas, anatomy, technique)
    bare = patient.exposed(())
    grey = patient.exposed(signs) if signs else bare
    rng = np.random.default_rng([technique.noise_seed, 2])
    white = np.quantile(bare, rng.uniform(*_WHITE))
    grey = with_spectrum_of(np.minimum(grey, white), np.minimum(bare, white), rng)
    return _framed(np.minimum(grey, white), canvas, technique)


def draw_signs(film: Film, signs: Sequence[Sign]) -> None:
    """Change the maps of a film by each sign."""
    for sign in signs:
        if sign.name in _DRAW:
            _DRAW[sign.name](film, sign)


class _Inside(NamedTuple):
    """What signs may deform, each (size, size)."""

    lungs: Array
    """How much of both lungs lies in each pixel's ray, less what heart and mediastinum displace."""
    bones: Array
    stomach: Array
    """Attenuation taken away by its gas."""


class _Patient:
    """A patient before the film, who is exposed with signs and without.

    What signs leave as it is, is drawn once: noise, body, vessels and airway, and the rest where no
    sign deforms it.
    """

    def __init__(self, canvas: Canvas, anatomy: Anatomy, technique: Technique) -> None:
        rng = np.random.default_rng(technique.noise_seed)
        self.canvas, self.anatomy, self.technique = canvas, anatomy, technique
        self.lung_texture = 1 + 0.02 * canvas.noise(rng, 40)
        self.body = thorax.body(canvas, anatomy) * (1 + 0.015 * canvas.noise(rng, 5))
        deviation = technique.grain * canvas.size / 128
        self.grain = rng.standard_normal(canvas.u.shape, dtype=np.float32) * deviation
        self.vessels = thorax.vessels(canvas, anatomy)
        self.airway = thorax.airway(canvas, anatomy)
        self.skin = artefacts.on_the_skin(canvas, technique)
        self.inside = self._inside(anatomy, np.zeros_like(canvas.u))

    def exposed(self, signs: Sequence[Sign]) -> Array:
        """A film with some signs, before collimator and marker, (size, size), 0 to 1 white."""
        film = Film(self.canvas, deformed(self.anatomy, signs))
        draw_signs(film, signs)
        return self._exposed(self._attenuation(film) + self.skin)

    def _inside(self, anatomy: Anatomy, rib_shift: Array) -> _Inside:
        canvas = self.canvas
        hidden = np.maximum(thorax.heart(canvas, anatomy), thorax.mediastinum(canvas, anatomy))
        lungs = thorax.lung(canvas, anatomy, "right") + thorax.lung(canvas, anatomy, "left")
        lungs *= 1 - hidden
        bones = skeleton.bones(canvas, anatomy, rib_shift)
        return _Inside(lungs, bones, thorax.stomach_bubble(canvas, anatomy))

    def _attenuation(self, film: Film) -> Array:
        """Attenuation (size, size) along each pixel's ray."""
        inside = self.inside
        if film.anatomy != self.anatomy or film.rib_shift.any():
            inside = self._inside(film.anatomy, film.rib_shift)
        air = inside.lungs * film.aeration * self.lung_texture
        total = self.body * (1 - np.minimum(film.anatomy.air * air, 0.93))
        total += self.vessels * air * film.vessels
        total += inside.bones
        total -= np.minimum(self.airway + inside.stomach, 0.6 * total)
        attenuation: Array = np.maximum(total + film.density, 0)
        return attenuation

    def _exposed(self, attenuation: Array) -> Array:
        """Scatter, quantum noise and a sigmoid film curve."""
        technique = self.technique
        beam = (np.exp(-attenuation) + technique.scatter) / (1 + technique.scatter)
        seen = -np.log(beam) + self.grain / np.sqrt(beam)
        grey = 1 / (1 + np.exp(-technique.contrast * (seen - technique.centre)))
        floor = 1 / (1 + np.exp(technique.contrast * technique.centre))
        return np.asarray((grey - floor) / (1 - floor))


def _framed(grey: Array, canvas: Canvas, technique: Technique) -> NDArray[np.uint8]:
    """Collimator, grid and side marker."""
    size = canvas.size
    centres = (np.arange(size, dtype=np.float32) + 0.5) / size
    left, right, top, bottom = technique.collimation
    across = np.clip((np.minimum(centres - left, 1 - right - centres)) * size + 0.5, 0, 1)
    down = np.clip((np.minimum(centres - top, 1 - bottom - centres)) * size + 0.5, 0, 1)
    grey = grey * (across * down[:, None] * artefacts.grid_lines(canvas, technique.grid))
    x, y = technique.marker
    corners = np.array([[x, y - 0.025], [x, y], [x, y + 0.02], [x + 0.024, y + 0.02]])
    letter = technique.positioning.to_body(corners)
    grey += canvas.polyline(letter[[0, 2]], 0.007, 0.8) + canvas.polyline(letter[2:], 0.007, 0.8)
    return np.asarray(np.clip(255 * grey + 0.5, 0, 255), np.uint8)
