"""A study: a patient, a film, its truth and its report, all from a seed and a number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from radtex.phantom.anatomy import Anatomy, Sex, sample_anatomy
from radtex.phantom.drawing.rendering import render_film
from radtex.phantom.placement import place_all
from radtex.phantom.signs import (
    CHRONIC,
    FINDINGS,
    Sign,
    sample_chronic,
    sample_findings,
)
from radtex.phantom.technique import Positioning, Technique, View, sample_technique
from radtex.phantom.wording.phantom_report import Report, present_findings, write_report

_BLOCK = (0, 1, 1, 2, 2, 2)
"""Six numbers in a row are three patients, with one, two and three studies."""


@dataclass(frozen=True)
class Study:
    """One frontal radiograph with its report, and the truth behind both."""

    study_id: str
    """Id of the study, with the seed and the study's number."""
    patient_id: str
    """Id of the patient, who may have up to three studies."""
    sex: Sex
    """Sex of the patient."""
    age: int
    """Age in years."""
    view: View
    """View of the film; AP films are portable."""
    labels: dict[str, int]
    """1 or 0 for each of `FINDINGS`."""
    signs: tuple[Sign, ...]
    """What is drawn."""
    report: Report
    """What is written of it."""
    anatomy: Anatomy
    """The chest before the signs deform it."""
    technique: Technique
    """How the film is taken."""


@dataclass(frozen=True)
class _Patient:
    number: int
    sex: Sex
    age: int
    anatomy: Anatomy
    chronic: set[str]


@dataclass(frozen=True)
class _Examination:
    view: View
    technique: Technique
    anatomy: Anatomy
    signs: tuple[Sign, ...]


def sample_study(seed: int, number: int) -> Study:
    """Draw a study, without its pixels; it does not depend on what was drawn before.

    Args:
        seed: number of the archive, 0 or more.
        number: number of the study in it, 0 or more; six in a row belong to three patients.
    """
    block, position = divmod(number, len(_BLOCK))
    patient = _sample_patient(seed, 3 * block + _BLOCK[position])
    now = _examine(seed, number, patient)
    is_first = _BLOCK.index(_BLOCK[position]) == position
    previous = None if is_first else _examine(seed, number - 1, patient).signs
    report = write_report(
        np.random.default_rng([seed, number, 2]), now.signs, previous, patient.sex, patient.age
    )
    return Study(
        study_id=f"s{seed}-{number:07d}",
        patient_id=f"p{seed}-{patient.number:07d}",
        sex=patient.sex,
        age=patient.age,
        view=now.view,
        labels=labels_of(now.signs),
        signs=now.signs,
        report=report,
        anatomy=now.anatomy,
        technique=now.technique,
    )


def render(study: Study, size: int) -> NDArray[np.uint8]:
    """Draw the study's film, uint8 (size, size), dense tissue white.

    The same study and size give the same bytes; other sizes show the same film.
    """
    return render_film(study.anatomy, study.signs, study.technique, size)


def labels_of(signs: Sequence[Sign]) -> dict[str, int]:
    """Return 1 or 0 for each of `FINDINGS`: whether it is present when `signs` are drawn."""
    present = present_findings(signs)
    return {name: int(name in present) for name in FINDINGS}


def boxes(signs: Iterable[Sign], positioning: Positioning) -> list[dict[str, str | float]]:
    """Return a box for each drawn sign, from the geometry that the drawing uses.

    Args:
        signs: the signs.
        positioning: where the patient lies on the film.

    Returns:
        One dictionary a sign: name, x, y, width, height, in fractions of the image from its top
        left corner, clipped to the image.
    """
    found: list[dict[str, str | float]] = []
    for sign in signs:
        corners = positioning.to_image(sign.geometry.corners())
        left, top = np.clip(corners.min(axis=0), 0, 1)
        right, bottom = np.clip(corners.max(axis=0), 0, 1)
        found.append(
            {
                "name": sign.name,
                "x": float(left),
                "y": float(top),
                "width": float(right - left),
                "height": float(bottom - top),
            }
        )
    return found


def _sample_patient(seed: int, number: int) -> _Patient:
    rng = np.random.default_rng([seed, number, 0])
    sex: Sex = "F" if rng.random() < 0.47 else "M"
    age = int(np.clip(rng.normal(58, 17), 19, 94))
    return _Patient(number, sex, age, sample_anatomy(rng, sex, age), sample_chronic(rng))


def _examine(seed: int, number: int, patient: _Patient) -> _Examination:
    """One film of a patient: how it is taken, and the signs on it."""
    rng = np.random.default_rng([seed, number, 1])
    view: View = "AP" if rng.random() < 0.35 else "PA"
    technique = sample_technique(rng, view)
    usual = patient.anatomy
    anatomy = replace(
        usual,
        dome=(usual.dome[0] - technique.inspiration, usual.dome[1] - technique.inspiration),
        heart_ratio=usual.heart_ratio * technique.magnification,
    )

    def generator(name: str) -> np.random.Generator:
        if name not in CHRONIC:
            return rng
        return np.random.default_rng([seed, patient.number, 3, FINDINGS.index(name)])

    findings = sample_findings(rng, patient.chronic)
    signs = place_all(generator, anatomy, findings, technique.supine)
    return _Examination(view, technique, anatomy, signs)
