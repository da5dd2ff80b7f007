"""What a classifier says of a film, and of a study of several."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit

from radtex.images.films import NOBODYS, Belonging


@dataclass(frozen=True)
class Prediction:
    """What a classifier of T targets says of an image, or of a study."""

    image: str
    """The file, as it was named; of a study the first one."""
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
    belongs_to: Belonging = NOBODYS
    """Whose the file is, by its header."""
    files: tuple[str, ...] = ()
    """Of a study, all its files; of an image that one."""
    answered: int = 0
    """Of a study, the number of images that have an answer."""
    urgency: float | None = None
    """Sum of the probabilities, each times its weight (see `worklist`); None where there is none,
    or no weights were given."""


def by_study(
    predictions: Sequence[Prediction], thresholds: Sequence[float]
) -> tuple[Prediction, ...]:
    """Join the images of each study, in order of first appearance.

    The log odds of a study are the mean over its answered images, which is what the heads say of
    the mean of their features: what `transfer` scores. A file is of the study that its header
    names, else of its accession number and patient; a file that names neither is a study of its
    own.

    Args:
        predictions: of the images.
        thresholds: of the T targets.
    """
    studies: dict[tuple[str, ...], list[Prediction]] = {}
    for number, each in enumerate(predictions):
        of = each.belongs_to
        key: tuple[str, ...] = ("file", str(number))
        if of.study:
            key = ("study", of.study)
        elif of.accession:
            key = ("accession", of.accession, of.patient)
        studies.setdefault(key, []).append(each)
    return tuple(_joined(parts, thresholds) for parts in studies.values())


def _joined(parts: Sequence[Prediction], thresholds: Sequence[float]) -> Prediction:
    said = [each for each in parts if each.probabilities is not None]
    files = tuple(each.image for each in parts)
    if not said:
        reasons = "; ".join(dict.fromkeys(each.reason for each in parts))
        refused = [each.abstained for each in parts]
        return replace(parts[0], files=files, reason=reasons, abstained=any(refused))
    with np.errstate(invalid="ignore"):  # a mean over certain answers, of both kinds, is no number
        odds = logit(np.array([each.probabilities for each in said])).mean(0)
    probabilities = np.where(np.isnan(odds), 0.5, expit(odds))
    left_out = len(parts) - len(said)
    return replace(
        said[0],
        image=parts[0].image,
        probabilities=tuple(probabilities.tolist()),
        positive=tuple((probabilities >= np.asarray(thresholds)).tolist()),
        abstained=any(each.abstained for each in said),
        distance=max(each.distance for each in said if each.distance is not None),
        reason=f"{left_out} of {len(parts)} images have no answer" if left_out else said[0].reason,
        files=files,
        answered=len(said),
    )
