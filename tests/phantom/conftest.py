"""A usual chest, an upright film of it, and signs in it."""

from collections.abc import Callable

import numpy as np
import pytest

from radtex.phantom.anatomy import Anatomy, sample_anatomy
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.drawing.film import Film
from radtex.phantom.placement import place
from radtex.phantom.signs import Sign
from radtex.phantom.technique import Positioning


@pytest.fixture(scope="session")
def anatomy() -> Anatomy:
    return sample_anatomy(np.random.default_rng(0), "M", 50)


@pytest.fixture(scope="session")
def canvas() -> Canvas:
    """A film of 128 px on which body coordinates are image fractions, the midline in the middle."""
    return Canvas(Positioning(1.0, 0.0, (0.0, 0.0)), 128)


@pytest.fixture
def film(canvas: Canvas, anatomy: Anatomy) -> Film:
    return Film(canvas, anatomy)


@pytest.fixture(scope="session")
def signs_of(anatomy: Anatomy) -> Callable[..., list[Sign]]:
    """Give tests 40 placements of a finding, all their signs in one list."""

    def draw(finding: str, supine: bool = False) -> list[Sign]:
        rng = np.random.default_rng(7)
        return [sign for _ in range(40) for sign in place(rng, anatomy, finding, supine)]

    return draw
