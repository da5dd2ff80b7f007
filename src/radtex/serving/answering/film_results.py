"""What is said of a film as DICOM objects for its study: a structured report, and maps as pictures.

They are those of `radtex predict --dicom-sr` and of `radtex explain --dicom-sc`, for the same film.
"""

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from radtex.classifiers.prediction import Prediction
from radtex.classifiers.structured_report import Author, report_source, structured_report
from radtex.errors import ImageError
from radtex.images.dicom_dataset import careful_reading
from radtex.serving.answering.kept_studies import KeptStudy
from radtex.serving.answering.map_pictures import FilmMap
from radtex.serving.answering.opened_models import ServedClassifier
from radtex.statistics.thresholds import OperatingPoint

if TYPE_CHECKING:
    from pydicom import Dataset

_FILM = "the film"
_SENTENCE = "drafted sentence"
_SENTENCE_NOTE = (
    "Tint: Grad-CAM, what raises the likelihood of the words of the sentence there. Line: where it "
    "is even. Cross: its highest cell."
)
_NOTHING = "No place of the film speaks for it, so no map is drawn."


def film_source(data: bytes) -> "Dataset":
    """Return what results need of a film's header.

    Args:
        data: the DICOM file.

    Raises:
        ImageError: if it is damaged, or lacks the UIDs that results refer to.
    """
    source = report_source(io.BytesIO(data), _FILM)
    if source is None:
        raise ImageError("the film has no study, series and instance UID")
    return source


def film_report(
    served: ServedClassifier, prediction: Prediction, point: OperatingPoint, source: "Dataset"
) -> Any:
    """Return the structured report of a prediction.

    Args:
        served: the classifier that spoke.
        prediction: what it said.
        point: the operating point at which it was asked.
        source: the film's header, by `film_source`.

    Raises:
        ImageError: if the header holds what no report can.
    """
    author = Author.of(served.name, served.digest, point, served.model.targets)
    with careful_reading(_FILM):
        return structured_report(prediction, author, [source])


def target_picture(study: KeptStudy, place: int, found: FilmMap, source: "Dataset") -> Any:
    """Return the picture of a finding's map.

    Args:
        study: that was read with a classifier.
        place: of the target.
        found: its map.
        source: the film's header, by `film_source`.

    Raises:
        ImageError: if the header holds what no picture can.
    """
    from radtex.explaining.target_map import NOTE

    name, text = said_of_target(study, place)
    return _picture(study, found, name, len(name), text, NOTE, source)


def sentence_picture(study: KeptStudy, place: int, found: FilmMap, source: "Dataset") -> Any:
    """Return the picture of the map of a report's sentence; see `target_picture`."""
    text = study.texts[place]
    return _picture(study, found, _SENTENCE, len(text), text, _SENTENCE_NOTE, source)


def said_of_target(study: KeptStudy, place: int) -> tuple[str, str]:
    """The name of a target, and a sentence of what the classifier said of it."""
    served, prediction = study.models.classifier, study.prediction
    assert served is not None
    assert prediction is not None
    target = served.model.targets[place]
    if prediction.probabilities is None or prediction.positive is None:
        return target.name, f"{target.name}: the classifier abstains: {prediction.reason}."
    answer = "present" if prediction.positive[place] else "absent"
    return target.name, (
        f"{target.name}: probability {prediction.probabilities[place]:.3f}, "
        f"threshold {target.thresholds.at(study.operating_point):.3f}: {answer}."
    )


def _picture(
    study: KeptStudy,
    found: FilmMap,
    name: str,
    letters: int,
    text: str,
    note: str,
    source: "Dataset",
) -> Any:
    # Imported here: it takes matplotlib, and few ask for it.
    from radtex.explaining.overlay import Panel, draw_overlay
    from radtex.explaining.secondary_capture import capture_of

    grey = np.asarray(Image.open(io.BytesIO(study.png)))
    panels = [Panel(name, ((0, letters),), found.cells)] if found.cells.any() else []
    drawn = io.BytesIO()
    draw_overlay(grey, found.extent, text, panels, drawn, note if panels else _NOTHING)
    pixels = np.asarray(Image.open(drawn).convert("RGB"))
    with careful_reading(_FILM):
        return capture_of(pixels, source, text)
