"""The picture: a film, the map of each finding drawn on it, and the sentences that name them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import AbstractPathEffect, withStroke
from numpy.typing import NDArray
from scipy.ndimage import zoom

from radtex.explaining.attention import Spans
from radtex.explaining.boxes_and_points import peak

_ORANGE = "#E69F00"
_BLUE = "#0072B2"
"""Two of Okabe and Ito's colours for any colour vision."""
_TINT = LinearSegmentedColormap.from_list("tint", [(*to_rgb(_ORANGE), a) for a in (0.0, 0.65)])
_OUTLINE: list[AbstractPathEffect] = [withStroke(linewidth=3, foreground="black")]

Extent = tuple[float, float, float, float]
"""Left, right, bottom and top edge of the maps, in pixels of the film they are drawn on."""

_FEWEST, _MOST = 3, 4
"""Pictures in a row, the film itself the first; the text is as wide."""
_PICTURE, _TITLE, _GAP = 2.5, 0.3, 0.1
"""Inches: the width of a picture, the room above it, and around it and the text."""
_TALLEST = 1.5
"""Height of a picture over its width, at most."""
_FONT = 9
_LETTER = 0.602 * _FONT / 72
_LINE = 0.19
"""Points of the text; inches from letter to letter of DejaVu Sans Mono, and from line to line."""
_SIDE = 256
"""Pixels of an interpolated map, about."""

_NOTE = (
    "Tint: cross-attention while the words of the finding are written, mean over heads and "
    "directions. Line: where it is even. Cross: its highest cell."
)
_NO_FINDING = "The text says of no finding that it is present, so no map is drawn."


@dataclass(frozen=True)
class Panel:
    """A finding and its map."""

    finding: str
    """Its name."""
    spans: Spans
    """Where the text names it."""
    heat: NDArray[np.float32]
    """The map, (h, w), whose cells sum to 1."""


def draw_overlay(
    film: NDArray[np.uint8],
    extent: Extent,
    text: str,
    panels: Sequence[Panel],
    out: Path | BinaryIO,
    note: str | None = None,
) -> None:
    """Write a PNG: the film, a panel per finding, and the text with its findings numbered.

    The tint is the attention to a place, on one scale for all panels, of which 1 is even attention;
    a line encloses what is above even, and a cross marks the highest cell. Maps are interpolated
    between the centres of their cells by cubic splines.

    Args:
        film: uint8 (H, W).
        extent: of the maps.
        text: the report, or another sentence that names the findings.
        panels: the findings, in the order of their numbers.
        out: the file.
        note: what the maps are; by default those of `attention`, and that there are none.
    """
    columns = min(max(1 + len(panels), _FEWEST), _MOST)
    rows = -(-(1 + len(panels)) // columns)
    width = columns * _PICTURE
    lines = list(_lines(_words(text, panels), int((width - 2 * _GAP) / _LETTER)))
    tall = _PICTURE * min(film.shape[0] / film.shape[1], _TALLEST)
    pictures = rows * (tall + _TITLE)
    height = pictures + (len(lines) + 4) * _LINE
    figure = Figure(figsize=(width, height), dpi=160)
    highest = max([2.0, *(float(panel.heat.max()) * panel.heat.size for panel in panels)])
    for place in range(1 + len(panels)):
        row, column = divmod(place, columns)
        bottom = height - (row + 1) * (tall + _TITLE)
        axes = figure.add_axes(
            (
                (column * _PICTURE + _GAP / 2) / width,
                bottom / height,
                (_PICTURE - _GAP) / width,
                (tall - _GAP) / height,
            )
        )
        axes.imshow(
            film, cmap="gray", vmin=0, vmax=255, extent=(0, film.shape[1], film.shape[0], 0)
        )
        axes.set_axis_off()
        if place == 0:
            axes.set_title("film", fontsize=_FONT)
        else:
            panel = panels[place - 1]
            axes.set_title(f"[{place}] {panel.finding}", fontsize=_FONT, fontweight="bold")
            _show(axes, panel.heat, extent, highest)
    for number, line in enumerate(lines, 1):
        y = (height - pictures - (number + 0.5) * _LINE) / height
        for column, word, named in line:
            figure.text(
                (_GAP + column * _LETTER) / width,
                y,
                word,
                family="DejaVu Sans Mono",
                fontsize=_FONT,
                fontweight="bold" if named else "normal",
                color=_BLUE if named else "black",
                parse_math=False,
            )
    note = note or (_NOTE if panels else _NO_FINDING)
    figure.text(_GAP / width, 0.5 * _LINE / height, note, fontsize=_FONT - 2, color="#444444")
    if panels:
        _scale_bar(figure, highest)
    figure.savefig(out, format="png", metadata={"Software": None})


def _show(axes: Axes, heat: NDArray[np.float32], extent: Extent, highest: float) -> None:
    """Draw a map over the film that stands in `axes`."""
    limits = axes.axis()
    even = heat * heat.size
    smooth = zoom(even, _SIDE / max(even.shape), order=3, mode="nearest", grid_mode=True)
    axes.imshow(smooth, cmap=_TINT, vmin=0, vmax=highest, extent=extent, interpolation="bilinear")
    if smooth.min() < 1 < smooth.max():
        line = axes.contour(
            smooth, [1], colors="white", linewidths=1.2, extent=extent, origin="upper"
        )
        line.set_path_effects(_OUTLINE)
    left, right, bottom, top = extent
    x, y = peak(heat)
    axes.plot(
        left + x * (right - left),
        top + y * (bottom - top),
        marker="x",
        color="white",
        markersize=7,
        markeredgewidth=1.6,
        path_effects=_OUTLINE,
    )
    axes.axis(limits)


def _scale_bar(figure: Figure, highest: float) -> None:
    """Draw the scale of the tint at the bottom right, over a grey like a film's."""
    width, height = figure.get_size_inches()
    axes = figure.add_axes(
        ((width - 2.3) / width, 2.3 * _LINE / height, 1.9 / width, 0.5 * _LINE / height)
    )
    axes.set_facecolor("#777777")
    colours = ScalarMappable(Normalize(0, highest), _TINT)
    bar = figure.colorbar(colours, cax=axes, orientation="horizontal")
    bar.set_ticks([0, 1, highest], labels=["0", "even", f"{highest:.1f} × even"])
    bar.ax.tick_params(labelsize=_FONT - 2, length=2, pad=1)


def _words(text: str, panels: Sequence[Panel]) -> Iterator[tuple[str, bool]]:
    """Yield each word and whether it names a finding, whose number follows its last word."""
    for match in re.finditer(r"\S+", text):
        word, start, end = match[0], match.start(), match.end()
        touching = [
            (last - start, number)
            for number, panel in enumerate(panels, 1)
            for first, last in panel.spans
            if first < end and last > start
        ]
        for place, number in sorted(touching, reverse=True):
            if place <= len(match[0]):
                word = f"{word[:place]}[{number}]{word[place:]}"
        yield word, bool(touching)


def _lines(
    words: Iterable[tuple[str, bool]], letters: int
) -> Iterator[list[tuple[int, str, bool]]]:
    """Yield lines of at most `letters`: the column, the word, and whether it names a finding."""
    line: list[tuple[int, str, bool]] = []
    column = 0
    for word, named in words:
        if line and column + len(word) > letters:
            yield line
            line, column = [], 0
        line.append((column, word, named))
        column += len(word) + 1
    yield line
