"""Hit rates and their intervals against naive counts and closed forms."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from radtex.explaining.boxes_and_points import (
    Box,
    is_hit,
    likeliest_point,
    mean_centre,
    peak,
    pointing_game,
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


@pytest.mark.parametrize("hits", [0, 7, 40])
def test_one_case_a_patient_gives_wilsons_interval(hits: int) -> None:
    hit = np.arange(40) < hits
    game = pointing_game(["Edema"] * 40, [str(i) for i in range(40)], {"map": hit.astype(float)})
    rate = game.rates["Edema"]["map"]
    exact = binomtest(hits, 40).proportion_ci(method="wilson")
    assert (rate.low, rate.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_equal_cases_of_a_patient_count_once() -> None:
    rng = np.random.default_rng(0)
    hit = (rng.random(30) < 0.3).astype(float)
    people = [str(i) for i in range(30)]
    one = pointing_game(["Edema"] * 30, people, {"map": hit, "centre": 1 - hit})
    three = pointing_game(
        ["Edema"] * 90, people * 3, {"map": np.tile(hit, 3), "centre": np.tile(1 - hit, 3)}
    )
    assert three.cases["Edema"] == 90
    for mine, other in (
        (one.rates["Edema"]["map"], three.rates["Edema"]["map"]),
        (one.means["map"], three.means["map"]),
        (one.gains["centre"], three.gains["centre"]),
    ):
        assert (mine.low, mine.high) == pytest.approx((other.low, other.high))


def test_means_are_over_findings_and_gains_are_paired() -> None:
    rng = np.random.default_rng(1)
    findings = ["Edema"] * 50 + ["Fracture"] * 10
    people = [str(number) for number in rng.integers(0, 25, 60)]
    first = (rng.random(60) < 0.6).astype(float)
    game = pointing_game(findings, people, {"map": first, "same": first, "other": 1 - first})
    expected = (first[:50].mean() + first[50:].mean()) / 2
    assert game.means["map"].value == pytest.approx(expected)
    assert game.means["map"].low < expected < game.means["map"].high
    assert (game.gains["same"].low, game.gains["same"].high) == (0, 0)
    assert game.gains["other"].mean == pytest.approx(2 * expected - 1)


def test_the_interval_of_a_mean_covers_it() -> None:
    """Patients of 1 to 3 cases that share their luck: coverage near 95 % over 400 worlds."""
    covered = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        person = np.repeat(np.arange(60), rng.integers(1, 4, 60))
        hit = (rng.random(60) < 0.4).astype(float)[person]
        names = np.where(rng.random(len(person)) < 0.5, "Edema", "Fracture")
        rate = pointing_game(list(names), list(person.astype(str)), {"map": hit}).means["map"]
        covered += rate.low <= 0.4 <= rate.high
    assert 0.92 <= covered / 400 <= 0.98
