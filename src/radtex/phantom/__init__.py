"""Synthetic frontal chest radiographs with true reports: the archive that comes with radtex.

Everything is drawn from a seed and a study's number. No film or sentence is anybody's.
"""

from radtex.phantom.rendering import render
from radtex.phantom.signs import FINDINGS
from radtex.phantom.study import Study, boxes, sample_study

__all__ = ["FINDINGS", "Study", "boxes", "render", "sample_study"]
