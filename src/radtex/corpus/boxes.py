"""Boxes around findings."""

from collections.abc import Iterable, Sequence

import numpy as np

from radtex.errors import CorpusError


def box_numbers(cells: Iterable[str]) -> list[float]:
    """Return cells of a table as numbers.

    Raises:
        CorpusError: if a cell is no number.
    """
    try:
        return [float(cell) for cell in cells]
    except ValueError as error:
        raise CorpusError("a box is not four numbers") from error


def fraction_box(
    name: str, edges: Sequence[float], rows: int, columns: int
) -> dict[str, str | float]:
    """Return a box of a `Record`: fractions of the image, clipped to it.

    Args:
        name: of the finding.
        edges: left, top, right and bottom, in pixels.
        rows: height of the image, in pixels.
        columns: width of the image, in pixels.

    Raises:
        CorpusError: if no part of the box lies inside the image.
    """
    left, right = (min(max(edge / columns, 0.0), 1.0) for edge in (edges[0], edges[2]))
    top, bottom = (min(max(edge / rows, 0.0), 1.0) for edge in (edges[1], edges[3]))
    if not (left < right and top < bottom):
        raise CorpusError("a box lies outside its image")
    return {"name": name, "x": left, "y": top, "width": right - left, "height": bottom - top}


def mask_edges(masks: Sequence[str], rows: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom edge, in pixels, of what the masks cover together.

    Args:
        masks: run-length codes: pairs of offset and length, down the columns of the image. An
            offset counts from the end of the run before it.
        rows: height of the image, in pixels.

    Raises:
        CorpusError: if a mask is no such code.
    """
    firsts, lasts = [], []
    for mask in masks:
        try:
            gaps, lengths = np.array(mask.split(), dtype=np.int64).reshape(-1, 2).T
        except (ValueError, OverflowError) as error:
            raise CorpusError("a mask is not run-length coded") from error
        if not len(gaps) or gaps.min() < 0 or lengths.min() < 1:
            raise CorpusError("a mask is not run-length coded")
        ends = np.cumsum(gaps + lengths)
        firsts.append(ends - lengths)
        lasts.append(ends - 1)
    first, last = np.concatenate(firsts), np.concatenate(lasts)
    wraps = first // rows < last // rows  # such a run covers a bottom and a top
    top = np.where(wraps, 0, first % rows).min()
    bottom = np.where(wraps, rows - 1, last % rows).max()
    return int(first.min()) // rows, int(top), int(last.max()) // rows + 1, int(bottom) + 1
