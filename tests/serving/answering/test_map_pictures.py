"""Maps as pictures and numbers."""

import io

import numpy as np
import pytest
from PIL import Image

from radtex.serving.answering.map_pictures import FilmMap


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
