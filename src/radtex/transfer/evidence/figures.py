"""The pictures of the evidence page, as SVG: the same results, the same bytes."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from radtex.transfer.evidence.curve import curve_figure, draw_estimates, label_budgets
from radtex.transfer.evidence.result_tables import budgets_shown
from radtex.transfer.evidence.style import style
from radtex.transfer.results import PairedDifference, Results

_COLUMNS = 3
_BELOW: dict[str, Any] = {"loc": "outside lower center"}  # matplotlib's types do not know it


def svg(figure: Figure) -> bytes:
    """A figure as SVG, its letters drawn as shapes, without dates or random names."""
    with matplotlib.rc_context({"svg.hashsalt": "radtex", "svg.fonttype": "path"}):
        out = io.BytesIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return out.getvalue()


def curve(results: Results) -> bytes:
    """Mean AUC against the number of labels."""
    return svg(curve_figure(results))


def forest(pairs: Sequence[PairedDifference]) -> bytes:
    """Paired differences with their intervals, a line each; filled where Holm's p is below 0.05."""
    figure = Figure(figsize=(7.2, 0.8 + 0.27 * len(pairs)), layout="constrained")
    axes = figure.add_subplot()
    comparisons = list(dict.fromkeys((pair.a, pair.b) for pair in pairs))
    for place, pair in enumerate(pairs):
        number = comparisons.index((pair.a, pair.b))
        look, value = style(number), pair.estimate
        significant = (value.p if pair.p_holm is None else pair.p_holm) < 0.05
        axes.plot((value.low, value.high), (place, place), color=look["color"], linewidth=1.6)
        axes.plot(
            value.mean,
            place,
            marker=look["marker"],
            markerfacecolor=look["color"] if significant else "white",
            markeredgecolor=look["color"],
            markersize=7,
        )
    axes.axvline(0, color="#111111", linewidth=0.8)
    axes.set_yticks(range(len(pairs)))
    axes.set_yticklabels(
        [f"{pair.a} − {pair.b} at {pair.budget:,}" for pair in pairs], parse_math=False
    )
    axes.set_ylim(len(pairs) - 0.5, -0.5)  # half a row above the first and below the last
    axes.set_xlabel("difference in mean AUC")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    return svg(figure)


def small_multiples(results: Results) -> bytes:
    """A small curve per target, all on one scale."""
    targets, budgets = results.protocol["targets"], results.protocol["budgets"]
    columns = min(_COLUMNS, len(targets))
    rows = -(-len(targets) // columns)
    figure = Figure(figsize=(2.6 * columns, 2.1 * rows + 0.5), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place >= len(targets):
            axes.remove()
            continue
        for number, by_target in enumerate(results.target_auc.values()):
            draw_estimates(axes, number, by_target[targets[place]], budgets)
        label_budgets(axes, budgets_shown(results))
        axes.xaxis.set_tick_params(labelsize=7, labelbottom=place + columns >= len(targets))
        axes.yaxis.set_tick_params(labelsize=8)
        axes.set_title(targets[place], fontsize=9, parse_math=False)
    _legend(figure, list(results.target_auc))
    return svg(figure)


def reliability(results: Results) -> bytes:
    """Observed share of positives against predicted probability, with intervals."""
    figure = Figure(figsize=(5.2, 5.0), layout="constrained")
    axes = figure.add_subplot()
    axes.plot((0, 1), (0, 1), color="#777777", linewidth=0.8)
    encoders = []
    for number, encoder in enumerate(results.mean_auc):
        bins = results.classifiers[encoder].reliability if encoder in results.classifiers else ()
        if not bins:
            continue
        encoders.append(encoder)
        means = [each.observed.mean for each in bins]
        axes.errorbar(
            [each.predicted for each in bins],
            means,
            yerr=(
                [max(each.observed.mean - each.observed.low, 0) for each in bins],
                [max(each.observed.high - each.observed.mean, 0) for each in bins],
            ),
            linewidth=1.4,
            elinewidth=0.8,
            capsize=2,
            markersize=5,
            **style(number),
        )
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("observed share of positives")
    axes.spines[["top", "right"]].set_visible(False)
    _legend(figure, encoders, list(results.mean_auc))
    return svg(figure)


def _legend(figure: Figure, encoders: Sequence[str], of: Sequence[str] | None = None) -> None:
    """Name the encoders below the axes, each by its colour, marker and line among `of`."""
    numbers = [list(of or encoders).index(encoder) for encoder in encoders]
    legend = figure.legend(
        handles=[Line2D([], [], **style(number)) for number in numbers],
        labels=[" "] * len(encoders),
        ncols=min(len(encoders), 4),
        frameon=False,
        fontsize=9,
        handlelength=3.5,
        **_BELOW,
    )
    for text, encoder in zip(legend.get_texts(), encoders, strict=True):
        text.set(text=encoder, parse_math=False)
