"""Devices run where their reports will say that they run."""

import numpy as np
import pytest

from radtex.phantom.anatomy import CARINA, SIDES, Anatomy, Side
from radtex.phantom.device_paths import DEVICES, device_path
from radtex.phantom.technique import Points

BOTH: list[Side] = ["right", "left"]


def paths(anatomy: Anatomy, form: str, side: Side) -> list[Points]:
    rng = np.random.default_rng(0)
    return [device_path(rng, anatomy, form, side) for _ in range(50)]


@pytest.mark.parametrize("form", DEVICES)
@pytest.mark.parametrize("side", BOTH)
def test_a_path_is_a_line_on_or_just_beside_the_film(
    anatomy: Anatomy, form: str, side: Side
) -> None:
    for path in paths(anatomy, form, side):
        assert path.ndim == 2
        assert path.shape[1] == 2
        assert len(path) >= 2
        assert (np.abs(path[:, 0]) < 0.55).all()
        assert ((path[:, 1] > -0.1) & (path[:, 1] < 1)).all()


@pytest.mark.parametrize("side", BOTH)
def test_tubes_and_lines_end_where_they_should(anatomy: Anatomy, side: Side) -> None:
    for path in paths(anatomy, "endotracheal tube", side):
        assert CARINA - 0.12 < path[-1, 1] < CARINA
    for path in paths(anatomy, "enteric tube", side):
        assert path[-1, 1] > anatomy.dome[1]
        assert path[-1, 0] > 0  # the stomach is on the left
    for path in paths(anatomy, "central line", side):
        assert path[-1, 0] < anatomy.midline  # so is the cava on the right
        assert 0.38 <= path[-1, 1] <= 0.47


@pytest.mark.parametrize("side", BOTH)
@pytest.mark.parametrize("form", ["central line", "pacemaker", "chest tube"])
def test_a_device_enters_on_its_side(anatomy: Anatomy, form: str, side: Side) -> None:
    assert all(SIDES[side] * path[0, 0] > 0 for path in paths(anatomy, form, side))


def test_sternal_wires_stand_in_a_column_at_the_midline(anatomy: Anatomy) -> None:
    for path in paths(anatomy, "sternal wires", "left"):
        assert 4 <= len(path) <= 6
        assert np.abs(path[:, 0] - anatomy.midline).max() < 0.02
        assert (np.diff(path[:, 1]) > 0).all()
