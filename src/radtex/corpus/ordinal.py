"""Grades as targets: an ordinal label becomes the comparisons of its grades from each cut on."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

EDEMA_SEVERITY = "Edema Severity"
"""0 none, 1 vascular congestion, 2 interstitial edema, 3 alveolar edema."""
EDEMA_COMPARISONS: Mapping[str, int] = {
    "Edema 0 v 123": 1,
    "Edema 01 v 23": 2,
    "Edema 012 v 3": 3,
}
"""Each comparison of the grades of edema with the lowest grade that counts as present."""


def compared(grades: NDArray[np.float32], comparison: str) -> NDArray[np.float32]:
    """Grades (N,) as labels: 1 from the comparison's cut on, 0 below, NaN where there is none."""
    present = (grades >= EDEMA_COMPARISONS[comparison]).astype(np.float32)
    return np.where(np.isnan(grades), np.float32(np.nan), present)


def finding_of(label: str) -> str:
    """The finding that a label is about: for grades and their comparisons, what is graded."""
    return "Edema" if label in (EDEMA_SEVERITY, *EDEMA_COMPARISONS) else label
