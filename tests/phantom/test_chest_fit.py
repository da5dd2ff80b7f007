"""The chest found on a film is the chest that was drawn there."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from radtex.phantom import Chest, Study, fit_chest, render, sample_study
from radtex.phantom.chest_fit import Outline
from radtex.phantom.technique import Points


@pytest.fixture(scope="module")
def normal() -> list[Study]:
    studies = (sample_study(6, number) for number in range(200))
    return [study for study in studies if not study.signs][:16]


def landmarks(study: Study) -> Points:
    """Apex, both domes and both heart borders as they lie on the film, (5, 2)."""
    anatomy = study.anatomy
    right, left = anatomy.heart_borders()
    level = min(anatomy.dome) - 0.05
    body = [
        (0.0, anatomy.apex),
        (-0.19, anatomy.dome[0]),
        (0.19, anatomy.dome[1]),
        (right, level),
        (left, level),
    ]
    return study.technique.positioning.to_image(np.array(body))


def test_a_drawn_chest_is_found_where_it_was_drawn(normal: list[Study]) -> None:
    misses = []
    for study in normal:
        outline = fit_chest(render(study, 128)).outline
        truth = landmarks(study)
        misses += [
            abs(outline.apex - truth[0, 1]),
            abs(outline.right_dome - truth[1, 1]),
            abs(outline.left_dome - truth[2, 1]),
            abs(outline.middle - outline.right_heart - truth[3, 0]),
            abs(outline.middle + outline.left_heart - truth[4, 0]),
        ]
    assert np.median(misses) < 0.015
    assert np.percentile(misses, 90) < 0.045


def test_greys_of_lung_and_tissue_are_measured(normal: list[Study]) -> None:
    for study in normal:
        film = render(study, 128)
        chest = fit_chest(film)
        assert film[film > 20].min() <= chest.lung < chest.heart - 30
        assert chest.abdomen > chest.lung + 30


def test_the_same_chest_is_found_at_every_resolution(normal: list[Study]) -> None:
    for study in normal[:4]:
        small, large = (fit_chest(render(study, size)).outline for size in (80, 160))
        found = [np.array(list(vars(outline).values())) for outline in (small, large)]
        np.testing.assert_allclose(*found, atol=0.03)


def test_films_without_two_lungs_are_not_usable(normal: list[Study]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (128, 128), dtype=np.uint8)
    assert not fit_chest(noise).is_usable
    assert not fit_chest(np.full((128, 128), 90, np.uint8)).is_usable
    film = render(normal[0], 128)
    film[:, :64] = 220
    assert not fit_chest(film).is_usable


@pytest.mark.parametrize("seed", [10, 28, 39, 47])
def test_clouds_on_which_the_best_outline_shrinks_its_heart_away_are_fitted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cloud = gaussian_filter(rng.normal(size=(64, 64)), rng.uniform(2, 10))
    film = (255 * (cloud - cloud.min()) / np.ptp(cloud)).astype(np.uint8)
    outline = fit_chest(film).outline
    assert outline.right_heart + outline.left_heart > 0


def test_a_chest_is_usable_only_with_a_normal_heart_level_domes_and_contrast() -> None:
    outline = Outline(0.5, 0.36, 0.12, 0.68, 0.7, 0.11, 0.21)
    chest = Chest(outline, 0.85, 90, 180, 190)
    assert chest.is_usable
    for change in ({"left_heart": 0.3}, {"left_dome": 0.85}, {"right_dome": 0.5}):
        assert not replace(chest, outline=replace(outline, **change)).is_usable
    assert not replace(chest, fit=0.6).is_usable
    assert not replace(chest, abdomen=100).is_usable
