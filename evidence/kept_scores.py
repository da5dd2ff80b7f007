"""Scores of one encoder as text: what its draws reached, and what moves them.

A folder holds `draws.csv`, the AUC of each target and draw; `influence.csv`, the values behind
intervals, as `radtex.statistics.crossed` takes them: the mean over targets and, where asked for,
each target, in each repeat at each budget, with the influence of each test patient on it in
millionths; and `about.json`. Patients have no names, only places: the same in all folders of one
corpus, draws and test.
"""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex.files import whole_folder
from radtex.statistics.crossed import Crossed
from radtex.transfer.measures.scores import Scores
from radtex.transfer.sampling.experiment import Experiment

MEAN = "mean"
"""In the place of a target: the mean over all of them."""
SAME = (
    "content_hash",
    "targets",
    "budgets",
    "repeats",
    "seed",
    "protocol_version",
    "test_patients",
)
"""What must be equal for two encoders' scores to be paired."""
_UNIT = 1e-6


@dataclass(frozen=True)
class Kept:
    """The kept scores of one encoder."""

    about: dict[str, Any]
    """What was scored, and on what."""
    crossed: dict[str, Crossed]
    """By target, and `mean`."""

    def refuse_another(self, other: "Kept") -> None:
        """Refuse scores of another corpus, other draws or other rules."""
        found = [
            f"{name} {self.about[name]} and {other.about[name]}"
            for name in SAME
            if self.about[name] != other.about[name]
        ]
        if found:
            raise SystemExit(
                f"{self.about['encoder']} and {other.about['encoder']} cannot be paired: they "
                f"differ in {'; '.join(found)}"
            )


def keep(
    folder: Path, experiment: Experiment, scores: Scores, about: dict[str, Any], each_target: bool
) -> None:
    """Write the scores of an encoder; the folder appears whole.

    Args:
        folder: The folder to make.
        experiment: What was measured.
        scores: What the encoder reached.
        about: Goes into `about.json`.
        each_target: Whether targets are kept too, beside their mean.
    """
    draws = [
        {
            "target": experiment.targets[draw.target],
            "budget": draw.budget,
            "repeat": draw.repeat,
            "auc": f"{auc:.6f}",
            "n_labelled": len(draw.studies),
            "n_positive": int(draw.positive.sum()),
        }
        for draw, auc in zip(experiment.draws, scores.auc.reshape(-1), strict=True)
    ]
    of_targets = {MEAN: scores.crossed(experiment)}
    if each_target:
        for place, target in enumerate(experiment.targets):
            of_targets[target] = scores.crossed(experiment, place)
    rows = [["target", "budget", "repeat", "value", "influence of each test patient"]]
    for target, crossed in of_targets.items():
        for column, budget in enumerate(experiment.budgets):
            for repeat in range(experiment.design.repeats):
                moved = np.rint(crossed.influence[0, repeat, column] / _UNIT).astype(int)
                value = f"{crossed.repeats[0, repeat, column]:.7f}"
                rows.append(
                    [target, str(budget), str(repeat), value, " ".join(map(str, moved.tolist()))]
                )
    text = json.dumps(about, indent=2, ensure_ascii=False)
    with whole_folder(folder) as aside:
        pd.DataFrame(draws).to_csv(aside / "draws.csv", index=False)
        with (aside / "influence.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        (aside / "about.json").write_text(text + "\n", encoding="utf-8")


def read_kept(folder: Path) -> Kept:
    """Read what `keep` wrote."""
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    table = pd.read_csv(folder / "influence.csv")
    crossed = {}
    for target, rows in table.groupby("target", sort=False):
        of_budgets = [each for _, each in rows.groupby("budget", sort=True)]
        values = np.stack([each["value"].to_numpy(np.float64) for each in of_budgets], -1)
        moved = np.stack([_influence(each.iloc[:, -1].tolist()) for each in of_budgets], 1)
        crossed[str(target)] = Crossed(values[None], moved[None])
    return Kept(about, crossed)


def _influence(cells: list[str]) -> NDArray[np.float64]:
    return np.array([cell.split() for cell in cells], np.float64) * _UNIT
