"""Maps of a kept study: what in the film speaks for a sentence or a finding, as PNG."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radtex.explaining.boxes_and_points import peak
from radtex.explaining.film_map import map_extent
from radtex.explaining.grad_cam import default_stride, grad_cam
from radtex.explaining.word_gradient import word_gradient
from radtex.images import Fit
from radtex.serving.answering.answers import MapAnswer
from radtex.serving.answering.kept_studies import KeptStudy
from radtex.serving.problems import ProblemError

NO_MAPS = (
    "An export to ONNX says how likely findings are, and cannot show where. For maps, serve the "
    "classifier itself, or its export to the hub."
)
"""Said where a classifier has no networks to make maps by."""
_TINT = (0xE6, 0x9F, 0x00)
_STRONGEST = 0.65
"""Opacity of the highest cell."""
_LONGEST = 512
"""Pixels of the long side of a picture."""


@dataclass(frozen=True)
class FilmMap:
    """A map and the film that it lies on."""

    cells: NDArray[np.float32]
    """(h, w); they sum to 1, or all are 0."""
    height: int
    """Of the film."""
    width: int
    """Of the film."""
    fit: Fit
    """How the film became the square of the map."""

    def answer(self) -> MapAnswer:
        """The map in numbers."""
        left, right, bottom, top = map_extent(self.height, self.width, self.fit)
        x, y = peak(self.cells)
        there = bool(self.cells.any())
        return MapAnswer(
            cells=[[float(cell) for cell in row] for row in self.cells],
            left=left / self.width,
            right=right / self.width,
            top=top / self.height,
            bottom=bottom / self.height,
            peak_x=(left + x * (right - left)) / self.width if there else None,
            peak_y=(top + y * (bottom - top)) / self.height if there else None,
        )

    def png(self) -> bytes:
        """A tint of the film's shape, transparent where the map is even or less."""
        scale = min(1.0, _LONGEST / max(self.height, self.width))
        height, width = (max(1, round(side * scale)) for side in (self.height, self.width))
        left, right, bottom, top = (round(edge * scale) for edge in self.extent)
        even = self.cells * self.cells.size
        side = max(1, right - left), max(1, bottom - top)
        square = Image.fromarray(even.astype(np.float32)).resize(side, Image.Resampling.BICUBIC)
        film = Image.new("F", (width, height), 0.0)
        film.paste(square, (left, top))
        smooth = np.asarray(film)
        highest = max(2.0, float(smooth.max()))
        opacity = np.clip((smooth - 1) / (highest - 1), 0, 1) * _STRONGEST
        pixels = np.empty((height, width, 4), np.uint8)
        pixels[..., :3] = _TINT
        pixels[..., 3] = np.rint(255 * opacity)
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG", compress_level=1)
        return file.getvalue()

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom and top edge of the map, in pixels of the film."""
        return map_extent(self.height, self.width, self.fit)


def sentence_maps(asked: Sequence[tuple[KeptStudy, int]]) -> list[FilmMap]:
    """Map what raises the likelihood of a sentence: each a study and the place of its sentence."""
    return [_sentence_map(study, place) for study, place in asked]


def target_maps(asked: Sequence[tuple[KeptStudy, str]]) -> list[FilmMap]:
    """Map what raises the probability of a target: each a study and the name of its target."""
    return [_target_map(study, name) for study, name in asked]


def check_sentence(study: KeptStudy, place: int) -> None:
    """Refuse a sentence that a study's report does not have.

    Raises:
        ProblemError: with 404.
    """
    if not 0 <= place < len(study.sentences):
        raise ProblemError(404, "no-sentence", "The report of this film has no such sentence.")


def check_target(study: KeptStudy, place: int) -> str:
    """Return the name of a target by its place.

    Raises:
        ProblemError: with 404, if a study's classifier has no such target; with 422, if it has no
            networks to make maps by.
    """
    classifier = study.models.classifier
    if classifier is None or not 0 <= place < len(classifier.model.targets):
        raise ProblemError(404, "no-target", "The classifier that is served has no such finding.")
    if classifier.networks is None:
        raise ProblemError(422, "no-maps", NO_MAPS)
    return classifier.model.targets[place].name


def _sentence_map(study: KeptStudy, place: int) -> FilmMap:
    run = study.models.run
    assert run is not None
    words = np.zeros(len(study.tokens), bool)
    words[slice(*study.sentences[place])] = True
    heat = word_gradient(run.model, study.squares[0][None], [list(study.tokens)], [words])[0]
    return FilmMap(_shares(heat), study.height, study.width, run.preprocessing.fit)


def _target_map(study: KeptStudy, name: str) -> FilmMap:
    served = study.models.classifier
    assert served is not None
    classifier = served.networks
    assert classifier is not None
    place = [each.name for each in classifier.targets].index(name)
    ready = classifier.takes.prepare(study.squares[-1][None])
    stride = default_stride(classifier.encoder)
    heat = grad_cam(classifier.encoder, ready, classifier.weights[place], stride)[0].numpy()
    return FilmMap(_shares(heat), study.height, study.width, classifier.preprocessing.fit)


def _shares(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    total = float(heat.sum())
    return heat / np.float32(total) if total > 0 else heat
