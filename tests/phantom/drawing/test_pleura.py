"""What fluid or air in the pleural space covers is not there to be seen, and is not claimed."""

import dataclasses

import numpy as np
import pytest

from radtex.phantom import sample_study
from radtex.phantom.anatomy import sample_anatomy
from radtex.phantom.drawing.pleura import visible
from radtex.phantom.placement import place
from radtex.phantom.signs import Shape, Sign

ANATOMY = sample_anatomy(np.random.default_rng(0), "M", 50)


def nodule(side: str, v: float) -> Sign:
    u = -0.22 if side == "right" else 0.22
    return Sign("Nodule", "round", side, "lower", "mild", 0.2, Shape(u, v, 0.03, 0.03), 0)


def effusion(side: str, strength: float) -> Sign:
    rng = np.random.default_rng(1)
    signs = (s for _ in range(100) for s in place(rng, ANATOMY, "Pleural Effusion"))
    return min(
        (sign for sign in signs if sign.side == side), key=lambda s: abs(s.strength - strength)
    )


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_large_effusion_hides_what_lies_low_on_its_side(side: str) -> None:
    other = "left" if side == "right" else "right"
    fluid = effusion(side, 0.9)
    low, high, beside = nodule(side, 0.7), nodule(side, 0.2), nodule(other, 0.7)
    assert visible((low, high, beside, fluid), ANATOMY) == (high, beside, fluid)


def test_a_small_effusion_and_layered_fluid_hide_nothing() -> None:
    low = nodule("right", 0.6)
    small = effusion("right", 0.05)
    veil = dataclasses.replace(effusion("right", 0.9), form="layering")
    assert visible((low, small), ANATOMY) == (low, small)
    assert visible((low, veil), ANATOMY) == (low, veil)


def test_no_lung_is_drawn_beyond_the_line_of_a_pneumothorax() -> None:
    rng = np.random.default_rng(2)
    signs = [s for _ in range(60) for s in place(rng, ANATOMY, "Pneumothorax")]
    gross = max(signs, key=lambda s: s.strength)
    a = float(ANATOMY.lateral(0.3)) - 0.03
    outer = dataclasses.replace(
        nodule(gross.side, 0.3), geometry=Shape(gross.direction * a, 0.3, 0.03, 0.03)
    )
    inner = dataclasses.replace(outer, geometry=Shape(gross.direction * 0.08, 0.42, 0.03, 0.03))
    assert visible((outer, inner, gross), ANATOMY) == (inner, gross)


def test_a_hidden_sign_is_neither_labelled_nor_reported() -> None:
    """The labels follow the signs that are left, so it is enough that none is covered."""
    for number in range(1500):
        study = sample_study(3, number)
        assert visible(study.signs, study.anatomy) == study.signs or any(
            sign.name in ("Atelectasis", "Emphysema") for sign in study.signs
        )


def test_fluid_layers_only_in_patients_who_lie() -> None:
    for number in range(1500):
        study = sample_study(3, number)
        forms = {sign.form for sign in study.signs if sign.name == "Pleural Effusion"}
        assert forms <= ({"layering"} if study.technique.supine else {"meniscus"})
        assert study.view == "AP" or not study.technique.supine
