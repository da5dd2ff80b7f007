"""Print the tables of docs/evidence.md from the folders that `radtex transfer` made."""

import json
import sys
from pathlib import Path
from typing import Any

import cyclopts


def _interval(mean: dict[str, float]) -> str:
    return f"{mean['mean']:.3f} [{mean['low']:.2f}, {mean['high']:.2f}]"


def mean_table(summary: dict[str, Any]) -> list[list[str]]:
    """Return mean AUC with its interval: a row per encoder."""
    return [
        [name, *map(_interval, by_budget.values())]
        for name, by_budget in summary["mean_auc"].items()
    ]


def difference_table(summary: dict[str, Any], first: list[str]) -> list[list[str]]:
    """Return differences of the encoders `first` to all others; * where Holm's p is below 0.05."""
    rows: dict[tuple[str, str], list[str]] = {}
    for pair in summary["paired"]:
        for a, b, sign in ((pair["a"], pair["b"], 1), (pair["b"], pair["a"], -1)):
            if a in first and (b not in first or first.index(a) < first.index(b)):
                low, high = sorted((sign * pair["low"], sign * pair["high"]))
                significant = pair["p_holm"] is not None and pair["p_holm"] < 0.05
                rows.setdefault((a, b), []).append(
                    f"{sign * pair['difference']:+.3f} [{low:+.3f}, {high:+.3f}]"
                    + ("*" if significant else "")
                )
    return [[f"{a} − {b}", *cells] for (a, b), cells in rows.items()]


def target_table(summary: dict[str, Any], budgets: list[str]) -> list[list[str]]:
    """Return the AUC of each target at two budgets: a row per target, a column per encoder."""
    by_encoder = summary["target_auc"]
    return [
        [target]
        + [
            " / ".join(f"{by_encoder[name][target][budget]['mean']:.2f}" for budget in budgets)
            for name in by_encoder
        ]
        for target in next(iter(by_encoder.values()))
    ]


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """Return a table of strings as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main(results: Path, /, *, first: list[str] | None = None) -> None:
    """Print the tables of one folder of results.

    Args:
        results: The folder that `radtex transfer --out` made.
        first: Encoders whose differences to all others are listed; by default those named radtex….
    """
    summary = json.loads((results / "summary.json").read_text(encoding="utf-8"))
    encoders = list(summary["mean_auc"])
    budgets = list(summary["mean_auc"][encoders[0]])
    chosen = first or [name for name in encoders if name.startswith("radtex")]
    if unknown := set(chosen) - set(encoders):
        sys.exit(f"{results} has no {', '.join(unknown)}; it has: {', '.join(encoders)}")
    ends = [budgets[0], budgets[-1]]
    print(markdown(["encoder", *budgets], mean_table(summary)), end="\n\n")
    print(markdown(["difference", *budgets], difference_table(summary, chosen)), end="\n\n")
    print(markdown(["target", *encoders], target_table(summary, ends)), end="\n\n")
    for entry in summary["label_efficiency"]:
        print(f"- {entry['rival']} as {entry['encoder']} at {entry['budget']}: {entry['in_words']}")


if __name__ == "__main__":
    cyclopts.run(main)
