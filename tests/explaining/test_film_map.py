"""A film, the square that is made of it, and what is written beside the maps."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.errors import ImageError, OutputError
from radtex.explaining.film_map import FittedFilm, map_extent
from radtex.explaining.overlay import Panel
from radtex.images import Fit, Preprocessing, fit

GREY = np.arange(60 * 100, dtype=np.uint32).reshape(60, 100).astype(np.uint8)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    Image.fromarray(GREY).save(tmp_path / "film.png")
    return tmp_path / "film.png"


@pytest.mark.parametrize("how", ["crop", "pad"])
def test_the_square_is_what_training_made_of_such_a_film(image: Path, how: Fit) -> None:
    film = FittedFilm.read(image, Preprocessing(32, how))
    np.testing.assert_array_equal(film.grey, GREY)
    np.testing.assert_array_equal(film.square, fit(GREY, 32, how))
    assert film.extent == map_extent(60, 100, how)


@pytest.mark.parametrize("how", ["crop", "pad"])
@pytest.mark.parametrize("shape", [(120, 200), (200, 120), (96, 96)])
def test_the_extent_leads_from_the_square_back_to_the_film(
    how: Fit, shape: tuple[int, int]
) -> None:
    image = np.zeros(shape, np.uint8)
    row, column = shape[0] // 2 + 13, shape[1] // 2 - 22
    image[row - 3 : row + 3, column - 3 : column + 3] = 255
    square = fit(image, 64, how).astype(float)
    centres = (np.arange(64) + 0.5) / 64
    x = (square.sum(axis=0) @ centres) / square.sum()
    y = (square.sum(axis=1) @ centres) / square.sum()
    left, right, bottom, top = map_extent(*shape, how)
    assert left + x * (right - left) == pytest.approx(column, abs=1.0)
    assert top + y * (bottom - top) == pytest.approx(row, abs=1.0)


def test_arrays_are_kept_with_the_extent_and_the_shape(image: Path, tmp_path: Path) -> None:
    film, out = FittedFilm.read(image, Preprocessing(32)), tmp_path / "a.npz"
    film.save(out, text="no edema", map=np.eye(3))
    with np.load(out) as stored:
        assert list(stored) == ["text", "map", "extent", "shape"]
        assert str(stored["text"]) == "no edema"
        assert tuple(stored["extent"]) == (0, 100, 80, -20)
        assert tuple(stored["shape"]) == (60, 100)
    with pytest.raises(OutputError, match="cannot write"):
        film.save(image / "a.npz", text="")


def test_a_picture_is_drawn_of_the_whole_film(image: Path, tmp_path: Path) -> None:
    film, heat = FittedFilm.read(image, Preprocessing(32)), np.full((4, 4), 1 / 16, np.float32)
    film.draw("edema", [Panel("Edema", ((0, 5),), heat)], tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").format == "PNG"


def test_an_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"none\.png does not exist; expected a DICOM file"):
        FittedFilm.read(tmp_path / "none.png", Preprocessing(32))
