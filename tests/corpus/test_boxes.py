"""Boxes around findings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from radtex.corpus.boxes import box_numbers, fraction_box, mask_edges
from radtex.errors import CorpusError

MASKS = arrays(bool, (7, 5)).filter(np.any)


def encode(mask):
    """Offsets from the end of the run before, and lengths, down the columns; one pixel a time."""
    code, gap, length = [], 0, 0
    for pixel in [*mask.T.ravel(), False]:
        if pixel:
            length += 1
        elif length:
            code += [gap, length]
            gap, length = 1, 0
        else:
            gap += 1
    return " ".join(map(str, code))


@settings(deadline=None)
@given(st.lists(MASKS, min_size=1, max_size=3))
def test_the_box_of_masks_holds_their_union_tightly(masks):
    rows, columns = np.nonzero(np.any(masks, axis=0))
    edges = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
    assert mask_edges([encode(mask) for mask in masks], rows=7) == edges


@pytest.mark.parametrize("code", ["", "1", "1 2 3", "a b", "-1 4", "3 0", "1.5 2", "9" * 30 + " 1"])
def test_what_is_no_run_length_code_is_refused(code):
    with pytest.raises(CorpusError, match="not run-length coded"):
        mask_edges([code], rows=7)


def test_a_box_is_in_fractions_and_clipped_to_the_image():
    box = fraction_box("Mass", (-5, 10, 25, 50), rows=40, columns=50)
    assert box == {"name": "Mass", "x": 0, "y": 0.25, "width": 0.5, "height": 0.75}


@pytest.mark.parametrize("edges", [(60, 0, 70, 10), (5, 5, 5, 9), (9, 0, 4, 8)])
def test_a_box_without_any_pixel_is_refused(edges):
    with pytest.raises(CorpusError, match="outside its image"):
        fraction_box("Mass", edges, rows=40, columns=50)


def test_cells_that_are_no_numbers_are_refused():
    assert box_numbers(["1", "2.5"]) == [1, 2.5]
    with pytest.raises(CorpusError, match="not four numbers"):
        box_numbers(["1", ""])
