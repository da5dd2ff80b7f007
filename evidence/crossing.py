"""Draw what `crossing.yaml` has measured so far, and print it as tables.

    python evidence/crossing.py evidence/scores/crossing --figure docs/images/crossing.png

Each panel has one budget: mean AUC against the steps of pretraining, a line for each objective,
with 95 % intervals over draws, pool and patients. Each encoder is one pretraining run, so the
intervals are conditional on it. Differences are paired: all encoders have the same draws and test
patients.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import cyclopts
from kept_scores import MEAN, Kept, read_kept
from matplotlib.figure import Figure
from tables import markdown

from radtex.statistics.crossed import crossed_estimates
from radtex.statistics.intervals import Estimate
from radtex.transfer.evidence.style import style

app = cyclopts.App(help=__doc__)

Measured = dict[str, dict[int, Kept]]
"""By objective and steps."""


@app.default
def main(
    scores: Path, /, *, first: str = "radtex", minus: Path | None = None, figure: Path | None = None
) -> None:
    """Draw and print what is there.

    Args:
        scores: The folder of kept scores, OBJECTIVE-STEPS each.
        first: The objective whose differences to the others at equal steps are printed.
        minus: Another folder of kept scores, such as of other weights of the same runs: each
            encoder's difference to itself there is printed, too.
        figure: A PNG or SVG to make.
    """
    measured = read_measured(scores)
    if not measured:
        sys.exit(f"{scores} holds no scores yet; run evidence/crossing.yaml")
    budgets = _one(measured).about["budgets"]
    head = ["objective", "steps", *map(str, budgets)]
    rows = [
        [name, f"{steps:,}", *(f"{e.mean:.3f} [{e.low:.2f}, {e.high:.2f}]" for e in _auc(kept))]
        for name, of_steps in measured.items()
        for steps, kept in of_steps.items()
    ]
    print(markdown(head, rows), end="\n\n")
    print(markdown(["difference", *head[1:]], differences(measured, first)))
    if minus is not None:
        print()
        print(markdown(["gain", *head[1:]], gains(measured, read_measured(minus))))
    if figure is not None:
        draw(measured, figure)


def read_measured(scores: Path) -> Measured:
    """Read all kept scores, by objective and steps; refuse those that cannot be paired."""
    measured: Measured = {}
    for folder in sorted(scores.glob("*-*")):
        if not (folder / "about.json").exists() or folder.name.startswith("."):
            continue
        name, _, steps = folder.name.rpartition("-")
        measured.setdefault(name, {})[int(steps)] = read_kept(folder)
    ordered = {name: dict(sorted(of_steps.items())) for name, of_steps in measured.items()}
    for of_steps in ordered.values():
        for kept in of_steps.values():
            _one(ordered).refuse_another(kept)
    return ordered


def differences(measured: Mapping[str, Mapping[int, Kept]], first: str) -> list[list[str]]:
    """Return the differences of one objective to each other at equal steps: a row each."""
    rows = []
    for name, of_steps in measured.items():
        for steps, kept in of_steps.items():
            own = measured.get(first, {}).get(steps)
            if name == first or own is None:
                continue
            rows.append([f"{first} − {name}", f"{steps:,}", *_minus(own, kept, same_seeds=False)])
    return rows


def gains(
    measured: Mapping[str, Mapping[int, Kept]], others: Mapping[str, Mapping[int, Kept]]
) -> list[list[str]]:
    """Return the differences of each encoder to itself among others: a row each."""
    rows = []
    for name, of_steps in measured.items():
        for steps, kept in of_steps.items():
            other = others.get(name, {}).get(steps)
            if other is not None:
                kept.refuse_another(other)
                rows.append([name, f"{steps:,}", *_minus(kept, other, same_seeds=True)])
    return rows


def draw(measured: Mapping[str, Mapping[int, Kept]], out: Path) -> None:
    """Draw the curves, a panel for each budget; the suffix of `out` says what is written."""
    about = _one(measured).about
    budgets = about["budgets"]
    figure = Figure(figsize=(3.4 * len(budgets) + 1.2, 4.2), dpi=160, layout="constrained")
    panels = figure.subplots(1, len(budgets), sharey=True, squeeze=False)[0]
    for place, (axes, budget) in enumerate(zip(panels, budgets, strict=True)):
        for number, of_steps in enumerate(measured.values()):
            lengths, found = list(of_steps), [_auc(kept)[place] for kept in of_steps.values()]
            look = style(number)
            low, high = [e.low for e in found], [e.high for e in found]
            axes.fill_between(lengths, low, high, color=look["color"], alpha=0.13, linewidth=0)
            axes.plot(lengths, [e.mean for e in found], linewidth=1.8, markersize=6, **look)
        every = sorted({steps for of_steps in measured.values() for steps in of_steps})
        axes.set_xscale("log")
        axes.set_xticks(every, [f"{steps:,}" for steps in every], fontsize=8)
        axes.minorticks_off()
        axes.set_title(f"{budget} labels")
        axes.set_xlabel("steps of pretraining")
        axes.grid(alpha=0.3)
    panels[0].set_ylabel(f"mean AUC of {len(about['targets'])} targets")
    figure.legend(list(panels[0].lines), list(measured), loc="outside right upper", fontsize=8)
    figure.savefig(out, metadata={"Software": None} if out.suffix == ".png" else {"Date": None})


def _minus(one: Kept, other: Kept, same_seeds: bool) -> list[str]:
    found = crossed_estimates(one.crossed[MEAN].minus(other.crossed[MEAN], same_seeds=same_seeds))
    return [f"{e.mean:+.3f} [{e.low:+.3f}, {e.high:+.3f}]" for e in found]


def _auc(kept: Kept) -> tuple[Estimate, ...]:
    return crossed_estimates([kept.crossed[MEAN]])


def _one(measured: Mapping[str, Mapping[int, Kept]]) -> Kept:
    return next(kept for of_steps in measured.values() for kept in of_steps.values())


if __name__ == "__main__":
    app()
