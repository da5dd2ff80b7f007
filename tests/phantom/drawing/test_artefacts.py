"""What lies on the skin, and the lines of a grid."""

import dataclasses

import numpy as np
import pytest

from radtex.phantom.drawing.artefacts import grid_lines, on_the_skin
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.technique import Positioning, Technique, sample_technique

UPRIGHT = Positioning(1.0, 0.0, (0.0, 0.0))


@pytest.fixture
def bare() -> Technique:
    technique = sample_technique(np.random.default_rng(0), "PA")
    return dataclasses.replace(technique, leads=False, fold=0)


def test_nothing_lies_on_a_bare_skin(canvas: Canvas, bare: Technique) -> None:
    assert not on_the_skin(canvas, bare).any()


def test_leads_are_dense_discs_and_wires(canvas: Canvas, bare: Technique) -> None:
    leads = on_the_skin(canvas, dataclasses.replace(bare, leads=True))
    assert leads.min() >= 0
    assert leads.max() > 0.3
    assert 0.001 < (leads > 0.3).mean() < 0.05


@pytest.mark.parametrize("side", [-1, 1])
def test_a_fold_of_skin_is_an_edge_on_its_side(canvas: Canvas, bare: Technique, side: int) -> None:
    fold = on_the_skin(canvas, dataclasses.replace(bare, fold=side))
    assert fold.max() > 0.1
    assert fold[side * canvas.u < 0].max() < 0.01
    row = fold[int(0.7 * canvas.size)][::side]
    assert np.diff(row).min() < -0.05  # it fades inwards and ends at once outwards
    assert np.diff(row).max() < -np.diff(row).min()


def test_grid_lines_dim_columns_by_their_depth() -> None:
    fine = grid_lines(Canvas(UPRIGHT, 1024), 0.02)
    assert fine.shape == (1024,)
    assert fine.max() <= 1.0001
    assert fine.min() == pytest.approx(0.96, abs=0.005)
    assert fine.mean() == pytest.approx(0.98, abs=0.001)
    assert np.ptp(grid_lines(Canvas(UPRIGHT, 46), 0.02)) < 1e-6  # too coarse to show them
    assert (grid_lines(Canvas(UPRIGHT, 64), 0.0) == 1).all()
