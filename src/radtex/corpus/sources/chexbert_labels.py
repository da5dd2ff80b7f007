"""The labels that CheXbert gave to the reports of CheXpert Plus: a JSON object per line.

Smit et al., "CheXbert", EMNLP 2020.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radtex.corpus import normalise
from radtex.corpus.sources.chexpert_paths import CheXpertPath
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

Labels = Mapping[str, int | None]

FILES = ("impression_fixed.json", "report_fixed.json")
"""In order of preference: those of the impression are made like CheXpert's own; those of the whole
report also count what its history asks for."""


def find_label_file(folder: Path) -> Path | None:
    """Return the first of `FILES` that lies in the folder, or None."""
    return next((folder / name for name in FILES if (folder / name).is_file()), None)


def read_label_file(file: Path) -> dict[str, Labels]:
    """Return the labels of each image id.

    Raises `CorpusError` for a line without a path and 14 labels of 1, 0, −1 or null.
    """
    labels = {}
    distinct: dict[tuple[int | None, ...], Labels] = {}
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row: dict[str, Any] = json.loads(line)
                image = CheXpertPath.parse(row["path_to_image"]).image_id
                values = tuple(normalise.label(str(row[name])) for name in CHEXPERT_LABELS)
            except (ValueError, KeyError, TypeError, CorpusError) as error:
                raise CorpusError(
                    f"{file}, line {number}: expected path_to_image and 14 labels, "
                    "each 1, 0, -1 or null; fetch the file anew"
                ) from error
            named = dict(zip(CHEXPERT_LABELS, values, strict=True))
            labels[image] = distinct.setdefault(values, named)
    return labels
