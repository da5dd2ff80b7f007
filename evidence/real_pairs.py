"""Rung 3p: the tables of its five rounds, and the results pooled over them (`real-pairs.yaml`).

What is estimated is the AUC on new films of such patients, of an encoder that learns from the
readings of three fifths of such a set, with a probe on few labels of another fifth; the mean over
rounds like these five. Films of different rounds are never ranked against each other, since each
round has its own encoder and probes.

Each patient is tested in one round, so patients are independent. The rounds take the place of
pretraining seeds in `radtex.statistics.crossed`: what they differ in beyond their test patients and
draws is the luck of a pretraining and its readings, with four degrees of freedom. Rounds share
readings, two fifths or one of the three; what they have in common by that is not counted.
"""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import cyclopts
import numpy as np
import pandas as pd
from cyclopts import Parameter
from kept_scores import Kept, read_kept
from PIL import Image

from radtex.corpus.splits import patient_hash
from radtex.files import refuse_existing, whole_folder
from radtex.statistics.crossed import Crossed, crossed_estimates
from radtex.statistics.intervals import Estimate, holm

FOLDS = 5
CENTRE = (0.15, 0.85)
"""The part of a film that is kept, of its width and of its height."""
TARGETS = ("Tuberculosis", "Right side", "Left side", "Upper zone", "Pleura")
UNSEEN = "mean of the unseen"
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
    return films["patient_id"].map(of_patient)


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
            name: crossed_estimates(
                pooled[encoder][target].minus(of_other[target], same_seeds=True)
            )
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
            name: {
                target: _as_json(crossed_estimates([each])) for target, each in of_targets.items()
            }
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


def pooled_targets(rounds: Sequence[Kept], unseen: Sequence[str]) -> dict[str, Crossed]:
    """Join the rounds of an encoder, by target and of the mean of the unseen ones.

    A target is joined over the rounds that could serve it.
    """
    targets = dict.fromkeys(
        target for each in rounds for target in each.crossed if target != "mean"
    )
    for each in rounds:
        if lacking := set(unseen) - each.crossed.keys():
            raise SystemExit(
                f"a round cannot serve {', '.join(sorted(lacking))}: {each.about['left_out']}"
            )
    found = {UNSEEN: joined([_mean([each.crossed[name] for name in unseen]) for each in rounds])}
    for target in targets:
        found[target] = joined([each.crossed[target] for each in rounds if target in each.crossed])
    return found


def joined(rounds: Sequence[Crossed]) -> Crossed:
    """Make rounds with test patients of their own one, as if each were a pretraining seed."""
    ends = np.cumsum([0, *(each.influence.shape[-1] for each in rounds)])
    repeats = np.concatenate([each.repeats for each in rounds])
    influence = np.zeros((*repeats.shape, int(ends[-1])))
    for place, (each, (first, last)) in enumerate(zip(rounds, pairwise(ends), strict=True)):
        influence[place, ..., first:last] = each.influence[0]
    return Crossed(repeats, influence)


def _mean(targets: Sequence[Crossed]) -> Crossed:
    return Crossed(
        np.mean([each.repeats for each in targets], axis=0),
        np.mean([each.influence for each in targets], axis=0),
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
    pooled: Mapping[str, Mapping[str, Crossed]],
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
        of_each = {target: crossed_estimates([each]) for target, each in of_targets.items()}
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
