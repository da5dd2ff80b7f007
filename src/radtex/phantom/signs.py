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
"""The findings whose presence makes their parent, Lung Opacity, present, as in CheXpert (Irvin et
al., 2019, figure 1), whose Lung Lesion is Nodule here."""

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
"""Share of studies in which each sign is drawn. Lung Opacity counts its own, nonspecific sign
only; with its children about two fifths of the studies have it. About a quarter have no finding."""

CHRONIC = ("Emphysema", "Cardiomegaly", "Scoliosis", "Hernia")
"""Findings of the patient: present in all of a patient's studies or in none. In the order in which
they deform the chest: emphysema narrows the heart, whose labelled size then still holds."""

ILL = 0.7
"""Share of studies in which the findings that are not chronic can occur."""

COMPANIONS = {
    ("Cardiomegaly", "Edema"): 0.35,
    ("Edema", "Pleural Effusion"): 0.6,
}
"""Chance of the second finding in an ill study that has the first; the marginal rates hold."""


@dataclass(frozen=True)
class Shape:
    """Where a sign lies, in body coordinates: an ellipse's box, turned, or a path.

    `path`, if any, is a line through its (u, v) corners, and the box is its bounds.
    """

    u: float
    v: float
    width: float
    height: float
    angle: float = 0.0
    path: tuple[tuple[float, float], ...] = ()

    def corners(self) -> Points:
        """Four (u, v) corners of the box that holds the ellipse, (4, 2)."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        u = 0.5 * math.hypot(self.width * cos, self.height * sin)
        v = 0.5 * math.hypot(self.width * sin, self.height * cos)
        left, right, top, bottom = self.u - u, self.u + u, self.v - v, self.v + v
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])


@dataclass(frozen=True)
class Sign:
    """One drawn sign.

    `name` is a finding; `form` says which of its appearances is drawn. `side` and `zone` are
    empty where the sign has none. `strength` runs from 0 (barely seen) to 1 (gross) and
    `severity` is its third; both are 0 and "" for devices, which are there or not.
    """

    name: str
    form: str
    side: Side | Literal[""]
    zone: Zone | Literal[""]
    severity: Severity | Literal[""]
    strength: float
    geometry: Shape
    texture: int

    @property
    def direction(self) -> int:
        """-1 on the right, +1 on the left; KeyError for a sign without a side."""
        return {"right": -1, "left": 1}[self.side]


def severity_of(strength: float) -> Severity:
    """The third of 0 … 1 that a strength falls into."""
    if strength < 1 / 3:
        return "mild"
    return "moderate" if strength < 2 / 3 else "severe"


def sample_chronic(rng: np.random.Generator) -> set[str]:
    """The findings that a patient has in every study."""
    return {name for name in CHRONIC if rng.random() < PREVALENCE[name]}


def sample_findings(rng: np.random.Generator, chronic: set[str]) -> tuple[str, ...]:
    """The findings drawn in one study, the chronic ones first; parents are not yet implied."""
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
