"""Names of findings: the labels of the archives, named sets of targets, and grades of edema."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.errors import CorpusError

NO_FINDING, SUPPORT_DEVICES = "No Finding", "Support Devices"

CHEXPERT_LABELS = (
    NO_FINDING,
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    SUPPORT_DEVICES,
)
"""The 14 observations of the CheXpert labeler (Irvin et al., 2019)."""

NIH_LABELS = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural_Thickening",
    "Hernia",
)
"""The 14 findings of NIH ChestX-ray14 (Wang et al., 2017), as its table spells them."""

NINE = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Lung Opacity",
    "Pleural Effusion",
    "Pneumonia",
    "Pneumothorax",
    "Support Devices",
)
"""The pathologies that RadTex is averaged over."""

EDEMA_SEVERITY = "Edema Severity"
"""0 none, 1 vascular congestion, 2 interstitial edema, 3 alveolar edema."""
EDEMA_COMPARISONS: Mapping[str, int] = {
    "Edema 0 v 123": 1,
    "Edema 01 v 23": 2,
    "Edema 012 v 3": 3,
}
"""Each comparison of the grades of edema with the lowest grade that counts as present."""


TARGET_SETS: Mapping[str, tuple[str, ...]] = {
    "radtex9": NINE,
    "nih9": (
        "Atelectasis",
        "Cardiomegaly",
        "Effusion",
        "Infiltration",
        "Pneumonia",
        "Pneumothorax",
        "Consolidation",
        "Edema",
        "Emphysema",
    ),
    "chexpert5": (
        "Atelectasis",
        "Cardiomegaly",
        "Consolidation",
        "Edema",
        "Pleural Effusion",
    ),
    "edema": tuple(EDEMA_COMPARISONS),
}
"""Names that stand for several targets."""

_KNOWN_LABELS = {
    name.casefold().replace("_", " ")
    for names in (CHEXPERT_LABELS, NIH_LABELS, *TARGET_SETS.values())
    for name in names
}


def is_known_label(name: str) -> bool:
    """Tell whether a column of this name holds a finding, in any case, with "_" or spaces."""
    return name.casefold().replace("_", " ") in _KNOWN_LABELS


def target_names(names: Sequence[str]) -> tuple[str, ...]:
    """Replace each name of a target set by its members; keep every other name as given.

    Raises:
        CorpusError: if a target is named twice.
    """
    targets = [target for name in names for target in TARGET_SETS.get(name, (name,))]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        raise CorpusError(f"targets named twice: {', '.join(twice)}; name each target once")
    return tuple(targets)


def compared(grades: NDArray[np.float32], comparison: str) -> NDArray[np.float32]:
    """Return grades as labels.

    Args:
        grades: of edema, shape (N,), NaN where there is none.
        comparison: a key of `EDEMA_COMPARISONS`.

    Returns:
        Shape (N,): 1 from the comparison's cut on, 0 below, NaN where there is no grade.
    """
    present = (grades >= EDEMA_COMPARISONS[comparison]).astype(np.float32)
    return np.where(np.isnan(grades), np.float32(np.nan), present)


def finding_of(label: str) -> str:
    """Return the finding that a label is about; for grades and their comparisons, Edema."""
    return "Edema" if label in (EDEMA_SEVERITY, *EDEMA_COMPARISONS) else label
