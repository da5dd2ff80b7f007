"""Maps as pictures and numbers."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.corpus.corpus import Corpus
from radtex.serving.answering.kept_studies import KeptStudy
from radtex.serving.answering.map_pictures import FilmMap, sentence_maps
from radtex.serving.answering.opened_models import ModelHolder


def highest(opacity: np.ndarray) -> tuple[float, float]:
    """Where the tint is strongest, in widths and heights of the picture."""
    rows, columns = np.nonzero(opacity > 0.9 * opacity.max())
    height, width = opacity.shape
    return (columns.mean() + 0.5) / width, (rows.mean() + 0.5) / height


def tint(of: FilmMap) -> np.ndarray:
    image = Image.open(io.BytesIO(of.png()))
    assert image.mode == "RGBA"
    return np.asarray(image)[..., 3]


def test_the_tint_is_strongest_where_the_map_is() -> None:
    cells = np.full((8, 8), 0.5 / 63, np.float32)
    cells[2, 6] = 0.5
    of = FilmMap(cells, 400, 400, "pad")
    opacity = tint(of)
    assert highest(opacity) == pytest.approx((6.5 / 8, 2.5 / 8), abs=0.04)
    said = of.answer()
    assert (said.peak_x, said.peak_y) == pytest.approx((6.5 / 8, 2.5 / 8))
    assert (said.left, said.right, said.top, said.bottom) == (0, 1, 0, 1)
    assert opacity[-1, 0] == 0


@pytest.mark.parametrize("fit", ["pad", "crop"])
def test_a_tall_film_has_its_map_where_its_square_was(fit: str) -> None:
    cells = np.zeros((4, 4), np.float32)
    cells[0, 1] = 1
    of = FilmMap(cells, 200, 100, fit)  # type: ignore[arg-type]
    opacity = tint(of)
    assert opacity.shape == (200, 100)
    x, y = (0.25, 0.125) if fit == "pad" else (0.375, 0.3125)
    assert highest(opacity) == pytest.approx((x, y), abs=0.1)
    said = of.answer()
    assert (said.peak_x, said.peak_y) == pytest.approx((x, y))


def test_a_map_of_nothing_is_transparent() -> None:
    of = FilmMap(np.zeros((4, 4), np.float32), 1000, 700, "pad")
    assert tint(of).max() == 0
    assert tint(of).shape == (512, 358)
    assert of.answer().peak_x is None


def with_sign(film: np.ndarray, x: int, y: int) -> np.ndarray:
    """A film with a bright round sign at a place."""
    rows, columns = np.mgrid[: film.shape[0], : film.shape[1]]
    sign = 200 * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 40)
    return np.clip(film / 3 + sign, 0, 255).astype(np.uint8)


def test_moving_a_sign_moves_the_map(writing_run: Path, phantom_corpus: Corpus) -> None:
    holder = ModelHolder((writing_run,))
    holder.load()
    film = np.asarray(phantom_corpus.images[3])

    def maps(words: list[int], x: int, y: int) -> list[FilmMap]:
        square = with_sign(film, x, y)
        studies = [
            KeptStudy(holder.models, (square,), b"", 64, 64, (word,), ((0, 1),)) for word in words
        ]
        return sentence_maps([(study, 0) for study in studies])

    # The run is too young to know what a sign is called: take the words that it ties to this one.
    words = list(range(10, 110))
    share = [float(each.cells[1, 1]) for each in maps(words, 24, 24)]
    tied = sorted(words, key=lambda word: -share[word - 10])[:10]
    for x, y in ((40, 24), (24, 40), (40, 40)):
        cells = np.sum([each.cells for each in maps(tied, x, y)], 0)
        moved = FilmMap(cells / cells.sum(), 64, 64, "pad")
        said = moved.answer()
        assert (said.peak_x, said.peak_y) == (x / 64, y / 64)
        assert highest(tint(moved)) == pytest.approx((x / 64, y / 64), abs=0.05)
