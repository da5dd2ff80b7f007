"""Names of findings, named sets of targets, and what uncertain and blank labels count as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from radtex.errors import CorpusError

CHEXPERT_LABELS = (
    "No Finding",
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
    "Support Devices",
)

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

TARGET_SETS: Mapping[str, tuple[str, ...]] = {
    "radtex9": (
        "Atelectasis",
        "Cardiomegaly",
        "Consolidation",
        "Edema",
        "Lung Opacity",
        "Pleural Effusion",
        "Pneumonia",
        "Pneumothorax",
        "Support Devices",
    ),
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
}

_KNOWN_LABELS = {
    name.casefold().replace("_", " ")
    for names in (CHEXPERT_LABELS, NIH_LABELS, *TARGET_SETS.values())
    for name in names
}


def is_known_label(name: str) -> bool:
    """Whether a column of this name holds a finding, whatever its case and word marks."""
    return name.casefold().replace("_", " ") in _KNOWN_LABELS


def target_names(names: Sequence[str]) -> tuple[str, ...]:
    """Replace each name of a target set by its members; keep every other name as given.

    Raises `CorpusError` if a target is named twice.
    """
    targets = [target for name in names for target in TARGET_SETS.get(name, (name,))]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        raise CorpusError(f"targets named twice: {', '.join(twice)}; name each target once")
    return tuple(targets)


@dataclass(frozen=True)
class LabelPolicy:
    """What an uncertain (−1) and a blank label count as; None leaves the row out."""

    name: str
    uncertain: Literal[0, 1] | None
    blank: Literal[0] | None
    description: str


LABEL_POLICIES: Mapping[str, LabelPolicy] = {
    policy.name: policy
    for policy in (
        LabelPolicy("paper", None, None, "uncertain and blank labels are left out"),
        LabelPolicy("blank-negative", None, 0, "uncertain labels are left out, blank is absent"),
        LabelPolicy("u-ones", 1, 0, "uncertain is present, blank is absent"),
        LabelPolicy("u-zeros", 0, 0, "uncertain and blank are absent"),
    )
}


def label_policy(name: str) -> LabelPolicy:
    """Return the policy of that name; `CorpusError` lists the names there are."""
    if name not in LABEL_POLICIES:
        raise CorpusError(
            f"unknown label policy {name!r}; the policies are: {', '.join(LABEL_POLICIES)}"
        )
    return LABEL_POLICIES[name]
