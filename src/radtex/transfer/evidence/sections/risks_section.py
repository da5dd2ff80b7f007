"""Risk distributions: histograms of the probabilities of both classes, by target and encoder."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from radtex.transfer.evidence.figures import svg
from radtex.transfer.evidence.html import picture, section, table
from radtex.transfer.evidence.sections.at_largest import (
    each_target,
    has_probabilities,
    largest_budget,
)
from radtex.transfer.evidence.style import LETTER
from radtex.transfer.measures.classifier_measures import ClassifierResults
from radtex.transfer.measures.risk_distribution import RISKS, RiskDistribution, quantiles
from radtex.transfer.results import Results

_DRAWN = 20  # bins of the picture
_WITH, _WITHOUT = "#D55E00", "#56B4E9"
_QUARTILES = (0.25, 0.5, 0.75)


def risks_section(results: Results) -> str:
    """What probabilities studies with a finding get, and those without; "" where none are."""
    if not has_probabilities(results):
        return ""
    rows = [["target", "encoder", "with the finding", "without"]]
    for target, encoder, values in each_target(results):
        if values.risks is not None:
            both = (values.risks.positive, values.risks.negative)
            rows.append([target, encoder, *map(_median, both)])
    words = "Histograms of predicted probabilities. Median with and without the finding: "
    return section(
        "Risk distributions",
        picture(
            risk_figure(results),
            words
            + "; ".join(
                f"{target}, {encoder}: {_middle(with_it)} and {_middle(without)}"
                for target, encoder, with_it, without in rows[1:]
            ),
            f"Predicted probabilities of the test studies{_together(results)}: upward those of "
            "studies with the finding, downward those without, each drawn to the height of the "
            "fullest bin of its class.",
            wide=True,
        ),
        table(rows, "The same: median probability, and the middle half of each class."),
    )


def _together(results: Results) -> str:
    if results.of_one_classifier:
        return ""
    return f" at {largest_budget(results)} labels, all draws together"


def risk_figure(results: Results) -> bytes:
    """A row of histograms for each target, a column for each encoder."""
    targets = results.protocol["targets"]
    encoders = [name for name, values in results.classifiers.items() if _any_risks(values)]
    names = 0.25 + LETTER * max(map(len, targets))  # inches that the names take
    width, height = names + 0.15 + 1.7 * len(encoders), 0.8 * len(targets) + 0.75
    figure = Figure(figsize=(width, height))
    grid = figure.subplots(len(targets), len(encoders), sharex=True, squeeze=False)
    figure.subplots_adjust(
        left=names / width, right=1 - 0.1 / width, top=1 - 0.3 / height, bottom=0.45 / height,
        hspace=0.15, wspace=0.1,
    )  # fmt: skip
    for row, target in enumerate(targets):
        for column, encoder in enumerate(encoders):
            axes = grid[row, column]
            risks = results.classifiers[encoder].validation.targets[target].risks
            if risks is not None:
                _draw(axes, risks)
            axes.set_xlim(0, 1)
            axes.set_ylim(-1.05, 1.05)
            axes.set_yticks([])
            axes.set_xticks((0, 0.5, 1), ("0", "0.5", "1"))
            axes.spines[["top", "right", "left"]].set_visible(False)
            axes.spines["bottom"].set_visible(row == len(targets) - 1)
            axes.tick_params(labelsize=8, bottom=row == len(targets) - 1)
            if row == 0:
                size = min(9.0, 9 * 1.6 / (LETTER * len(encoder)))
                axes.set_title(encoder, fontsize=size, parse_math=False)
            if column == 0:
                axes.set_ylabel(
                    target, fontsize=9, rotation=0, ha="right", va="center", parse_math=False
                )
    middle = (names + width - 0.1) / 2 / width
    figure.supxlabel("predicted probability", fontsize=9, x=middle, y=0.06 / height, va="bottom")
    return svg(figure)


def _draw(axes: Axes, risks: RiskDistribution) -> None:
    edges = np.linspace(0, 1, _DRAWN + 1)
    for counts, direction, colour in (
        (risks.positive, 1, _WITH),
        (risks.negative, -1, _WITHOUT),
    ):
        shares = counts.reshape(_DRAWN, RISKS // _DRAWN).sum(1) / counts.sum()
        # As high as the highest bin of its class, so that rare tails can be seen.
        axes.stairs(direction * shares / shares.max(), edges, fill=True, color=colour)
    axes.axhline(0, color="#111111", linewidth=0.6)


def _any_risks(values: ClassifierResults) -> bool:
    return any(each.risks is not None for each in values.validation.targets.values())


def _median(counts: NDArray[np.int64]) -> str:
    low, middle, high = quantiles(counts, _QUARTILES)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _middle(cell: str) -> str:
    return cell.split(" ", 1)[0]
