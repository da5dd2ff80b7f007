"""Patients with labels of their own go where the labels can be used.

The hash of the patient puts half of them into `train`, where a run that reads reports may not use
their labels. So they leave it for the pool or the test, by the same hash; all others stay.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from radtex.corpus.readings.label_sources import is_human
from radtex.corpus.record import Record
from radtex.corpus.splits import SPLITS, Split, hash_split

Labelled = Literal["pool", "train"]
"""`pool`: patients with human labels leave train for pool or test; `train`: they stay."""

ENOUGH = 2000
"""Studies with human labels from which on the hash split leaves enough in every split."""
_MOST = 0.5
"""The share of the patients of train who may leave it unasked."""


def place_labelled(
    records: Sequence[Record],
    patients: Sequence[str],
    splits: Sequence[Split | Literal[""]],
    asked: Labelled | None,
) -> tuple[list[Split | Literal[""]], Labelled | None]:
    """Move patients with human labels out of train, if that was asked for or their labels are few.

    Args:
        records: the images.
        patients: "namespace:patient_id" of each.
        splits: of each, by the hash.
        asked: what the user wants; None where the number of labels is to decide. Then they are
            moved where fewer than `ENOUGH` studies have some, and most of train remains.

    Returns:
        A split for each image; and which rule held, None where nobody has a human label.
    """
    pairs = list(zip(records, patients, strict=True))
    labelled = {patient for record, patient in pairs if is_human(record)}
    if not labelled:
        return list(splits), None
    if asked is None:
        studies = {(patient, record.study_id) for record, patient in pairs if is_human(record)}
        train = {
            patient for patient, split in zip(patients, splits, strict=True) if split == "train"
        }
        few = len(studies) < ENOUGH and len(train & labelled) <= _MOST * len(train)
        asked = "pool" if few else "train"
    if asked == "train":
        return list(splits), asked
    return [
        hash_split(patient, ("pool", "test")) if split == "train" and patient in labelled else split
        for patient, split in zip(patients, splits, strict=True)
    ], asked


def count_labelled(records: Sequence[Record], rule: Labelled | None) -> dict[str, Any] | None:
    """Return where the human labels went, as `corpus.json` holds it; None where there are none.

    Args:
        records: the images, with their splits.
        rule: that held; None for splits that are no hash's.
    """
    studies = {(r.patient_id, r.study_id, r.split) for r in records if is_human(r)}
    if not studies:
        return None
    counts = Counter(split for _, _, split in studies)
    return {"rule": rule, "studies": {split: counts[split] for split in SPLITS}}


def where_labelled(account: dict[str, Any]) -> str:
    """Say in a line where the human labels went, by what `count_labelled` returned."""
    studies = account["studies"]
    places = ", ".join(f"{count:,} in {split}" for split, count in studies.items() if count)
    said = f"human labels: {sum(studies.values()):,} studies, {places}"
    if account["rule"] == "pool":
        return f"{said} (--labelled pool: their patients left train for pool or test)"
    if account["rule"] == "train" and studies["train"]:
        return (
            f"{said} (--labelled train: a run that read reports may not use those in train; "
            "--labelled pool moves them)"
        )
    return said


def where_unused(records: Sequence[Record], column: str | None, how: str) -> list[str]:
    """Say that splits that a source states are not used, as a list of one line or none.

    Args:
        records: the images, with the splits that their source states.
        column: of a table that holds them, if any.
        how: images are split.
    """
    if how == "official":
        return []
    counts = Counter(record.split for record in records if record.split)
    named = f"column {column!r}" if column else "the source's own splits"
    if counts:
        places = ", ".join(f"{counts[split]:,} {split}" for split in SPLITS if counts[split])
        return [f"split: NOT USED is {named} ({places}); --split official takes it"]
    if column:
        return [f"split: NOT USED is {named}, which names none of {', '.join(SPLITS)}"]
    return []
