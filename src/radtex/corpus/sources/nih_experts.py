"""What radiologists marked on NIH's images: labels collected by Google, and NIH's own boxes.

Labels: Majkowska et al., Radiology 2020 (four findings); Nabulsi et al., Scientific Reports 2021
(all findings). Boxes: Wang et al., CVPR 2017.
"""

from collections.abc import Mapping
from pathlib import Path

from radtex.corpus.boxes import box_numbers, fraction_box
from radtex.corpus.tables import read_table
from radtex.corpus.tables.shown_names import shown_columns
from radtex.errors import CorpusError
from radtex.findings import NIH_LABELS

Box = dict[str, str | float]

_SETS: Mapping[str, str] = {
    "four_findings_expert_labels": "Google",
    "all_findings_expert_labels": "Google14",
}
"""The folder of each set, and what its label names begin with."""

_BOX_LIST = "BBox_List_2017.csv"

_FINDINGS = {
    name.replace("_", " ").casefold(): name
    for name in (
        *NIH_LABELS,
        "Fracture",
        "Airspace opacity",
        "Nodule or mass",
        "Abnormal",
        "Other",
    )
}
_VALUES = {"YES": 1, "NO": 0, "HEDGE": -1, "1": 1, "0": 0}

_BOX = ("Bbox [x", "y", "w", "h]")
_RENAMED = {"Infiltrate": "Infiltration"}
_SIDE = 1024
"""Side of the published images in pixels, the unit of the boxes."""


def read_expert_labels(root: Path, encoding: str) -> dict[str, dict[str, int]]:
    """Return labels such as "Google Pneumothorax" of each image id.

    The final labels are read (`test_labels.csv`, `validation_labels.csv`), those of individual
    readers are not. Yes is 1, no 0, hedge −1.

    Args:
        root: holds the folders of the sets; or their files, which then carry the name of their
            folder as a prefix.
        encoding: of the text in the tables.

    Raises:
        CorpusError: if a table has another layout, or holds other values.
    """
    found: dict[str, dict[str, int]] = {}
    for folder, prefix in _SETS.items():
        inside, beside = root.glob(f"{folder}/*_labels.csv"), root.glob(f"{folder}_*_labels.csv")
        for path in sorted([*inside, *beside]):
            for image_id, labels in _read_labels(path, encoding).items():
                named = {f"{prefix} {name}": value for name, value in labels.items()}
                found.setdefault(image_id, {}).update(named)
    return found


def _read_labels(path: Path, encoding: str) -> dict[str, dict[str, int]]:
    table = read_table(path, encoding)
    key = "Image ID" if "Image ID" in table.header else "Image Index"
    table.require([key])
    columns = {
        column: _FINDINGS[plain]
        for column in table.header
        if (plain := column.replace("_", " ").casefold()) in _FINDINGS
    }
    if not columns:
        raise CorpusError(
            f"{path} has no column of a finding; its columns are: {shown_columns(table.header)}"
        )
    found = {}
    for row in table.rows:
        cells = {name: row[column].strip().upper() for column, name in columns.items()}
        strange = set(cells.values()) - _VALUES.keys() - {""}
        if strange:
            raise CorpusError(
                f"{path}: a label of {row[key]} is none of YES, NO, HEDGE, 1 and 0; "
                "fetch the file anew"
            )
        found[row[key].strip()] = {name: _VALUES[cell] for name, cell in cells.items() if cell}
    return found


def read_boxes(root: Path, encoding: str) -> dict[str, list[Box]]:
    """Return the boxes of each image id, from `BBox_List_2017.csv`; empty without that file.

    A box has name, x, y, width and height, in fractions of the image from its top left corner.
    "Infiltrate", as the file has it, becomes "Infiltration".

    Args:
        root: may hold the file.
        encoding: of its text.

    Raises:
        CorpusError: if the table has another layout.
    """
    if not (root / _BOX_LIST).is_file():
        return {}
    table = read_table(root / _BOX_LIST, encoding)
    table.require(("Image Index", "Finding Label", *_BOX))
    found: dict[str, list[Box]] = {}
    for row in table.rows:
        image_id, name = row["Image Index"].strip(), row["Finding Label"].strip()
        try:
            x, y, width, height = box_numbers(row[side] for side in _BOX)
            edges = (x, y, x + width, y + height)
            box = fraction_box(_RENAMED.get(name, name), edges, _SIDE, _SIDE)
        except CorpusError as error:
            raise CorpusError(f"{table.path}: {image_id}: {error}; fetch the file anew") from error
        found.setdefault(image_id, []).append(box)
    return found
