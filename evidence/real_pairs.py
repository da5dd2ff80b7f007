"""Rung 3p: the tables of its five rounds, and the results pooled over them (`real-pairs.yaml`).

What is estimated is the AUC on new films of such patients, of an encoder that learns from the
readings of three fifths of such a set, with a probe on few labels of another fifth; the mean over
rounds like these five. Films of different rounds are never ranked against each other, since each
round has its own encoder and probes.

Each round gives one value, the mean over its draws, so the variance between rounds holds all that
makes them differ: readings, pretraining, pool, draws and test patients. Rounds share readings, and
the variance of their mean is larger than that of independent ones: s² (1/5 + 1/3), the number of
rounds and the ratio of films tested to films learnt from, with four degrees of freedom (Nadeau and
Bengio 2003, Inference for the generalization error). That is a rule of thumb; the script's test
simulates how often such intervals hold the truth.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import cyclopts
import numpy as np
import pandas as pd
from cyclopts import Parameter
from kept_scores import MEAN, Kept, read_kept
from numpy.typing import NDArray
from PIL import Image
from scipy import stats

from radtex.corpus.splits import patient_hash
from radtex.files import refuse_existing, whole_folder
from radtex.statistics.intervals import LEVEL, Estimate, holm

FOLDS = 5
CENTRE = (0.15, 0.85)
"""The part of a film that is kept, of its width and of its height."""
TARGETS = ("Tuberculosis", "Right side", "Left side", "Upper zone", "Pleura")
TESTED_TO_LEARNT = 1 / 3
"""Films tested in a round, as a share of those whose readings are learnt from."""
UNSEEN = "mean of the unseen"
Rounds = NDArray[np.float64]
"""(F, K): the mean over draws in each of F rounds, at K budgets."""
Several = Parameter(consume_multiple=True)
app = cyclopts.App(help=__doc__)


@app.command
def folds(table: Path, /, *, out: Path) -> None:
    """Crop the films, and write a table for each round: who is learnt from, labelled and tested.

    Args:
        table: The archive's table, its films beside it.
        out: The folder to make.
    """
    refuse_existing(out)
    films = labelled(pd.read_csv(table, dtype=str))
    fold = deal(films)
    with whole_folder(out) as folder:
        (folder / "images").mkdir()
        for name, path in zip(films["image"], films.pop("source"), strict=True):
            with Image.open(table.parent / path) as film:
                box = [round(side * part) for part in CENTRE for side in film.size]
                film.crop((box[0], box[1], box[2], box[3])).save(folder / name)
        for tested in range(FOLDS):
            split = np.where(fold == tested, "test", "train")
            split[fold == (tested + 1) % FOLDS] = "pool"
            films.assign(split=split).to_csv(folder / f"fold-{tested}.csv", index=False)
    print(f"{len(films)} films; of each fold, with the finding:")
    print(films[list(TARGETS)].astype(float).groupby(fold).sum().astype(int).to_string())


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Return the films with their labels: sides, zone and pleura of abnormal films alone."""
    side = table["side"].fillna("")
    sided = side.isin(["right", "left", "both"])
    return pd.DataFrame(
        {
            "image": "images/" + table["patient_id"] + ".png",
            "source": table["image"],
            "patient_id": table["patient_id"],
            "study_id": table["study_id"],
            "view": table["view"],
            "findings": table["findings"],
            "Tuberculosis": table["tb"],
            "Right side": side.isin(["right", "both"]).astype(int).where(sided),
            "Left side": side.isin(["left", "both"]).astype(int).where(sided),
            "Upper zone": table["upper_zone"],
            "Pleura": table["pleura"],
        }
    ).astype({"Right side": "Int8", "Left side": "Int8"})


def deal(films: pd.DataFrame) -> "pd.Series[int]":
    """Return the fold of each film: patients are dealt in turn, those of equal labels together."""
    names = list(reversed(TARGETS))
    order = films[names].astype(object).fillna("").astype(str)
    order["hash"] = [patient_hash(f"shenzhen:{patient}") for patient in films["patient_id"]]
    order["patient"] = films["patient_id"]
    ranked = order.sort_values([*names, "hash"], ascending=False)["patient"].drop_duplicates()
    of_patient = {patient: place % FOLDS for place, patient in enumerate(ranked)}
    return films["patient_id"].map(of_patient).rename("fold")


