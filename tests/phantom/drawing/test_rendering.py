"""Films are the same at every resolution, and each sign shows where its box says."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from radtex.phantom import FINDINGS, Study, boxes, render, sample_study
from radtex.phantom.anatomy import sample_anatomy
from radtex.phantom.deformation import deformed
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.thorax import heart
from radtex.phantom.technique import Positioning

UPRIGHT = Positioning(1.0, 0.0, (0.0, 0.0))


def studies_with(name: str, count: int) -> list[Study]:
    found: list[Study] = []
    number = 0
    while len(found) < count:
        study = sample_study(1, number)
        number += 1
        if any(sign.name == name for sign in study.signs):
            found.append(study)
    return found


@pytest.mark.parametrize("size", [64, 96, 128, 256])
def test_films_are_square_bytes_with_contrast(size: int) -> None:
    film = render(sample_study(0, 2), size)
    assert film.shape == (size, size)
    assert film.dtype == np.uint8
    assert film.std() > 25


def test_the_same_study_renders_to_the_same_bytes() -> None:
    study = sample_study(0, 4)
    np.testing.assert_array_equal(render(study, 96), render(study, 96))


@pytest.mark.parametrize("number", range(6))
def test_resolutions_agree(number: int) -> None:
    study = sample_study(2, number)
    reference = render(study, 256)
    for size in (64, 96, 128):
        reduced = np.asarray(Image.fromarray(reference).resize((size, size), Image.Resampling.BOX))
        film = render(study, size)
        smooth = [gaussian_filter(a.astype(float), size / 64) for a in (film, reduced)]
        assert np.corrcoef(smooth[0].ravel(), smooth[1].ravel())[0, 1] > 0.99
        assert np.abs(smooth[0] - smooth[1]).mean() < 4


@pytest.mark.parametrize("name", FINDINGS)
def test_each_sign_changes_the_pixels_in_its_box_and_few_others(name: str) -> None:
    """With one seed for anatomy and noise, only the sign can differ."""
    ratios = []
    for study in studies_with(name, 6):
        without = tuple(sign for sign in study.signs if sign.name != name)
        bare = dataclasses.replace(study, signs=without)
        change = np.abs(render(study, 128).astype(float) - render(bare, 128))
        inside = np.zeros((128, 128), bool)
        for box in boxes(study.signs, study.technique.positioning):
            if box["name"] == name:
                x, y, width, height = (
                    128 * float(box[key]) for key in ("x", "y", "width", "height")
                )
                inside[int(y) : int(np.ceil(y + height)), int(x) : int(np.ceil(x + width))] = True
        assert change[inside].max() >= 4
        ratios.append(change[inside].mean() / max(change[~inside].mean(), 1e-9))
    assert np.median(ratios) > 4


@pytest.mark.parametrize(
    ("name", "denser"),
    [
        ("Consolidation", True),
        ("Pneumonia", True),
        ("Edema", True),
        ("Pleural Effusion", True),
        ("Nodule", True),
        ("Support Devices", True),
        ("Emphysema", False),
    ],
)
def test_signs_whiten_or_darken_as_they_should(name: str, denser: bool) -> None:
    for study in studies_with(name, 5):
        bare = dataclasses.replace(
            study, signs=tuple(sign for sign in study.signs if sign.name != name)
        )
        change = render(study, 128).astype(float) - render(bare, 128)
        assert bool(change.sum() > 0) is denser


def test_stronger_signs_change_more() -> None:
    for name in ("Consolidation", "Edema", "Pneumonia", "Lung Opacity", "Nodule"):
        study = studies_with(name, 1)[0]
        sign = next(sign for sign in study.signs if sign.name == name)
        bare = dataclasses.replace(study, signs=())
        changes = []
        for strength in (0.05, 0.5, 0.95):
            one = dataclasses.replace(study, signs=(dataclasses.replace(sign, strength=strength),))
            changes.append(np.abs(render(one, 96).astype(float) - render(bare, 96)).sum())
        assert changes == sorted(changes)
        assert changes[0] < changes[2]


def test_the_drawn_heart_has_the_cardiothoracic_ratio_of_its_label() -> None:
    canvas = Canvas(UPRIGHT, 256)
    for number in range(300):
        study = sample_study(3, number)
        anatomy = deformed(study.anatomy, study.signs)
        assert (anatomy.heart_ratio > 0.51) == bool(study.labels["Cardiomegaly"])
        if number % 10:
            continue
        columns = np.flatnonzero((heart(canvas, anatomy) > 0.3).any(axis=0))
        drawn = (columns[-1] - columns[0] + 1) / 256 / (2 * anatomy.half_width)
        assert drawn == pytest.approx(anatomy.heart_ratio, abs=0.03)


def test_a_line_keeps_its_mass_at_every_resolution() -> None:
    path = np.array([[-0.2, 0.3], [0.1, 0.5], [0.2, 0.8]])
    mass = [Canvas(UPRIGHT, size).polyline(path, 0.006).mean() for size in (64, 128, 256)]
    np.testing.assert_allclose(mass, mass[-1], rtol=0.02)


def test_noise_has_unit_deviation_and_one_pattern_at_every_resolution() -> None:
    fields = [Canvas(UPRIGHT, size).noise(np.random.default_rng(7), 12) for size in (64, 128)]
    assert fields[0].std() == pytest.approx(1, abs=0.2)
    coarse = fields[1].reshape(64, 2, 64, 2).mean(axis=(1, 3))
    assert np.corrcoef(coarse.ravel(), fields[0].ravel())[0, 1] > 0.99


def test_normal_hearts_are_normal() -> None:
    rng = np.random.default_rng(0)
    ratios = [sample_anatomy(rng, "F", 50).heart_ratio for _ in range(200)]
    assert max(ratios) < 0.49
