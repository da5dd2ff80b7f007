"""Recalibration helps where probabilities are off, and never sees a patient twice."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import expit

from radtex.classifiers.validating.refit import refit
from radtex.classifiers.validating.site import Site
from radtex.errors import ProtocolError
from radtex.transfer.sampling.studies import Studies


@pytest.fixture
def site() -> Site:
    """Log odds that are twice too extreme and 1 too high, two studies a patient."""
    rng = np.random.default_rng(0)
    true = rng.normal(-1, 1, 2000)
    labels = (rng.random(2000) < expit(true)).astype(np.float32)[:, None]
    return Site(
        studies=Studies(labels, np.arange(2000) // 2, np.arange(2000)),
        targets=("Edema",),
        places=(0,),
        excluded={},
        logits=2 * true[:, None] + 1,
        distances=np.ones(2000),
        features=torch.zeros(2000, 3),
        rows_of_studies=tuple(range(2000)),
    )


def test_slope_and_intercept_come_out_right_on_the_rest(site: Site) -> None:
    (done,), excluded = refit(site, 600)
    assert excluded == {}
    assert done.curve.slope == pytest.approx(0.5, abs=0.12)
    assert done.curve.offset == pytest.approx(-0.5, abs=0.25)
    assert (done.labelled, done.rest) == (600, 1400)
    assert done.before.slope is not None
    assert done.after.slope is not None
    assert done.before.slope.high < 0.7
    assert done.after.slope.low < 1 < done.after.slope.high
    assert done.after.intercept is not None
    assert abs(done.after.intercept.mean) < 0.25
    assert done.after.brier.mean < done.before.brier.mean


def test_whole_patients_are_fitted_on(site: Site) -> None:
    (done,), _ = refit(site, 601)
    assert done.labelled == 602


def test_the_seed_decides_whose_labels(site: Site) -> None:
    (one,), _ = refit(site, 300)
    (again,), _ = refit(site, 300)
    (other,), _ = refit(site, 300, seed=1)
    assert one.curve == again.curve
    assert one.curve != other.curve


def test_too_few_of_a_class_are_named(site: Site) -> None:
    with pytest.raises(
        ProtocolError, match=r"--recalibrate 4 leaves no target.*the part to fit on has"
    ):
        refit(site, 4)
    with pytest.raises(ProtocolError, match="the rest has"):
        refit(replace(site), 1999)
