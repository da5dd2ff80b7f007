"""The picture: mean AUC against the number of labels."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from radtex.transfer.protocol import Results

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours for any colour vision, without yellow, which is too pale for text."""
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))


def draw_curve(results: Results, out: Path) -> None:
    """Write the curve as a PNG; bands are 95 % intervals."""
    figure = Figure(figsize=(7.2, 4.6), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    budgets = results.protocol["budgets"]
    ends = []
    for number, (encoder, by_budget) in enumerate(results.mean_auc.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        estimates = [by_budget[budget] for budget in budgets]
        axes.fill_between(
            budgets,
            [value.low for value in estimates],
            [value.high for value in estimates],
            color=colour,
            alpha=0.13,
            linewidth=0,
        )
        axes.plot(
            budgets,
            [value.mean for value in estimates],
            color=colour,
            marker=_MARKERS[number % len(_MARKERS)],
            linestyle=_LINES[number % len(_LINES)],
            linewidth=1.8,
            markersize=6,
        )
        ends.append((estimates[-1].mean, encoder, colour))
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(budgets))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{budget:,}" for budget in budgets])
    axes.set_xlabel("labelled studies per target")
    axes.set_ylabel(f"mean AUC of {len(results.protocol['targets'])} targets")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    _label_ends(axes, budgets[-1], ends)
    figure.savefig(out, format="png", metadata={"Software": None})


def _label_ends(axes: Axes, budget: int, ends: list[tuple[float, str, str]]) -> None:
    """Name each curve at its right end, names apart by at least a line of text."""
    low, high = axes.get_ylim()
    line = (high - low) * 0.055
    height = low - line
    for mean, encoder, colour in sorted(ends):
        height = max(mean, height + line)
        axes.annotate(
            encoder,
            (budget, mean),
            xytext=(1.03, height),
            textcoords=axes.get_yaxis_transform(),
            color=colour,
            fontweight="bold",
            va="center",
            parse_math=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7},
        )
