"""Predictions as a table for people, as CSV, JSON and Excel."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pandas as pd

from radtex.classifiers.prediction import Prediction
from radtex.errors import OutputError
from radtex.files import whole_file
from radtex.spreadsheet_cells import shielded_table
from radtex.text_tables import aligned

Format = Literal["table", "csv", "json", "xlsx"]
"""How predictions are written."""
SUFFIXES: Mapping[str, Format] = {
    ".csv": "csv",
    ".json": "json",
    ".txt": "table",
    ".xlsx": "xlsx",
}
"""The format that each suffix of a file stands for."""
_BELONGING = ("study", "patient", "accession")


def choose_format(format: Format | None, out: Path | None) -> Format:
    """Return the format that was named, or that the suffix of a file stands for.

    Args:
        format: that was named, if one was.
        out: the file, if there is one; a table goes to the terminal.

    Raises:
        OutputError: if the suffix is unknown or stands for another format than the one named, or
            Excel is to go to the terminal.
    """
    if out is None:
        if format == "xlsx":
            raise OutputError("an Excel file cannot be printed; name it, as --out predictions.xlsx")
        return format or "table"
    meant = SUFFIXES.get(out.suffix.lower())
    if format is None:
        if meant is None:
            raise OutputError(
                f"{out} has no suffix that says how to write it; expected "
                f"{', '.join(SUFFIXES)}, or --format {'|'.join(get_args(Format))}"
            )
        return meant
    if meant not in (None, format):
        raise OutputError(
            f"{out} looks like {meant}, and --format says {format}; leave out one of them"
        )
    return format


@dataclass(frozen=True)
class Predictions:
    """Predictions of T targets, and which columns they have."""

    targets: tuple[str, ...]
    """T names."""
    predictions: tuple[Prediction, ...]
    """In the order they are shown in."""
    per_study: bool = False
    """Whether they are of studies."""
    worklist: bool = False
    """Whether they have an urgency."""

    def __repr__(self) -> str:
        """Say how many, and nothing of any patient."""
        what = "studies" if self.per_study else "images"
        return f"<Predictions: {len(self.predictions):,} {what}; {', '.join(self.targets)}>"

    def __str__(self) -> str:
        """Say them as a table for people."""
        return self.text("table")

    def text(self, format: Format) -> str:
        """Write them as text: a table, CSV or JSON."""
        if format == "json":
            return json.dumps(self._objects(), indent=2, ensure_ascii=False, allow_nan=False)
        if format == "csv":
            return (
                shielded_table(self.frame()).to_csv(index=False, lineterminator="\n").rstrip("\n")
            )
        return self._table()

    def write(self, out: Path, format: Format) -> None:
        """Write a file; it appears whole or not at all.

        Raises:
            OutputError: if it cannot be written.
        """
        with whole_file(out) as aside:
            if format == "xlsx":
                with aside.open("wb") as file:
                    shielded_table(self.frame()).to_excel(file, index=False, engine="openpyxl")
            else:
                aside.write_text(self.text(format) + "\n", encoding="utf-8")

    def _table(self) -> str:
        known = [
            name
            for name in _BELONGING
            if any(getattr(each.belongs_to, name) for each in self.predictions)
        ]
        counts = ["images"] if self.per_study else []
        first = ["urgency"] if self.worklist else []
        rows = [[*first, "image", *known, *counts, *self.targets, ""]]
        for each in self.predictions:
            cells = ["–"] * len(self.targets)
            if each.probabilities is not None and each.positive is not None:
                cells = [
                    f"{probability:.3f} {'yes' if positive else 'no'}"
                    for probability, positive in zip(each.probabilities, each.positive, strict=True)
                ]
            note = f"abstains: {each.reason}" if each.abstained else each.reason
            before = []
            if self.worklist:
                before = ["–" if each.urgency is None else f"{each.urgency:.3f}"]
            whose = [getattr(each.belongs_to, name) for name in known]
            count = [f"{each.answered} of {len(each.files)}"] if self.per_study else []
            rows.append([*before, each.image, *whose, *count, *cells, note])
        return aligned(rows)

    def frame(self) -> pd.DataFrame:
        """Give a row for each, with a probability and a yes (1) or no (0) for each target."""
        nothing = (None,) * len(self.targets)
        rows = []
        for each in self.predictions:
            row = self._leading(each)
            for target, probability, positive in zip(
                self.targets, each.probabilities or nothing, each.positive or nothing, strict=True
            ):
                row[target] = probability
                row[f"{target} positive"] = None if positive is None else int(positive)
            row |= {
                "abstained": int(each.abstained),
                "distance": each.distance,
                "reason": each.reason,
            }
            rows.append(row)
        return pd.DataFrame(rows, dtype=object)

    def _objects(self) -> list[dict[str, object]]:
        def by_target(values: Sequence[object] | None) -> dict[str, object] | None:
            return None if values is None else dict(zip(self.targets, values, strict=True))

        return [
            self._leading(each)
            | {
                "probabilities": by_target(each.probabilities),
                "positive": by_target(each.positive),
                "abstained": each.abstained,
                "distance": each.distance,
                "reason": each.reason,
            }
            for each in self.predictions
        ]

    def _leading(self, each: Prediction) -> dict[str, object]:
        row: dict[str, object] = {"image": each.image}
        row |= {name: getattr(each.belongs_to, name) for name in _BELONGING}
        if self.per_study:
            row |= {"images": len(each.files), "answered": each.answered}
        if self.worklist:
            row["urgency"] = each.urgency
        return row
