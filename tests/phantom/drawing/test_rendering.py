"""Films are the same at every resolution, and each sign shows where its box says."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from radtex.phantom import FINDINGS, Study, boxes, render, sample_study
from radtex.phantom.deformation import deformed
from radtex.phantom.drawing import thorax
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.drawing.rendering import draw_signs
from radtex.phantom.signs import Sign


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


@pytest.mark.parametrize("name", ["Cardiomegaly", "Scoliosis", "Emphysema", "Atelectasis"])
def test_what_is_drawn_once_is_deformed_by_no_sign(name: str) -> None:
    for study in studies_with(name, 3):
        canvas = Canvas(study.technique.positioning, 64)
        after = deformed(study.anatomy, study.signs)
        for part in (thorax.body, thorax.vessels, thorax.airway):
            np.testing.assert_array_equal(part(canvas, study.anatomy), part(canvas, after))


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


def test_findings_that_only_deform_the_chest_add_nothing_to_its_film(
    film: Film, signs_of: Callable[..., list[Sign]]
) -> None:
    for name in ("Cardiomegaly", "Scoliosis"):
        draw_signs(film, signs_of(name))
    assert not film.density.any()
    assert (film.aeration == 1).all()


def test_outside_the_collimator_the_film_is_black() -> None:
    study = sample_study(0, 2)
    shut = dataclasses.replace(study.technique, collimation=(0.25, 0.25, 0.125, 0.125), grid=0.0)
    marker_within = dataclasses.replace(shut, marker=(0.5, 0.5))
    film = render(dataclasses.replace(study, technique=marker_within), 64)
    assert not film[:, :16].any()
    assert not film[:, -16:].any()
    assert not film[:8].any()
    assert film[8:56, 16:48].mean() > 20
