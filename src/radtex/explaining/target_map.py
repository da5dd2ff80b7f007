"""One film explained by a classifier, or by a run that learnt from labels: Grad-CAM of a target."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit
from torch import Tensor

from radtex.classifiers.classifier import is_classifier, load_classifier
from radtex.errors import RunError
from radtex.explaining.film_map import FittedFilm
from radtex.explaining.grad_cam import default_stride, grad_cam
from radtex.explaining.overlay import Panel
from radtex.explaining.secondary_capture import secondary_capture
from radtex.files import makes_alone, refuse_existing, whole_file
from radtex.images import Preprocessing
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput
from radtex.models.run import Run
from radtex.pacs import Pacs

NOTE = (
    "Tint: Grad-CAM, what raises the score of the finding there. Line: where it is even. "
    "Cross: its highest cell."
)
"""Below the picture of a target's map."""
_NOTHING = (
    "At this layer no place of the film raises the score of the finding, so no map is drawn; an "
    "earlier one (--stride) may."
)


@dataclass(frozen=True)
class _Head:
    """A linear head on the pooled features of an encoder."""

    encoder: Encoder
    takes: EncoderInput
    preprocessing: Preprocessing
    weights: Tensor
    """For the features, (C,)."""
    say: Callable[[Tensor], tuple[float, str]]
    """From features (1, C) to the probability and the rest of the sentence."""


@makes_alone("out", "arrays", "dicom_sc")
def explain_target(
    path: Path,
    image: Path,
    target: str,
    out: Path,
    arrays: Path | None = None,
    stride: int | None = None,
    dicom_sc: Path | None = None,
    pacs: str | None = None,
) -> str:
    """Draw what in a film speaks for a target.

    Args:
        path: a classifier, or a finished run of the supervised objective.
        image: a DICOM file or a picture.
        target: one of its findings.
        out: the PNG to write; the map is drawn on the film as it was read.
        arrays: a NumPy archive (.npz) to write: `text`, `target`, `probability`; `map` (h, w), 0 or
            more, in units of the logit per cell; `stride`, pixels of the network's image per cell;
            `extent` (4,), the left, right, bottom and top edge of the map in pixels of the film as
            it was read, whose `shape` (2,) is height and width.
        stride: of the layer that is looked at; see `grad_cam.default_stride`.
        dicom_sc: a DICOM file to write, with the picture as a Secondary Capture of the film's
            study.
        pacs: address of a DICOMweb service, where that is stored.

    Returns:
        A sentence: the probability, and what it counts as.

    Raises:
        RunError: if `path` cannot be loaded, or has no head for `target`.
        RecipeError: if its encoder has no layer of that `stride`.
        ImageError: if the image cannot be read.
        OutputError: if an output exists or cannot be written.
        PacsError: if the PACS cannot be reached, or does not keep the picture.
    """
    for output in (out, arrays, dicom_sc):
        if output is not None:
            refuse_existing(output)
    service = Pacs(pacs) if pacs else None
    head = _of_classifier(path, target) if is_classifier(path) else _of_run(path, target)
    film = FittedFilm.read(image, head.preprocessing)
    ready = head.takes.prepare(film.square[None])
    chosen = default_stride(head.encoder) if stride is None else stride
    heat = grad_cam(head.encoder, ready, head.weights, chosen)[0].numpy()
    with torch.inference_mode():
        probability, words = head.say(pool(head.encoder(ready)))
    text = f"{target}: probability {probability:.3f}{words}"
    panels = []
    if heat.sum() > 0:
        panels.append(Panel(target, ((0, len(target)),), heat / heat.sum()))
    film.draw(text, panels, out, NOTE if panels else _NOTHING)
    if arrays is not None:
        film.save(
            arrays,
            text=text,
            target=target,
            probability=probability,
            map=heat,
            stride=chosen or head.encoder.stride,
        )
    if dicom_sc is not None or service is not None:
        capture = secondary_capture(out, image, text)
        if dicom_sc is not None:
            with whole_file(dicom_sc) as aside:
                capture.save_as(aside, enforce_file_format=True)
        if service is not None:
            service.store([capture])
    return text


def _of_classifier(path: Path, target: str) -> _Head:
    classifier = load_classifier(path)
    place = _place(path, target, [each.name for each in classifier.targets])
    threshold = classifier.targets[place].thresholds.youden

    def say(features: Tensor) -> tuple[float, str]:
        probability = float(classifier.probabilities(features)[0, place])
        answer = "present" if probability >= threshold else "absent"
        reason = classifier.abstention.reason(
            float(classifier.abstention.familiarity.distance(features)[0])
        )
        words = f", threshold {threshold:.3f}: {answer}."
        return probability, words + (f" The classifier abstains: {reason}." if reason else "")

    return _Head(
        classifier.encoder,
        classifier.takes,
        classifier.preprocessing,
        classifier.weights[place],
        say,
    )


def _of_run(path: Path, target: str) -> _Head:
    run = Run.open(path)
    place = _place(path, target, run.targets)
    encoder = run.encoder()
    weights, intercept = (each[place] for each in run.heads())

    def say(features: Tensor) -> tuple[float, str]:
        logit: NDArray[np.float64] = (features @ weights + intercept).double().numpy()
        return float(expit(logit)[0]), ", by the head of the run, which is not calibrated."

    return _Head(encoder, run.takes, run.preprocessing, weights, say)


def _place(path: Path, target: str, targets: list[str]) -> int:
    if target not in targets:
        there = ", ".join(targets) or "none, for it did not learn from labels"
        raise RunError(f"{path} has no target {target!r}; its targets are: {there}")
    return targets.index(target)
