"""Boxes, the points that they hold, and the points of maps, by hand and by naive counts."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.explaining.boxes_and_points import (
    Box,
    cell_centres,
    is_hit,
    likeliest_point,
    mean_centre,
    peak,
    read_boxes,
)

fractions = st.floats(0, 0.5, width=32)
boxes = st.builds(Box, st.just("Edema"), fractions, fractions, fractions, fractions)


def test_the_peak_is_the_centre_of_the_highest_cell() -> None:
    heat = np.zeros((2, 5))
    heat[1, 3] = 1
    assert peak(heat) == (0.7, 0.75)
    assert peak(np.ones((4, 4))) == (0.125, 0.125)


def test_a_hit_is_in_any_of_the_boxes_edges_included() -> None:
    pair = [Box("Edema", 0.1, 0.2, 0.3, 0.25), Box("Edema", 0.6, 0.2, 0.3, 0.25)]
    assert is_hit((0.1, 0.2), pair)
    assert is_hit((0.75, 0.3), pair)
    assert not is_hit((0.5, 0.3), pair)
    assert not is_hit((0.2, 0.5), pair)
    assert not is_hit((0.5, 0.5), [])


def test_reads_the_boxes_of_an_index() -> None:
    cell = json.dumps([{"name": "Edema", "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}])
    assert read_boxes(cell) == [Box("Edema", 0.1, 0.2, 0.3, 0.4)]
    assert read_boxes("[]") == []


def test_the_mean_centre() -> None:
    x, y = mean_centre([Box("Edema", 0.0, 0.0, 0.2, 0.4), Box("Edema", 0.6, 0.5, 0.4, 0.2)])
    assert (x, y) == pytest.approx((0.45, 0.4))


@settings(deadline=None, max_examples=30)
@given(st.lists(boxes, min_size=1, max_size=6))
def test_no_point_of_the_raster_is_likelier(drawn: list[Box]) -> None:
    raster = [(i + 0.5) / 64 for i in range(64)]
    most = max(sum(box.holds((x, y)) for box in drawn) for x in raster for y in raster)
    assert sum(box.holds(likeliest_point(drawn)) for box in drawn) == most


def test_the_centres_of_cells_come_row_by_row() -> None:
    assert cell_centres(1, 2) == [(0.25, 0.5), (0.75, 0.5)]
    assert cell_centres(2, 1) == [(0.5, 0.25), (0.5, 0.75)]
