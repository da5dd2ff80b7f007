"""The picture: mean AUC against the number of labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from radtex.statistics.intervals import Estimate
from radtex.transfer.evidence.result_tables import ESTIMAND, budgets_shown
from radtex.transfer.evidence.style import style
from radtex.transfer.results import Results


def draw_curve(results: Results, out: Path) -> None:
    """Write the curve as a PNG; bands are 95 % intervals."""
    curve_figure(results).savefig(out, format="png", metadata={"Software": None})


def curve_figure(results: Results) -> Figure:
    """Draw mean AUC against the number of labels; bands are 95 % intervals."""
    figure = Figure(figsize=(7.2, 4.6), dpi=160, layout="constrained")
    axes = figure.add_subplot()
    budgets = results.protocol["budgets"]
    ends = []
    for number, (encoder, by_budget) in enumerate(results.mean_auc.items()):
        draw_estimates(axes, number, by_budget, budgets)
        ends.append((by_budget[budgets[-1]].mean, encoder, style(number)["color"]))
    label_budgets(axes, budgets_shown(results))
    axes.set_xlabel(f"labelled studies per target\n(bands: 95 %, {ESTIMAND})")
    axes.set_ylabel(f"mean AUC of {len(results.protocol['targets'])} targets")
    _label_ends(axes, budgets[-1], ends)
    return figure


def draw_estimates(
    axes: Axes, number: int, by_budget: Mapping[int, Estimate], budgets: Sequence[int]
) -> None:
    """Draw the curve of encoder `number` with its band, told apart without colour too.

    What it reaches without labels stands apart, left of the curve.
    """
    look = style(number)
    estimates = [by_budget[budget] for budget in budgets]
    if 0 in by_budget:
        alone = by_budget[0]
        axes.errorbar(
            _place_of_zero(budgets),
            alone.mean,
            yerr=([max(alone.mean - alone.low, 0)], [max(alone.high - alone.mean, 0)]),
            elinewidth=1.0,
            capsize=3,
            markersize=6,
            **look,
        )
    axes.fill_between(
        budgets,
        [value.low for value in estimates],
        [value.high for value in estimates],
        color=look["color"],
        alpha=0.13,
        linewidth=0,
    )
    axes.plot(
        budgets,
        [value.mean for value in estimates],
        linewidth=1.8,
        markersize=6,
        **look,
    )


def label_budgets(axes: Axes, budgets: Sequence[int]) -> None:
    """Make the axis of budgets logarithmic, and leave no more lines than are read.

    Args:
        axes: whose axis it is.
        budgets: ascending; 0 stands left of the others, where no logarithm has a place.
    """
    above = [budget for budget in budgets if budget]
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(
        FixedLocator([budget or _place_of_zero(above) for budget in budgets])
    )
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{budget:,}" for budget in budgets])
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)


def _place_of_zero(budgets: Sequence[int]) -> float:
    """Left of the smallest budget, by a fifth of the axis and by a half of that number at least."""
    return budgets[0] / float(max((budgets[-1] / budgets[0]) ** 0.2, 1.5))


def _label_ends(axes: Axes, budget: int, ends: list[tuple[float, str, str]]) -> None:
    """Name each curve at its right end, names apart by at least a line of text."""
    low, high = axes.get_ylim()
    ends = sorted(ends)
    heights = apart([mean for mean, _, _ in ends], (high - low) * 0.055)
    for height, (mean, encoder, colour) in zip(heights, ends, strict=True):
        axes.annotate(
            encoder,
            (budget, mean),
            xytext=(1.03, height),
            textcoords=axes.get_yaxis_transform(),
            color=colour,
            fontweight="bold",
            va="center",
            parse_math=False,
            # To the left end of the name, so that no line crosses another name.
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.7,
                "relpos": (0, 0.5),
                "shrinkA": 1,
            },
        )


def apart(wanted: Sequence[float], distance: float) -> list[float]:
    """Move places apart that would touch.

    Args:
        wanted: places, ascending.
        distance: the least between two.

    Returns:
        Places in the same order; those that would touch share their middle.
    """
    groups: list[list[float]] = []
    for value in wanted:
        group = [value]
        while groups and _start(group, distance) < _start(groups[-1], distance) + distance * len(
            groups[-1]
        ):
            group = groups.pop() + group
        groups.append(group)
    return [
        _start(group, distance) + distance * (place + 0.5)
        for group in groups
        for place in range(len(group))
    ]


def _start(group: Sequence[float], distance: float) -> float:
    return sum(group) / len(group) - distance * len(group) / 2
