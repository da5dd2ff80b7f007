"""The same film twice is found; films that only resemble one another are not."""

import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from radtex.models.film_hashes import NO_FILMS, THRESHOLD, film_hashes, signatures
from radtex.transfer.contestants.near_duplicates import (
    LISTED,
    films_seen,
    near_duplicates,
    sentences,
    sentences_on_films_seen,
)

NIH = Path(os.environ.get("RADTEX_DATA", "../shared/data")) / "nih128" / "images"


def recompressed(film: NDArray[np.uint8]) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    Image.fromarray(film).save(buffer, "JPEG", quality=30)
    return np.asarray(Image.open(buffer))


def resized(film: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = film.shape[0]
    small = Image.fromarray(film).resize((side * 3 // 4,) * 2, Image.Resampling.BICUBIC)
    return np.asarray(small.resize((side, side), Image.Resampling.BICUBIC))


def brighter(film: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return (film * 0.8 + 30).clip(0, 255).astype(np.uint8)


def noisy(film: NDArray[np.uint8]) -> NDArray[np.uint8]:
    noise = np.random.default_rng(0).normal(0, 6, film.shape)
    return (film + noise).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def films() -> NDArray[np.uint8]:
    """300 films of nih128, uint8 (300, 128, 128), each of another patient."""
    if not NIH.is_dir():
        pytest.skip(f"no radiographs at {NIH}; RADTEX_DATA names their folder")
    first = {path.name.partition("_")[0]: path for path in sorted(NIH.iterdir(), reverse=True)}
    paths = sorted(first.values())[:300]
    return np.stack([np.asarray(Image.open(path).convert("L")) for path in paths])


def found(ones: NDArray[np.uint8], others: NDArray[np.uint8]) -> set[tuple[int, int]]:
    rows = (np.arange(len(ones)), np.arange(len(others)))
    ids = ([str(row) for row in rows[0]], [str(row) for row in rows[1]])
    result = near_duplicates((ones, others), rows, ids)
    assert result.count <= LISTED
    return {(int(one), int(other)) for one, other, _ in result.pairs}


@pytest.mark.parametrize("change", [recompressed, resized, brighter, noisy])
def test_the_same_film_is_found(films: NDArray[np.uint8], change) -> None:
    changed = np.stack([change(film) for film in films[:10]])
    expected = {(row, 9 - row) for row in range(10)}
    assert found(films[:10], changed[::-1].copy()) == expected


def test_films_of_different_patients_are_not(films: NDArray[np.uint8]) -> None:
    of_all = signatures(films, np.arange(len(films)))
    alike = (of_all @ of_all.T).fill_diagonal_(-1)
    assert alike.max() < THRESHOLD
    assert found(films[:150], films[150:]) == set()


def test_sizes_may_differ_and_only_the_chosen_rows_count(films: NDArray[np.uint8]) -> None:
    small = films.reshape(len(films), 64, 2, 64, 2).mean((2, 4)).astype(np.uint8)
    chosen = np.array([7, 3])
    result = near_duplicates((films, small), (chosen, np.array([3, 9])), (["a", "b"], ["c", "d"]))
    assert [(one, other) for one, other, _ in result.pairs] == [("b", "c")]


def test_all_pairs_are_counted_and_some_named() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1, 64, 64), dtype=np.uint8)
    copies = np.repeat(noise, 6, 0)
    rows = np.arange(6)
    ids = [f"i{row}" for row in rows]
    result = near_duplicates((copies, copies), (rows, rows), (ids, ids))
    assert result.count == 36
    assert len(result.record()["pairs"]) == LISTED
    (sentence,) = sentences(result.record())
    assert sentence.startswith("36 pairs of images of the pool and the test have nearly the same")
    assert "i0 and i0" in sentence


def test_blank_images_are_like_none() -> None:
    blank = np.full((3, 64, 64), 7, np.uint8)
    rows = np.arange(3)
    result = near_duplicates((blank, blank), (rows, rows), (["a"] * 3, ["b"] * 3))
    assert result.count == 0
    assert sentences(result.record()) == sentences(None) == []


def test_a_comparison_reports_the_films_on_both_sides(corpus, contestant, run) -> None:
    images = corpus.images.copy()
    pool, test = corpus.rows("pool"), corpus.rows("test")
    images[pool[3]] = images[test[5]]
    made = replace(corpus, images=images)
    results = run([contestant("a", "random")], (20,), 2, pool_corpus=made)
    found = results.protocol["near_duplicates"]
    assert found["count"] == 1
    assert found["pairs"] == [
        {"pool": f"row {pool[3]}", "test": f"row {test[5]}", "correlation": 1.0}
    ]
    assert any("1 pair of images of the pool and the test" in flag for flag in results.flags)
    clean = run([contestant("a", "random")])
    assert clean.protocol["near_duplicates"]["count"] == 0


def test_films_that_a_run_learnt_from_are_counted_in_the_test(corpus, contestant, run) -> None:
    test, elsewhere = corpus.rows("test"), frozenset({"elsewhere"})
    seen = film_hashes(corpus.images, test[[5, 9, 12]])
    learnt = [
        replace(contestant("leaky", "radtex", 1, elsewhere), films=seen),
        replace(contestant("clean", "supervised", 2, elsewhere), films=NO_FILMS),
        contestant("early", "supervised", 3, elsewhere),
        contestant("noise", "random", 4),
    ]
    results = run(learnt, (20,), 1)
    assert results.protocol["films_seen"] == {"leaky": 3, "clean": 0, "early": None}
    told = results.flags
    assert any(flag.startswith(f"3 of the test's {len(test)} images have nearly") for flag in told)
    assert any(flag.endswith("since their runs kept no films.safetensors: early.") for flag in told)
    assert not set(" ".join(results.flags).split()) & set(corpus.index["image_id"])


def test_the_films_of_all_members_count(corpus, contestant) -> None:
    test = corpus.rows("test")
    one, other = (
        replace(
            contestant(name, "supervised", 1, frozenset({"elsewhere"})),
            films=film_hashes(corpus.images, test[rows]),
        )
        for name, rows in (("one", [1, 2]), ("other", [2, 7]))
    )
    joined = replace(one, name="joined", members=(one, other))
    assert films_seen([joined], (corpus.images, test)) == {"joined": 3}
    unknown = replace(joined, members=(one, replace(other, films=None)))
    assert films_seen([unknown], (corpus.images, test)) == {"joined": None}


def test_one_film_is_spoken_of_as_one() -> None:
    (said,) = sentences_on_films_seen({"a": 1, "b": 0}, 40)
    assert said.startswith("1 of the test's 40 images has nearly the same pixels as one that a was")
    assert sentences_on_films_seen({}, 40) == []
