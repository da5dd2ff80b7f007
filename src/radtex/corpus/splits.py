"""Splits are by patient, and the same for one patient in every corpus of its namespace."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, get_args

from radtex.errors import CorpusError

Split = Literal["train", "pool", "validate", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

SHARES: Mapping[Split, float] = {"train": 0.50, "pool": 0.25, "validate": 0.05, "test": 0.20}
"""train: pretraining; pool: where the few labels come from; validate: selection; test: scoring."""


def patient_hash(namespaced_id: str) -> str:
    """Return the SHA-256, in hex, of "namespace:patient_id"."""
    return hashlib.sha256(namespaced_id.encode()).hexdigest()


def hash_split(namespaced_id: str, among: Collection[Split] = SPLITS) -> Split:
    """Deal a patient to a split, in proportion to `SHARES`.

    The dealing depends on the unsalted hash of the id alone. A patient who belongs to one of
    `among` when all splits are open keeps it; only the others are dealt anew.

    Args:
        namespaced_id: the patient as "namespace:patient_id".
        among: the splits that are open.
    """
    position = int(patient_hash(namespaced_id)[:16], 16) / 2**64
    split, within = _locate(position, SHARES)
    if split in among:
        return split
    total = sum(SHARES[name] for name in among)
    return _locate(within, {name: SHARES[name] / total for name in SPLITS if name in among})[0]


def _locate(position: float, shares: Mapping[Split, float]) -> tuple[Split, float]:
    """Return the split whose stretch of [0, 1) holds `position`, and how far into it that is."""
    start = 0.0
    for split, share in shares.items():
        if position < start + share:
            return split, (position - start) / share
        start += share
    return split, 1.0


def assign_splits(
    patients: Sequence[str], official: Sequence[Split | Literal[""]], how: str
) -> list[Split | Literal[""]]:
    """Return the split of each row.

    Args:
        patients: "namespace:patient_id" of each row.
        official: the archive's own split of each row, or "".
        how: "hash" deals every patient by `hash_split`; the name of a split puts every row there;
            "official" keeps the archive's own, and deals its train patients by the same hash among
            train and those of pool and validate that the archive lacks.

    Returns:
        A split for each row; "" where `how` is "official" and the row has none.

    Raises:
        CorpusError: if `how` is unknown, the archive has no official splits, or a patient stands in
            two.
    """
    if how == "hash":
        return [hash_split(patient) for patient in patients]
    if how in SPLITS:
        return [how for _ in patients]
    refuse_unknown_split(how)
    if not any(official):
        raise CorpusError("this source states no official splits; use --split hash")
    carved: tuple[Split, ...] = ("pool", "validate")
    among: list[Split] = ["train", *(split for split in carved if split not in official)]
    _refuse_straddling(patients, official)
    return [
        hash_split(patient, among) if split == "train" else split
        for patient, split in zip(patients, official, strict=True)
    ]


def refuse_unknown_split(how: str) -> None:
    """Refuse what `assign_splits` does not know.

    Raises:
        CorpusError: if it is none of "hash", "official" and `SPLITS`.
    """
    if how not in ("hash", "official", *SPLITS):
        raise CorpusError(f"unknown split {how!r}; expected hash, official, {', '.join(SPLITS)}")


def _refuse_straddling(patients: Sequence[str], splits: Sequence[str]) -> None:
    of_patient: dict[str, set[str]] = {}
    for patient, split in zip(patients, splits, strict=True):
        if split:
            of_patient.setdefault(patient, set()).add(split)
    straddling = sorted(patient for patient, names in of_patient.items() if len(names) > 1)
    if straddling:
        raise CorpusError(
            f"{len(straddling)} patients stand in two official splits "
            f"(the first is {straddling[0]}); mend the split column or use --split hash"
        )
