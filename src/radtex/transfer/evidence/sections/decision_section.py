"""Decision curves: net benefit against acting on everyone and on no one."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from radtex.statistics.intervals import Estimate
from radtex.transfer.evidence.figures import svg
from radtex.transfer.evidence.html import picture, section, table
from radtex.transfer.evidence.sections.at_largest import (
    conditions,
    counted,
    each_target,
    has_probabilities,
    shown_with_sign,
)
from radtex.transfer.evidence.style import LETTER, style
from radtex.transfer.measures.events import Events
from radtex.transfer.measures.net_benefit import THRESHOLDS, treat_all
from radtex.transfer.results import Results

_COLUMNS = 3
_TABLED = tuple(THRESHOLDS.index(threshold) for threshold in (0.05, 0.1, 0.2, 0.5))
_GREY = "#777777"
_EVERYONE = "all acted on"


def decision_section(results: Results) -> str:
    """What acting on the predictions gains; "" where there are no probabilities."""
    if not has_probabilities(results):
        return ""
    rows = [["target", "encoder", *(f"from {THRESHOLDS[place]:g}" for place in _TABLED)]]
    said = []
    for event in results.events:
        acting = treat_all(event.prevalence, np.array(THRESHOLDS))
        rows.append([event.target, _EVERYONE, *(f"{acting[place]:+.3f}" for place in _TABLED)])
        for target, encoder, values in each_target(results):
            if target == event.target and values.net_benefit:
                benefits = [values.net_benefit[place] for place in _TABLED]
                rows.append([target, encoder, *map(shown_with_sign, benefits)])
                everyone = acting[_TABLED[1]]
                said.append(f"{target}, {encoder}: {benefits[1].mean:+.3f} ({everyone:+.3f})")
    return section(
        "Decision curves",
        picture(
            decision_figure(results),
            f"Net benefit by threshold probability. From {THRESHOLDS[_TABLED[1]]:g} on (and where "
            "all are acted on): " + "; ".join(said),
            f"Net benefit {conditions(results)}, of acting on every "
            "study whose probability reaches a threshold: true positives minus false ones, weighed "
            "by the odds of the threshold, of all studies. The thin line acts on all studies, the "
            "level line at 0 on none. Predictions are of use where their curve is above both. "
            f"Bands are 95 % intervals over {counted(results)}, threshold by threshold.",
            wide=True,
        ),
        table(rows, "The same at four thresholds. Acting on none has a net benefit of 0."),
    )


def decision_figure(results: Results) -> bytes:
    """A small decision curve for each target."""
    columns = min(_COLUMNS, len(results.events))
    lines = -(-len(results.events) // columns)
    names = [*results.classifiers, _EVERYONE]
    width = max(2.6 * columns + 0.4, _legend_width(names, 1))
    across = next(n for n in range(len(names), 0, -1) if _legend_width(names, n) <= width)
    below = 0.55 + 0.2 * -(-len(names) // across)
    height = 2.0 * lines + 0.3 + below
    figure = Figure(figsize=(width, height))
    grid = figure.subplots(lines, columns, sharex=True, squeeze=False)
    figure.subplots_adjust(
        left=0.75 / width, right=1 - 0.1 / width, top=1 - 0.3 / height, bottom=below / height,
        hspace=0.3, wspace=0.32,
    )  # fmt: skip
    for place, axes in enumerate(grid.flat):
        if place >= len(results.events):
            axes.remove()
            continue
        _draw(axes, results, results.events[place])
        axes.xaxis.set_tick_params(labelbottom=place + columns >= len(results.events))
    figure.supxlabel("threshold probability", fontsize=9, y=(below - 0.45) / height, va="bottom")
    figure.supylabel("net benefit", fontsize=9, x=0.08 / width, ha="left")
    legend = figure.legend(
        handles=[
            *(Line2D([], [], **style(number)) for number in range(len(names) - 1)),
            Line2D([], [], color=_GREY, linewidth=0.9),
        ],
        labels=[" "] * len(names),
        loc="lower center",
        ncols=across,
        frameon=False,
        fontsize=9,
        handlelength=3.5,
    )
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set(text=name, parse_math=False)
    return svg(figure)


def _legend_width(names: Sequence[str], columns: int) -> float:
    """Inches that a legend of so many columns takes, at most."""
    return 0.2 + columns * (0.75 + LETTER * max(map(len, names)))


def _draw(axes: Axes, results: Results, event: Events) -> None:
    highest = event.prevalence
    for number, values in enumerate(results.classifiers.values()):
        benefits: tuple[Estimate, ...] = values.validation.targets[event.target].net_benefit
        if not benefits:
            continue
        look = style(number)
        axes.fill_between(
            THRESHOLDS,
            [value.low for value in benefits],
            [value.high for value in benefits],
            color=look["color"],
            alpha=0.13,
            linewidth=0,
        )
        means = [value.mean for value in benefits]
        axes.plot(THRESHOLDS, means, linewidth=1.4, markersize=3.5, markevery=(number, 4), **look)
        highest = max(highest, *means)
    fine = np.linspace(0.001, THRESHOLDS[-1], 200)
    axes.plot(fine, treat_all(event.prevalence, fine), color=_GREY, linewidth=0.9)
    axes.axhline(0, color=_GREY, linewidth=0.9)
    axes.set_xlim(0, THRESHOLDS[-1])
    axes.set_ylim(-0.25 * highest, 1.1 * highest)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(event.target, fontsize=9, parse_math=False)
