"""Signs on a film that is not the phantom's: in their place, in its greys, and nothing else."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from radtex.auditing.cues import spectrum
from radtex.images import fit
from radtex.phantom import (
    FINDINGS,
    Chest,
    boxes,
    composite,
    fit_chest,
    render,
    report_composite,
    sample_signs,
    sample_study,
)
from radtex.phantom.anatomy import Array
from radtex.phantom.composites import UNKNOWN
from radtex.phantom.deformation import deformed
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.thorax import heart
from radtex.phantom.placement import place
from radtex.phantom.signs import Sign

Film = NDArray[np.uint8]
SIZE = 128


@pytest.fixture(scope="module")
def films() -> list[tuple[Film, Chest]]:
    studies = (sample_study(8, number) for number in range(200))
    drawn = [render(study, SIZE) for study in studies if not study.signs][:12]
    found = [(film, fit_chest(film)) for film in drawn]
    return [(film, chest) for film, chest in found if chest.fit > 0.7][:6]


def drawn(film: Film, chest: Chest, signs: tuple[Sign, ...]) -> Film:
    return composite(film, chest, signs, np.random.default_rng(0))


def change(film: Film, chest: Chest, name: str, seed: int) -> tuple[Array, NDArray[np.bool_]]:
    """What a finding changes in grey levels, and the pixels that lie in one of its boxes.

    Compared are films of one sharpness, smoothed: signs change the fine grain everywhere.
    """
    signs = place(np.random.default_rng([seed, 1]), chest.anatomy, name)
    inside = np.zeros(film.shape, bool)
    for box in boxes(signs, chest.positioning):
        x, y, width, height = (SIZE * float(box[key]) for key in ("x", "y", "width", "height"))
        inside[int(y) : int(np.ceil(y + height)), int(x) : int(np.ceil(x + width))] = True
    difference = drawn(film, chest, signs).astype(float) - drawn(film, chest, ())
    return gaussian_filter(difference, 0.7), inside


def test_a_film_without_signs_changes_in_sharpness_and_by_a_fraction_of_a_pixel(
    films: list[tuple[Film, Chest]],
) -> None:
    """No grey lies farther away than 1.5 pixels, three deviations of the sampling."""
    for film, chest in films:
        bare = drawn(film, chest, ()).astype(float)
        assert (bare != film).mean() > 0.2
        smooth, before = (gaussian_filter(each, 2) for each in (bare, film.astype(float)))
        beyond = np.abs(smooth - before) - 1.5 * np.hypot(*np.gradient(before))
        assert beyond.clip(0).mean() < 0.2
        assert np.abs(smooth.mean() - before.mean()) < 1
        assert np.corrcoef(bare.ravel(), film.ravel())[0, 1] > 0.975


def test_a_composite_is_a_function_of_its_film_signs_and_draws(
    films: list[tuple[Film, Chest]],
) -> None:
    film, chest = films[0]
    signs = sample_signs(0, 3, chest, "AP")
    before = film.copy()
    once = drawn(film, chest, signs)
    np.testing.assert_array_equal(once, drawn(film, chest, signs))
    np.testing.assert_array_equal(film, before)
    assert (composite(film, chest, signs, np.random.default_rng(1)) != once).any()
    assert sample_signs(0, 3, chest, "AP") == signs
    assert sample_signs(0, 4, chest, "AP") != signs


def test_a_sign_leaves_no_trace_in_the_spectrum_of_its_film(
    films: list[tuple[Film, Chest]],
) -> None:
    """At 64 px, where a line drawn pixel by pixel is sharper than the film."""
    for name in ("Pneumothorax", "Consolidation", "Emphysema", "Support Devices"):
        traces = []
        for seed, (large, chest) in enumerate(films):
            film = fit(large, 64)
            signs = place(np.random.default_rng([seed, 1]), chest.anatomy, name)
            pair = np.stack([drawn(film, chest, signs), drawn(film, chest, ())])
            with_it, without = spectrum(pair)
            traces.append(with_it - without)
        # The last rings, in the corners of the plane, hold little but rounding.
        assert np.abs(np.mean(traces, 0))[:-4].mean() < 0.15


@pytest.mark.parametrize("name", [name for name in FINDINGS if name != "Emphysema"])
def test_each_sign_shows_in_its_box(films: list[tuple[Film, Chest]], name: str) -> None:
    """Cardiomegaly and raised domes stretch what is around: those may reach beyond their box."""
    ratios = []
    for seed, (film, chest) in enumerate(films):
        difference, inside = change(film, chest, name, seed)
        assert np.abs(difference)[inside].max() >= 6
        ratios.append(
            np.abs(difference)[inside].mean() / max(np.abs(difference)[~inside].mean(), 1e-9)
        )
    assert np.median(ratios) > 3


@pytest.mark.parametrize(
    "name", ["Consolidation", "Pneumonia", "Edema", "Pleural Effusion", "Nodule", "Support Devices"]
)
def test_dense_signs_whiten_the_film_within_its_own_greys(
    films: list[tuple[Film, Chest]], name: str
) -> None:
    for seed, (film, chest) in enumerate(films):
        difference, inside = change(film, chest, name, seed)
        assert difference[inside].sum() > 0
        if name in ("Consolidation", "Pneumonia", "Pleural Effusion"):
            filled = (film + difference)[inside & (difference > 20)]
            assert np.percentile(filled, 95) <= max(chest.heart, chest.abdomen) + 45


def test_the_air_of_a_pneumothorax_is_darker_than_the_lung_was(
    films: list[tuple[Film, Chest]],
) -> None:
    for seed, (film, chest) in enumerate(films):
        difference, inside = change(film, chest, "Pneumothorax", seed)
        assert np.percentile(difference[inside], 5) < -2


def test_the_warped_heart_covers_the_lung_beside_it(films: list[tuple[Film, Chest]]) -> None:
    """Between its old border and its new one, lung comes nearer to the grey of the heart."""
    shares = []
    for film, chest in films:
        canvas = Canvas(chest.positioning, SIZE)
        bare = drawn(film, chest, ()).astype(float)
        for seed in (5, 6, 7):
            sign = place(np.random.default_rng(seed), chest.anatomy, "Cardiomegaly")
            after = heart(canvas, deformed(chest.anatomy, sign))
            covered = (after > 0.5) & (heart(canvas, chest.anatomy) < 0.1) & (canvas.v < 0.65)
            gained = (drawn(film, chest, sign) - bare)[covered]
            shares.append(gained.mean() / (chest.heart - bare[covered].mean()))
    assert min(shares) > 0.03
    assert 0.2 < np.median(shares) < 1.3


def test_reports_of_composites_affirm_what_is_drawn_and_deny_only_what_the_film_vouches_for(
    films: list[tuple[Film, Chest]],
) -> None:
    _, chest = films[0]
    for number in range(300):
        signs = sample_signs(2, number, chest, "PA")
        report = report_composite(2, number, signs, "", None)
        drawn = {sign.name for sign in signs}
        for statement in report.statements:
            assert set(statement.affirms) <= drawn | {"Lung Opacity"}
            assert not set(statement.denies) & {*drawn, *UNKNOWN}
        assert "COMPARISON: No" in report.text


def test_only_portable_films_may_be_supine(films: list[tuple[Film, Chest]]) -> None:
    _, chest = films[0]
    for view, expected in (
        ("PA", {"meniscus"}),
        ("", {"meniscus"}),
        ("AP", {"meniscus", "layering"}),
    ):
        signs = [sign for number in range(200) for sign in sample_signs(1, number, chest, view)]
        assert {sign.form for sign in signs if sign.name == "Pleural Effusion"} == expected
