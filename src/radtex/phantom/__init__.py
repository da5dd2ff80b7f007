"""Synthetic frontal chest radiographs with true reports: the archive that comes with radtex.

Everything is drawn from a seed and a study's number; composites also from a real film, on which
they draw the same signs. No sentence is anybody's.
"""

from radtex.phantom.chest_fit import Chest, fit_chest
from radtex.phantom.composites import composite, report_composite, sample_signs
from radtex.phantom.drawing.rendering import render
from radtex.phantom.signs import FINDINGS
from radtex.phantom.study import Study, boxes, labels_of, sample_study

__all__ = [
    "FINDINGS",
    "Chest",
    "Study",
    "boxes",
    "composite",
    "fit_chest",
    "labels_of",
    "render",
    "report_composite",
    "sample_signs",
    "sample_study",
]
