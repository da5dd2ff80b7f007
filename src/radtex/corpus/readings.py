"""What several readers said about each image, and what most of them agree on."""

from collections.abc import Mapping, Sequence

from radtex.corpus import normalise

IDS = ("image_id", "rad_id")
"""Columns of a reading that are no findings."""


def readings_of_boxes(
    drawn: Mapping[str, Sequence[Mapping[str, str]]],
) -> dict[str, list[Mapping[str, str]]]:
    """Return the readings of each image, a row of all findings as "1" or "0" for each reader.

    drawn: the rows of each image; a row is one box, its `class_name` and the `rad_id` of its
    reader. A finding without a box is absent.
    """
    findings = sorted({row["class_name"] for rows in drawn.values() for row in rows})
    readings: dict[str, list[Mapping[str, str]]] = {}
    for image_id, rows in drawn.items():
        seen: dict[str, set[str]] = {}
        for row in rows:
            seen.setdefault(row["rad_id"], set()).add(row["class_name"])
        readings[image_id] = [{name: f"{name in s:d}" for name in findings} for s in seen.values()]
    return readings


def majority(readings: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Return 1 for each finding that more than half of the readings hold present, else 0.

    Raises `CorpusError` if a cell is no label.
    """
    findings = [name for reading in readings[:1] for name in reading if name not in IDS]
    votes = {name: [normalise.label(reading[name]) for reading in readings] for name in findings}
    return {name: int(2 * votes[name].count(1) > len(readings)) for name in findings}
