"""What is drawn into a film: the findings, how often each occurs, and a drawn sign of one."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from radtex.findings import NINE
from radtex.phantom.anatomy import Side, Zone
from radtex.phantom.technique import Points

Severity = Literal["mild", "moderate", "severe"]

FINDINGS: tuple[str, ...] = (*NINE, "Nodule", "Fracture", "Scoliosis", "Hernia", "Emphysema")

OPACITIES = ("Atelectasis", "Consolidation", "Edema", "Pneumonia", "Nodule")
"""The findings that make their parent, Lung Opacity, present.

As in CheXpert (Irvin et al., 2019, figure 1), whose Lung Lesion is Nodule here."""

PREVALENCE = {
    "Cardiomegaly": 0.17,
    "Scoliosis": 0.09,
    "Hernia": 0.09,
    "Emphysema": 0.09,
    "Atelectasis": 0.13,
    "Consolidation": 0.10,
    "Edema": 0.10,
    "Lung Opacity": 0.05,
    "Pleural Effusion": 0.20,
    "Pneumonia": 0.10,
    "Pneumothorax": 0.10,
    "Support Devices": 0.22,
    "Nodule": 0.09,
    "Fracture": 0.09,
}
"""Share of studies in which each sign is drawn.

Lung Opacity counts only its own, nonspecific sign; with its children about two fifths of the
studies have it. About a quarter of the studies have no finding."""

CHRONIC = ("Emphysema", "Cardiomegaly", "Scoliosis", "Hernia")
"""Findings of the patient: present in all of a patient's studies or in none.

They stand in the order in which they deform the chest. Emphysema narrows the heart, so it comes
before cardiomegaly, whose label states the size of the heart."""

ILL = 0.7
"""Share of studies in which the findings that are not chronic can occur."""

COMPANIONS = {
    ("Cardiomegaly", "Edema"): 0.35,
    ("Edema", "Pleural Effusion"): 0.6,
}
"""Chance of the second finding in an ill study that has the first; the marginal rates hold."""


@dataclass(frozen=True)
class Shape:
    """Where a sign lies, in body coordinates: an ellipse in a box, or a path."""

    u: float
    """Centre of the box, across."""
    v: float
    """Centre of the box, down."""
    width: float
    """Width of the box before it is turned."""
    height: float
    """Height of the box before it is turned."""
    angle: float = 0.0
    """Turn of the ellipse, in radians."""
    path: tuple[tuple[float, float], ...] = ()
    """Corners (u, v) of a line, whose bounds the box then is; empty for an ellipse."""

    def corners(self) -> Points:
        """Return the corners u, v of the upright box that holds the ellipse, (4, 2)."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        u = 0.5 * math.hypot(self.width * cos, self.height * sin)
        v = 0.5 * math.hypot(self.width * sin, self.height * cos)
        left, right, top, bottom = self.u - u, self.u + u, self.v - v, self.v + v
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


@dataclass(frozen=True)
class Sign:
    """One drawn sign."""

    name: str
    """One of `FINDINGS`."""
    form: str
    """Which of the finding's appearances is drawn."""
    side: Side | Literal[""]
    """Side of the chest; "" where the sign has none."""
    zone: Zone | Literal[""]
    """Third of the lung; "" where the sign has none."""
    severity: Severity | Literal[""]
    """Third that the strength falls into; "" for devices, which are there or not."""
    strength: float
    """From 0 (barely seen) to 1 (gross); 0 for devices."""
    geometry: Shape
    """Where the sign lies."""
    texture: int
    """Seed of what is random inside the sign."""

    @property
    def direction(self) -> int:
        """-1 on the right, +1 on the left.

        Raises:
            KeyError: if the sign has no side.
        """
        return {"right": -1, "left": 1}[self.side]


def severity_of(strength: float) -> Severity:
    """Return the third of 0 … 1 that a strength falls into."""
    if strength < 1 / 3:
        return "mild"
    return "moderate" if strength < 2 / 3 else "severe"


def sample_chronic(rng: np.random.Generator) -> set[str]:
    """Draw the findings that a patient has in every study."""
    return {name for name in CHRONIC if rng.random() < PREVALENCE[name]}


def sample_findings(rng: np.random.Generator, chronic: set[str]) -> tuple[str, ...]:
    """Draw the findings of one study, the chronic ones first; parents are not yet implied.

    Args:
        rng: source of the draws.
        chronic: the findings that the patient has in every study.
    """
    present = set(chronic)
    ill = rng.random() < ILL
    for name, prevalence in PREVALENCE.items():
        if name in CHRONIC:
            continue
        chance = prevalence / ILL
        for (first, second), together in COMPANIONS.items():
            if second == name:
                common = PREVALENCE[first] if first in CHRONIC else PREVALENCE[first] / ILL
                alone = (chance - together * common) / (1 - common)
                chance = together if first in present else alone
        if rng.random() < chance and ill:
            present.add(name)
    order = (*CHRONIC, *(name for name in FINDINGS if name not in CHRONIC))
    return tuple(name for name in order if name in present)
