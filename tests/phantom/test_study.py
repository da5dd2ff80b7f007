"""A study is a pure function of its seed and number, and its truth agrees with itself."""

import dataclasses
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from radtex.phantom import FINDINGS, Study, boxes, render, sample_study
from radtex.phantom.signs import CHRONIC, OPACITIES, PREVALENCE


@cache
def some_studies() -> list[Study]:
    return [sample_study(0, number) for number in range(3000)]


def test_a_study_does_not_depend_on_what_was_drawn_before() -> None:
    backwards = [sample_study(0, number) for number in reversed(range(40))]
    assert backwards[::-1] == some_studies()[:40]


def test_another_process_draws_the_same_study_and_pixels() -> None:
    program = (
        "import hashlib; from radtex.phantom import *; s = sample_study(5, 17);"
        "print(hashlib.sha256(repr(s).encode() + render(s, 64).tobytes()).hexdigest())"
    )
    runs = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout != ""


def test_seeds_and_numbers_give_different_films() -> None:
    films = {
        render(sample_study(seed, number), 32).tobytes() for seed in (0, 1) for number in range(8)
    }
    assert len(films) == 16


def test_phantom_imports_neither_torch_nor_pandas() -> None:
    program = "import sys, radtex.phantom; print({'torch', 'pandas'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


def test_patients_have_one_to_three_studies_and_keep_their_traits() -> None:
    by_patient: dict[str, list[int]] = {}
    for number, study in enumerate(some_studies()):
        by_patient.setdefault(study.patient_id, []).append(number)
    assert {len(numbers) for numbers in by_patient.values()} == {1, 2, 3}
    for numbers in by_patient.values():
        traits = {
            (s.sex, s.age, *(s.labels[name] for name in CHRONIC), s.anatomy.half_width)
            for s in (some_studies()[number] for number in numbers)
        }
        assert len(traits) == 1
    assert len({study.study_id for study in some_studies()}) == len(some_studies())


def test_labels_are_those_of_the_signs_and_the_parent_follows_its_children() -> None:
    for study in some_studies():
        assert tuple(study.labels) == FINDINGS
        drawn = {sign.name for sign in study.signs}
        for name in FINDINGS:
            expected = name in drawn
            if name == "Lung Opacity":
                expected |= not drawn.isdisjoint(OPACITIES)
            assert study.labels[name] == int(expected)


@pytest.mark.parametrize("name", FINDINGS)
def test_findings_occur_at_their_stated_rates(name: str) -> None:
    drawn = np.array([any(sign.name == name for sign in study.signs) for study in some_studies()])
    patients = len(some_studies()) / 2 if name in CHRONIC else len(some_studies())
    expected = PREVALENCE[name]
    deviation = (expected * (1 - expected) / patients) ** 0.5
    assert abs(drawn.mean() - expected) < 4 * deviation
    assert 0.08 <= expected <= 0.25 or name == "Lung Opacity"


def test_about_a_quarter_of_the_studies_have_no_finding() -> None:
    assert 0.23 < np.mean([not study.signs for study in some_studies()]) < 0.31


def test_every_severity_side_and_zone_occurs() -> None:
    signs = [sign for study in some_studies() for sign in study.signs]
    for name in FINDINGS:
        own = [sign for sign in signs if sign.name == name]
        severities = {"mild", "moderate", "severe"} if name != "Support Devices" else {""}
        assert {sign.severity for sign in own} == severities
        for values in ({sign.side for sign in own} - {""}, {sign.zone for sign in own} - {""}):
            assert len(values) != 1


def test_truth_is_plain_data() -> None:
    """So that it can be stored as JSON without a word about numpy."""
    for study in some_studies()[:200]:
        for sign in study.signs:
            leaves = [*vars(sign).values(), *vars(sign.geometry).values()]
            assert not any(isinstance(leaf, np.generic | np.ndarray) for leaf in leaves)


def test_boxes_lie_in_the_film_one_for_each_sign() -> None:
    for study in some_studies()[:500]:
        found = boxes(study.signs, study.technique.positioning)
        assert [box["name"] for box in found] == [sign.name for sign in study.signs]
        for box in found:
            x, y, width, height = (float(box[key]) for key in ("x", "y", "width", "height"))
            assert width > 0
            assert height > 0
            assert 0 <= x <= x + width <= 1 + 1e-9
            assert 0 <= y <= y + height <= 1 + 1e-9


def test_fluid_layers_only_in_patients_who_lie() -> None:
    for study in some_studies()[:1500]:
        forms = {sign.form for sign in study.signs if sign.name == "Pleural Effusion"}
        assert forms <= ({"layering"} if study.technique.supine else {"meniscus"})
        assert study.view == "AP" or not study.technique.supine


def test_a_study_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        some_studies()[0].age = 3  # type: ignore[misc]
