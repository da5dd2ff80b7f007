"""Groups of test studies by sex, age, view and devices, in which scores are looked at apart."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex.findings import SUPPORT_DEVICES

AGE_EDGES = (0, 18, 40, 60, 80)
"""Years at which an age band begins; the last has no end."""
_SEXES = {"F": "female", "M": "male"}
_VIEWS = ("PA", "AP")
_WITH, _WITHOUT = f"with {SUPPORT_DEVICES}", f"without {SUPPORT_DEVICES}"
STRATA = (("view PA", "view AP"), (_WITH, _WITHOUT))
"""Groups, two by two, that a scanner or a ward could be told by."""


def age_bands() -> list[tuple[str, float, float]]:
    """Name, first year, and first year beyond, of each band."""
    bands = [(f"age {low}–{high - 1}", low, high) for low, high in pairwise(AGE_EDGES)]
    return [*bands, (f"age {AGE_EDGES[-1]} and over", AGE_EDGES[-1], np.inf)]


def groups_of(
    index: pd.DataFrame,
    study_of_image: NDArray[np.int64],
    studies: int,
    devices: NDArray[np.float32] | None = None,
) -> dict[str, NDArray[np.bool_]]:
    """Find the groups of studies; a study is in a group where all its images are.

    Args:
        index: rows of the corpus index, one for each image.
        study_of_image: (images,), the study of each.
        studies: their number.
        devices: (images,), the label of Support Devices: 1, 0 or NaN; None where there is none.

    Returns:
        Masks (studies,) of the groups that hold a study, by name.
    """
    age = pd.to_numeric(index["age"], errors="coerce").to_numpy(np.float64, na_value=np.nan)
    sex, view = index["sex"].to_numpy(object), index["view"].to_numpy(object)
    of_images: Sequence[tuple[str, NDArray[np.bool_]]] = [
        *((name, np.asarray(sex == code, np.bool_)) for code, name in _SEXES.items()),
        *((name, (age >= low) & (age < high)) for name, low, high in age_bands()),
        *((f"view {code}", np.asarray(view == code, np.bool_)) for code in _VIEWS),
    ]
    if devices is not None:
        of_images = [*of_images, (_WITH, devices == 1), (_WITHOUT, devices == 0)]
    groups = {}
    for name, images in of_images:
        mask = np.ones(studies, np.bool_)
        np.logical_and.at(mask, study_of_image, images)
        if mask.any():
            groups[name] = mask
    return groups
