"""Synthetic frontal chest radiographs with true reports: the archive that comes with radtex.

A study is drawn from a seed and its number. A composite draws the same signs on a real film.
No sentence comes from a real report.
"""

from radtex.phantom.chest_fit import Chest, fit_chest
from radtex.phantom.composites import composite, report_composite, sample_signs
from radtex.phantom.signs import FINDINGS
from radtex.phantom.study import Study, boxes, labels_of, render, sample_study

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
