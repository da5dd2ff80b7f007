"""What fluid or air in the pleural space covers is not there to be seen, and is not claimed."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from radtex.phantom import sample_study
from radtex.phantom.anatomy import Anatomy, Side
from radtex.phantom.pleural_space import fluid_depth, gap_depth, visible
from radtex.phantom.signs import Shape, Sign

Signs = Callable[..., list[Sign]]


def nodule(side: Side, v: float) -> Sign:
    u = -0.22 if side == "right" else 0.22
    return Sign("Nodule", "round", side, "lower", "mild", 0.2, Shape(u, v, 0.03, 0.03), 0)


@pytest.fixture
def effusion(signs_of: Signs) -> Callable[[Side, float], Sign]:
    """Give tests the effusion on a side that comes nearest to a strength."""

    def find(side: Side, strength: float) -> Sign:
        own = (sign for sign in signs_of("Pleural Effusion") if sign.side == side)
        return min(own, key=lambda sign: abs(sign.strength - strength))

    return find


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_large_effusion_hides_what_lies_low_on_its_side(
    anatomy: Anatomy, effusion: Callable[[Side, float], Sign], side: Side
) -> None:
    fluid = effusion(side, 0.9)
    low, high = nodule(side, 0.7), nodule(side, 0.2)
    beside = nodule("left" if side == "right" else "right", 0.7)
    assert visible((low, high, beside, fluid), anatomy) == (high, beside, fluid)


def test_a_small_effusion_and_layered_fluid_hide_nothing(
    anatomy: Anatomy, effusion: Callable[[Side, float], Sign]
) -> None:
    low = nodule("right", 0.6)
    small = effusion("right", 0.05)
    veil = dataclasses.replace(effusion("right", 0.9), form="layering")
    assert visible((low, small), anatomy) == (low, small)
    assert visible((low, veil), anatomy) == (low, veil)


def test_an_opacity_goes_when_half_of_it_is_covered(
    anatomy: Anatomy, effusion: Callable[[Side, float], Sign]
) -> None:
    """Down the film a nodule dips into the fluid; it is left out from its half on."""
    fluid = effusion("left", 0.9)
    heights = np.linspace(0.2, 0.7, 200)
    seen = [
        dataclasses.replace(nodule("left", v), geometry=Shape(0.22, v, 0.06, 0.06)) for v in heights
    ]
    kept = [bool(visible((sign, fluid), anatomy)[:-1]) for sign in seen]
    assert kept == sorted(kept, reverse=True)
    centre = heights[kept.index(False)]
    surface = fluid_depth(fluid, anatomy, np.array([0.22]), np.array([centre]))
    assert surface[0] == pytest.approx(0, abs=0.01)


def test_no_lung_is_drawn_beyond_the_line_of_a_pneumothorax(
    anatomy: Anatomy, signs_of: Signs
) -> None:
    gross = max(signs_of("Pneumothorax"), key=lambda sign: sign.strength)
    a = float(anatomy.lateral(0.3)) - 0.03
    outer, inner = (
        dataclasses.replace(
            nodule("right", 0.3),
            side=gross.side,
            geometry=Shape(gross.direction * u, v, 0.03, 0.03),
        )
        for u, v in ((a, 0.3), (0.08, 0.42))
    )
    assert visible((outer, inner, gross), anatomy) == (inner, gross)


def test_fluid_deepens_downwards_and_stands_highest_at_the_wall(
    anatomy: Anatomy, effusion: Callable[[Side, float], Sign]
) -> None:
    fluid = effusion("left", 0.6)
    v = np.linspace(0.3, 0.8, 60)
    at_the_wall = fluid_depth(fluid, anatomy, anatomy.lateral(v), v)
    within = fluid_depth(fluid, anatomy, np.full_like(v, 0.1), v)
    assert (np.diff(within) > 0).all()
    assert (at_the_wall >= within).all()
    top = fluid.geometry.v - fluid.geometry.height / 2
    np.testing.assert_allclose(at_the_wall, v - top, atol=1e-12)


def test_the_gap_of_a_pneumothorax_narrows_to_its_lower_end(
    anatomy: Anatomy, signs_of: Signs
) -> None:
    for sign in signs_of("Pneumothorax"):
        top, height = sign.geometry.v - sign.geometry.height / 2, sign.geometry.height
        a = np.linspace(0, anatomy.half_width, 400)
        widths = []
        for down in (0.3, 0.6, 0.9, 1.1):
            v = np.full_like(a, top + down * height)
            inside = a < anatomy.lateral(v)
            widths.append(int((gap_depth(sign, anatomy, a, v)[inside] > 0).sum()))
        assert widths == sorted(widths, reverse=True)
        assert widths[0] > widths[-1] == 0


def test_a_hidden_sign_is_neither_labelled_nor_reported() -> None:
    """The labels follow the signs that are left, so it is enough that none is covered.

    Signs that lift or lower a dome are skipped: what covers was placed in the chest they deform.
    """
    checked = 0
    for number in range(1500):
        study = sample_study(3, number)
        if not any(sign.name in ("Atelectasis", "Emphysema") for sign in study.signs):
            assert visible(study.signs, study.anatomy) == study.signs
            checked += 1
    assert checked > 500
