"""`radtex predict`: what a classifier says of image files."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from radtex.classifiers.classifier import Classifier, load_classifier
from radtex.compute.allocation import keep_freed_memory
from radtex.errors import ImageError
from radtex.files import refuse_existing, write_text
from radtex.images.films import Films, read_films
from radtex.statistics.thresholds import OperatingPoint
from radtex.text_tables import aligned

BATCH = 64
"""Images that are encoded at a time."""
Format = Literal["table", "csv", "json"]
"""How predictions are written."""


@dataclass(frozen=True)
class Prediction:
    """What a classifier of T targets says of an image."""

    image: str
    """The file, as it was named."""
    probabilities: tuple[float, ...] | None
    """Of the T targets; None where the classifier abstains or there is no image."""
    positive: tuple[bool, ...] | None
    """Whether each probability counts as a yes; None where there are no probabilities."""
    abstained: bool
    """Whether the image is too unlike the radiographs of the pool."""
    distance: float | None
    """How unlike they are (see `abstention`); None where there is no image."""
    reason: str
    """Why it abstains, or why the image cannot be read; else ""."""


def predict(
    path: Path,
    names: Sequence[str],
    format: Format = "table",
    out: Path | None = None,
    operating_point: OperatingPoint = "youden",
    answer_all: bool = False,
) -> str:
    """Predict for the images that `names` mean: files, folders of them, or patterns.

    Args:
        path: the folder of a classifier.
        names: see `find_files`.
        format: `table` for people, `csv` a row per image, `json` a list with an object per image.
        out: the file to write instead of returning the result.
        operating_point: which thresholds make a probability a yes.
        answer_all: also give the probabilities of images that it abstains on.

    Returns:
        The result, or the name of `out`.

    Raises:
        RunError: if `path` is no classifier or is damaged.
        ImageError: if none is named, a folder holds no image, or none can be read.
        OutputError: if `out` exists or cannot be written.
    """
    if out is not None:
        refuse_existing(out)
    if not names:
        raise ImageError("no image was named; name DICOM files or pictures, or a folder of them")
    keep_freed_memory()
    classifier = load_classifier(path)
    films = read_films(names, classifier.preprocessing)
    predictions = list(predictions_of(classifier, films, operating_point, answer_all))
    targets = [target.name for target in classifier.targets]
    text = _FORMATS[format](targets, predictions)
    if out is None:
        return text
    write_text(out, text + "\n")
    return str(out)


def predictions_of(
    classifier: Classifier,
    films: Films,
    operating_point: OperatingPoint = "youden",
    answer_all: bool = False,
) -> Iterator[Prediction]:
    """Predict for each film, in their order.

    Args:
        classifier: that is asked.
        films: the images, made as its preprocessing says.
        operating_point: which thresholds make a probability a yes.
        answer_all: also give the probabilities of images that it abstains on.

    Yields:
        A prediction per film, also where it cannot be read.
    """
    thresholds = np.array([each.thresholds.at(operating_point) for each in classifier.targets])
    for batch in films.batches("predicting", BATCH):
        readable = [film.pixels for film in batch if film.pixels is not None]
        if readable:
            features = classifier.features(np.stack(readable))
            answers = zip(
                classifier.probabilities(features),
                classifier.abstention.familiarity.distance(features).tolist(),
                strict=True,
            )
        for film in batch:
            if film.pixels is None:
                yield Prediction(film.image_id, None, None, False, None, film.error)
                continue
            probabilities, distance = next(answers)
            reason = classifier.abstention.reason(distance)
            answered = answer_all or not reason
            yield Prediction(
                film.image_id,
                tuple(probabilities.tolist()) if answered else None,
                tuple((probabilities >= thresholds).tolist()) if answered else None,
                bool(reason),
                distance,
                reason,
            )


def _table(targets: Sequence[str], predictions: Sequence[Prediction]) -> str:
    rows = [["image", *targets, ""]]
    for each in predictions:
        cells = ["–"] * len(targets)
        if each.probabilities is not None and each.positive is not None:
            cells = [
                f"{probability:.3f} {'yes' if positive else 'no'}"
                for probability, positive in zip(each.probabilities, each.positive, strict=True)
            ]
        note = f"abstains: {each.reason}" if each.abstained else each.reason
        rows.append([each.image, *cells, note])
    return aligned(rows)


def _csv(targets: Sequence[str], predictions: Sequence[Prediction]) -> str:
    nothing = (None,) * len(targets)
    rows = []
    for each in predictions:
        row: dict[str, object] = {"image": each.image}
        for target, probability, positive in zip(
            targets, each.probabilities or nothing, each.positive or nothing, strict=True
        ):
            row[target] = probability
            row[f"{target} positive"] = None if positive is None else int(positive)
        row |= {"abstained": int(each.abstained), "distance": each.distance, "reason": each.reason}
        rows.append(row)
    frame = pd.DataFrame(rows, dtype=object)
    return frame.to_csv(index=False, lineterminator="\n").rstrip("\n")


def _json(targets: Sequence[str], predictions: Sequence[Prediction]) -> str:
    def by_target(values: Sequence[object] | None) -> dict[str, object] | None:
        return None if values is None else dict(zip(targets, values, strict=True))

    listed = [
        {
            "image": each.image,
            "probabilities": by_target(each.probabilities),
            "positive": by_target(each.positive),
            "abstained": each.abstained,
            "distance": each.distance,
            "reason": each.reason,
        }
        for each in predictions
    ]
    return json.dumps(listed, indent=2, ensure_ascii=False, allow_nan=False)


_FORMATS = {"table": _table, "csv": _csv, "json": _json}
