"""Small archives on disk."""

import csv
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def write_film(file: Path, seed: int, height: int = 40, width: int = 48) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    Image.fromarray(pixels).save(file, format="PNG", compress_level=1)


def write_csv(file: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def study_row(number: int) -> dict[str, object]:
    return {
        "image": f"films/{number:04}.png",
        "image_id": f"i{number}",
        "study_id": f"s{number}",
        "patient_id": f"p{number // 2}",
        "view": "PA",
        "age": 40 + number % 40,
        "sex": "FM"[number % 2],
        "findings": f"The lungs are clear in film {number}.",
        "impression": "No disease.",
        "Edema": number % 2,
        "Pneumonia": ["1", "0", "-1", ""][number % 4],
    }


@pytest.fixture
def make_table(tmp_path: Path) -> Callable[..., Path]:
    """Write films and a table of them; `change` maps row numbers to other cells."""

    def make(count: int, change: Mapping[int, Mapping[str, object]] | None = None) -> Path:
        rows = [study_row(number) | dict((change or {}).get(number, {})) for number in range(count)]
        for number in range(count):
            write_film(tmp_path / "archive" / "films" / f"{number:04}.png", number)
        return write_csv(tmp_path / "archive" / "studies.csv", rows)

    return make


@pytest.fixture
def real_data() -> Path:
    """The folder of real radiographs that `RADTEX_DATA` names."""
    if "RADTEX_DATA" not in os.environ:
        pytest.skip("needs real radiographs: RADTEX_DATA names no folder")
    return Path(os.environ["RADTEX_DATA"])
