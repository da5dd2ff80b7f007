"""The chest's borders have the places and widths that its numbers say."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.phantom.anatomy import APEX_A, DOME_A, ZONES, Anatomy, Sex, Side, sample_anatomy

SEEDS = st.integers(0, 2**32 - 1)
SEXES = st.sampled_from(["F", "M"])
SIDES: list[Side] = ["right", "left"]


@given(SEEDS, SEXES, st.integers(19, 94))
def test_every_sampled_chest_is_normal(seed: int, sex: Sex, age: int) -> None:
    anatomy = sample_anatomy(np.random.default_rng(seed), sex, age)
    assert 0.325 <= anatomy.half_width <= 0.4
    assert 0.37 <= anatomy.heart_ratio < 0.49
    assert anatomy.apex < 0.15 < 0.67 <= anatomy.dome[0] <= anatomy.dome[1] <= 0.8
    assert all(shadow == 0 for shadow in anatomy.breasts) == (sex == "M")
    assert anatomy == sample_anatomy(np.random.default_rng(seed), sex, age)


def test_age_widens_the_aortic_knob() -> None:
    young, old = (sample_anatomy(np.random.default_rng(3), "F", age).knob for age in (30, 90))
    assert old == pytest.approx(young + 0.01)


def test_the_lung_widens_from_its_apex_to_the_chest_wall(anatomy: Anatomy) -> None:
    base = max(anatomy.dome) + anatomy.sulcus
    v = np.linspace(anatomy.apex, base, 50)
    assert anatomy.descent(v)[[0, -1]].tolist() == [0, 1]
    outer = anatomy.lateral(v)
    assert outer[[0, -1]].tolist() == pytest.approx([APEX_A, anatomy.half_width])
    assert (np.diff(outer) >= 0).all()
    assert (anatomy.medial(v) <= outer).all()


@pytest.mark.parametrize("side", SIDES)
def test_the_diaphragm_is_highest_at_its_dome(anatomy: Anatomy, side: Side) -> None:
    a = np.append(np.linspace(0, anatomy.half_width, 200), DOME_A)
    v = anatomy.diaphragm(a, side)
    dome = anatomy.dome[SIDES.index(side)]
    assert v.min() == v[-1] == pytest.approx(dome)
    wall = anatomy.diaphragm(np.array([anatomy.half_width]), side)
    assert wall == pytest.approx(dome + anatomy.sulcus)


def test_the_heart_is_as_wide_as_the_cardiothoracic_ratio_says(anatomy: Anatomy) -> None:
    for ratio in (0.3, 0.45, 0.6):
        right, left = dataclasses.replace(anatomy, heart_ratio=ratio).heart_borders()
        assert (left - right) / (2 * anatomy.half_width) == pytest.approx(ratio)
        assert right < anatomy.midline < left


@pytest.mark.parametrize("side", SIDES)
def test_the_three_zones_part_a_lung_without_gap(anatomy: Anatomy, side: Side) -> None:
    upper, mid, lower = (anatomy.zone_extent(side, zone) for zone in ZONES)
    assert upper[0] == anatomy.apex
    assert (upper[1], mid[1]) == pytest.approx((mid[0], lower[0]))
    assert lower[1] == pytest.approx(anatomy.dome[SIDES.index(side)] + 0.02)
    heights = [bottom - top for top, bottom in (upper, mid, lower)]
    assert heights == pytest.approx([heights[0]] * 3)


def test_a_straight_spine_stands_on_its_line_and_a_curved_one_sways(anatomy: Anatomy) -> None:
    v = np.linspace(0, 1, 50)
    straight = dataclasses.replace(anatomy, spine_curve=0.0)
    curved = dataclasses.replace(anatomy, spine_curve=0.03)
    assert np.ptp(straight.spine(v)) == 0
    assert np.abs(curved.spine(v) - straight.spine(v)).max() == pytest.approx(0.03, rel=0.01)