@app.command
def pool(
    scores: Path,
    /,
    *,
    encoder: str,
    unseen: Annotated[list[str], Several],
    primary: Annotated[list[str], Several],
    out: Path,
) -> None:
    """Pool the rounds: mean AUC of each target, and differences to all other encoders.

    Args:
        scores: Folders of encoders, each with what `draw_scores.py` kept of each round.
        encoder: The encoder whose differences are told.
        unseen: The targets whose mean is told; each round must serve them all.
        primary: Encoders of the primary family: the differences to them in the mean of the unseen
            targets, at all budgets, with Holm's correction.
        out: The folder to make.
    """
    refuse_existing(out)
    kept = {
        folder.name: [read_kept(each) for each in _folders(folder)] for folder in _folders(scores)
    }
    if lacking := {encoder, *primary} - kept.keys():
        raise SystemExit(f"{scores} has no {', '.join(sorted(lacking))}")
    _refuse_unequal(kept)
    budgets = kept[encoder][0].about["budgets"]
    pooled = {name: pooled_targets(rounds, unseen) for name, rounds in kept.items()}
    served = {
        target: sum(target in each.crossed for each in kept[encoder]) for target in pooled[encoder]
    }
    served[UNSEEN] = len(kept[encoder])
    differences = {
        target: {
            name: over_rounds(pooled[encoder][target] - of_other[target])
            for name, of_other in pooled.items()
            if name != encoder
        }
        for target in pooled[encoder]
    }
    adjusted = iter(holm([each.p for name in primary for each in differences[UNSEEN][name]]))
    p_holm = {name: [next(adjusted) for _ in budgets] for name in primary}
    result = {
        "rounds": served,
        "budgets": budgets,
        "auc": {
            name: {target: _as_json(over_rounds(each)) for target, each in of_targets.items()}
            for name, of_targets in pooled.items()
        },
        "differences": {
            target: {name: _as_json(each) for name, each in of_names.items()}
            for target, of_names in differences.items()
        },
        "p_holm": p_holm,
    }
    said = _tables(pooled, differences, p_holm, encoder, budgets, served)
    with whole_folder(out) as folder:
        text = json.dumps(result, indent=2, ensure_ascii=False)
        (folder / "pooled.json").write_text(text + "\n", encoding="utf-8")
        (folder / "pooled.md").write_text(said, encoding="utf-8")
    print(said)


def pooled_targets(rounds: Sequence[Kept], unseen: Sequence[str]) -> dict[str, Rounds]:
    """Return the values of an encoder's rounds, by target and of the mean of the unseen ones.

    A target has those of the rounds that could serve it.
    """
    for each in rounds:
        if lacking := set(unseen) - each.crossed.keys():
            raise SystemExit(
                f"a round cannot serve {', '.join(sorted(lacking))}: {each.about['left_out']}"
            )
    of_rounds = [
        {name: crossed.repeats.mean((0, 1)) for name, crossed in each.crossed.items()}
        for each in rounds
    ]
    found = {UNSEEN: np.array([np.mean([each[name] for name in unseen], 0) for each in of_rounds])}
    for target in dict.fromkeys(name for each in of_rounds for name in each if name != MEAN):
        found[target] = np.array([each[target] for each in of_rounds if target in each])
    return found


def over_rounds(values: Rounds) -> tuple[Estimate, ...]:
    """Estimate the mean over rounds: at each budget one value, its interval and p value."""
    count = len(values)
    error = values.std(0, ddof=1) * np.sqrt(1 / count + TESTED_TO_LEARNT)
    half = stats.t.isf((1 - LEVEL) / 2, count - 1) * error
    mean = values.mean(0)
    p = 2 * stats.t.sf(np.abs(mean) / np.maximum(error, 1e-12), count - 1)
    return tuple(
        Estimate(*map(float, each)) for each in zip(mean, mean - half, mean + half, p, strict=True)
    )


def _folders(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_dir() and each.name[0] != ".")


def _refuse_unequal(kept: Mapping[str, Sequence[Kept]]) -> None:
    names = list(kept)
    for name in names[1:]:
        if len(kept[name]) != len(kept[names[0]]):
            raise SystemExit(f"{name} has {len(kept[name])} rounds, {names[0]} another number")
        for one, other in zip(kept[names[0]], kept[name], strict=True):
            one.refuse_another(other)


def _as_json(estimates: Sequence[Estimate]) -> list[dict[str, float]]:
    return [{"mean": e.mean, "low": e.low, "high": e.high, "p": e.p} for e in estimates]


def _tables(
    pooled: Mapping[str, Mapping[str, Rounds]],
    differences: Mapping[str, Mapping[str, Sequence[Estimate]]],
    p_holm: Mapping[str, Sequence[float]],
    encoder: str,
    budgets: Sequence[int],
    served: Mapping[str, int],
) -> str:
    columns = [(target, place) for target in served for place in range(len(budgets))]
    lines = [
        ["", *(f"{target}, {budgets[place]}" for target, place in columns)],
        ["---"] * (len(columns) + 1),
        ["rounds", *(str(served[target]) for target, _ in columns)],
    ]
    for name, of_targets in pooled.items():
        of_each = {target: over_rounds(each) for target, each in of_targets.items()}
        cells = [of_each[target][place] for target, place in columns]
        lines.append([name, *(f"{e.mean:.3f} [{e.low:.2f}, {e.high:.2f}]" for e in cells)])
    for name in differences[UNSEEN]:
        cells = [differences[target][name][place] for target, place in columns]
        stars = [
            "*" if target == UNSEEN and name in p_holm and p_holm[name][place] < 0.05 else ""
            for target, place in columns
        ]
        lines.append(
            [
                f"{encoder} − {name}",
                *(
                    f"{e.mean:+.3f} [{e.low:+.3f}, {e.high:+.3f}]{star}"
                    for e, star in zip(cells, stars, strict=True)
                ),
            ]
        )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    app()
