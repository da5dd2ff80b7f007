"""What the models say of some films together: the report, the findings and the features."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from radtex.classifiers.predict import predict_batch
from radtex.classifiers.prediction import Prediction
from radtex.generation.ask import probabilities
from radtex.generation.writing import Draft, Writing
from radtex.images.films import Film
from radtex.reports.phrases import Question
from radtex.serving.answering.opened_models import OpenedModels
from radtex.statistics.thresholds import OperatingPoint

_WRITING = Writing()


@dataclass(frozen=True)
class Reading:
    """A film, and what is asked of it."""

    models: OpenedModels
    """That read it."""
    squares: tuple[NDArray[np.uint8], ...]
    """One for each of the models' `squares`."""
    name: str = ""
    """What tells it apart."""
    opening: tuple[int, ...] = ()
    """Tokens that the report begins with."""
    operating_point: OperatingPoint = "youden"
    """What makes a probability a yes."""
    wants_features: bool = False
    """Whether its features are of use."""

    def square(self, place: int) -> NDArray[np.uint8]:
        """The image that the run (0) or the classifier (-1) takes."""
        return self.squares[place]


@dataclass(frozen=True)
class Read:
    """What was said of a film."""

    draft: Draft | None
    """None where no model writes."""
    prediction: Prediction | None
    """None where there is no classifier."""
    features: NDArray[np.float32] | None
    """Pooled, (D,); None where nobody wants them."""


def read_films(readings: Sequence[Reading]) -> list[Read]:
    """Read films with the same models, opening and operating point, as the commands would.

    Reports are those of `radtex generate`, findings those of `radtex predict`.
    """
    first = readings[0]
    models = first.models
    own = np.stack([each.square(0) for each in readings])
    drafts: list[Draft | None] = [None] * len(readings)
    predictions: list[Prediction | None] = [None] * len(readings)
    with torch.inference_mode():
        if models.run and models.run.writes:
            names = [each.name for each in readings]
            written = _WRITING.write(models.run.model, own, names, [first.opening])
            drafts = [each[0] for each in written]
        features: list[NDArray[np.float32] | None] = [None] * len(readings)
        if any(each.wants_features for each in readings):
            features = list(models.encode(own))
        if models.classifier:
            films = [Film(each.name, each.square(-1)) for each in readings]
            classifier = models.classifier.model
            predictions = list(predict_batch(classifier, films, first.operating_point))
    return [
        Read(draft, prediction, row)
        for draft, prediction, row in zip(drafts, predictions, features, strict=True)
    ]


@dataclass(frozen=True)
class Asked:
    """A film, and a question about it."""

    models: OpenedModels
    """Whose run is asked."""
    square: NDArray[np.uint8]
    """What the run takes, (S, S)."""
    question: Question
    """What is asked."""


def answer_questions(asked: Sequence[Asked]) -> list[float]:
    """Answer the same question about some films, as `radtex ask` would: probabilities."""
    run = asked[0].models.run
    assert run is not None
    images = np.stack([each.square for each in asked])
    said = probabilities(run.model, images, [asked[0].question])
    return [float(row[0]) for row in said]


def encode_films(
    films: Sequence[tuple[OpenedModels, NDArray[np.uint8]]],
) -> list[NDArray[np.float32]]:
    """Encode some films with the same models: features (D,) of each."""
    return list(films[0][0].encode(np.stack([square for _, square in films])))
