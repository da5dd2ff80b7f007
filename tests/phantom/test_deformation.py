"""Signs that deform the chest change what they should, by as much as they say, and nothing else."""

from collections.abc import Callable
from dataclasses import asdict

import pytest

from radtex.phantom.anatomy import Anatomy
from radtex.phantom.deformation import deformed
from radtex.phantom.signs import FINDINGS, Sign

Signs = Callable[..., list[Sign]]


def changes(anatomy: Anatomy, sign: Sign) -> set[str]:
    before, after = asdict(anatomy), asdict(deformed(anatomy, [sign]))
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize("finding", FINDINGS)
def test_each_finding_changes_only_its_own_part_of_the_chest(
    anatomy: Anatomy, signs_of: Signs, finding: str
) -> None:
    expected = {
        "Cardiomegaly": {"heart_ratio"},
        "Scoliosis": {"spine_curve"},
        "Emphysema": {"dome", "sulcus", "heart_ratio", "air"},
    }
    for sign in signs_of(finding):
        basal = (sign.name, sign.form) == ("Atelectasis", "basal")
        assert changes(anatomy, sign) == ({"dome"} if basal else expected.get(finding, set()))


def test_a_large_heart_has_the_width_of_its_box(anatomy: Anatomy, signs_of: Signs) -> None:
    for sign in signs_of("Cardiomegaly"):
        right, left = deformed(anatomy, [sign]).heart_borders()
        assert left - right == pytest.approx(sign.geometry.width)


def test_the_spine_curves_to_the_side_of_its_sign(anatomy: Anatomy, signs_of: Signs) -> None:
    for sign in signs_of("Scoliosis"):
        curve = deformed(anatomy, [sign]).spine_curve
        assert curve * sign.direction > 0.02


def test_volume_loss_lifts_one_dome_and_emphysema_lowers_both(
    anatomy: Anatomy, signs_of: Signs
) -> None:
    for sign in signs_of("Atelectasis"):
        if sign.form == "basal":
            lifts = [
                old - new
                for old, new in zip(anatomy.dome, deformed(anatomy, [sign]).dome, strict=True)
            ]
            assert lifts[["right", "left"].index(sign.side)] > 0.02
            assert min(lifts) == 0
    for sign in signs_of("Emphysema"):
        after = deformed(anatomy, [sign])
        assert all(new > old for old, new in zip(anatomy.dome, after.dome, strict=True))
        assert after.heart_ratio < anatomy.heart_ratio


def test_signs_deform_one_after_another(anatomy: Anatomy, signs_of: Signs) -> None:
    first, second = signs_of("Emphysema")[0], signs_of("Scoliosis")[0]
    both = deformed(anatomy, [first, second])
    assert both == deformed(deformed(anatomy, [first]), [second])
    assert deformed(anatomy, []) == anatomy
