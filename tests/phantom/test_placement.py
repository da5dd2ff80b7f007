"""Signs lie where an anatomist would look for them."""

from collections.abc import Callable

import numpy as np
import pytest

from radtex.phantom.anatomy import Anatomy
from radtex.phantom.deformation import deformed
from radtex.phantom.placement import place, place_all
from radtex.phantom.pleural_space import visible
from radtex.phantom.signs import CHRONIC, FINDINGS, Sign, severity_of

Signs = Callable[..., list[Sign]]
IN_A_ZONE = ("Consolidation", "Lung Opacity", "Pneumonia", "Nodule", "Fracture")


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_sign_names_its_finding_and_its_severity(signs_of: Signs, finding: str) -> None:
    for sign in signs_of(finding):
        assert sign.name == finding
        assert 0 <= sign.strength <= 1
        expected = "" if finding == "Support Devices" else severity_of(sign.strength)
        assert sign.severity == expected
        assert sign.geometry.width > 0
        assert sign.geometry.height > 0


@pytest.mark.parametrize("finding", FINDINGS)
def test_a_sign_with_a_side_lies_on_it(signs_of: Signs, finding: str) -> None:
    """Spines are named by their convexity, and lines and tubes by where they enter."""
    if finding not in ("Scoliosis", "Support Devices"):
        for sign in signs_of(finding):
            assert not sign.side or sign.direction * sign.geometry.u > 0


@pytest.mark.parametrize("finding", IN_A_ZONE)
def test_a_sign_in_a_zone_has_its_centre_there(
    anatomy: Anatomy, signs_of: Signs, finding: str
) -> None:
    for sign in signs_of(finding):
        assert sign.side
        assert sign.zone
        top, bottom = anatomy.zone_extent(sign.side, sign.zone)
        beside = anatomy.rib_spacing if finding == "Fracture" else 0  # of the nearest rib
        assert top - beside <= sign.geometry.v <= bottom + beside
        assert abs(sign.geometry.u) < anatomy.lateral(sign.geometry.v)


def test_edema_is_on_both_sides_and_of_one_strength(anatomy: Anatomy) -> None:
    right, left = place(np.random.default_rng(0), anatomy, "Edema")
    assert (right.side, left.side) == ("right", "left")
    assert right.strength == left.strength


def test_fluid_layers_if_the_patient_lies(signs_of: Signs) -> None:
    assert {sign.form for sign in signs_of("Pleural Effusion")} == {"meniscus"}
    assert {sign.form for sign in signs_of("Pleural Effusion", supine=True)} == {"layering"}


def test_a_fracture_lies_on_a_posterior_rib(anatomy: Anatomy, signs_of: Signs) -> None:
    """Ribs are drawn where the phase below is one half off a whole number."""
    for sign in signs_of("Fracture"):
        below = anatomy.rib(abs(sign.geometry.u))
        phase = (sign.geometry.v - below) / anatomy.rib_spacing + anatomy.rib_offset
        assert phase % 1 == pytest.approx(0.5)


def test_each_finding_is_placed_in_the_chest_that_those_before_have_left(anatomy: Anatomy) -> None:
    def generator(name: str) -> np.random.Generator:
        return np.random.default_rng(FINDINGS.index(name))

    findings = (*CHRONIC, "Pneumonia")
    together = place_all(generator, anatomy, findings, supine=False)
    shape = anatomy
    expected: list[Sign] = []
    for name in findings:
        placed = place(generator(name), shape, name)
        shape = deformed(shape, placed)
        expected += placed
    assert together == visible(expected, shape)
    assert together != tuple(
        sign for name in findings for sign in place(generator(name), anatomy, name)
    )
