import numpy as np
import pytest
from scipy import stats

from radtex.transfer.planning.learning_law import LearningLaws, fit_learning_laws

SCARCITY = 1 / np.array([6.0, 9, 14, 20, 30]) + 1 / np.array([14.0, 21, 31, 50, 70])
BEYOND = np.array([1 / 120 + 1 / 280, 0.0])


def one_law(ceiling, gap, decay, scarcity=SCARCITY):
    return stats.norm.cdf((stats.norm.ppf(ceiling) ** -2 + gap * scarcity**decay) ** -0.5)


def fitted(curve, deviation=0.001, freedom=50.0):
    return fit_learning_laws(SCARCITY, curve, deviation**2 * np.eye(5), freedom)


@pytest.mark.parametrize(("ceiling", "gap", "decay"), [(0.9, 10, 1.0), (0.8, 20, 1.3)])
def test_a_law_that_is_seen_well_is_found_again(ceiling, gap, decay):
    laws = fitted(one_law(ceiling, gap, decay))
    for found, true in zip(
        laws.expected(laws.at(BEYOND)), one_law(ceiling, gap, decay, BEYOND), strict=True
    ):
        assert found.low <= true <= found.high
    assert laws.expected(laws.at(BEYOND))[0].mean == pytest.approx(
        one_law(ceiling, gap, decay, BEYOND)[0], abs=0.02
    )


def test_the_likeliest_law_is_said_in_its_own_form():
    laws = fitted(one_law(0.9, 10, 1.0), 0.01)
    curve = one_law(**laws.likeliest)
    np.testing.assert_allclose(curve, laws.at(SCARCITY)[laws.weights.argmax()])
    np.testing.assert_allclose(curve, one_law(0.9, 10, 1.0), atol=0.01)


def test_no_curve_falls_and_none_leaves_a_half_to_one():
    for curve in (np.linspace(0.6, 0.4, 5), np.full(5, 0.3), np.ones(5)):
        laws = fitted(curve, 0.03)
        reached = laws.at(np.concatenate([SCARCITY, BEYOND]))
        assert ((reached >= 0.5) & (reached <= 1)).all()
        assert (np.diff(reached) >= -1e-12).all()
        assert laws.weights.sum() == pytest.approx(1)


def test_what_was_seen_worse_leaves_more_open():
    curve = one_law(0.9, 10, 1.0)
    widths = []
    for deviation in (0.003, 0.03, 0.1):
        laws = fitted(curve, deviation)
        (found,) = laws.expected(laws.at(BEYOND[:1]))
        widths.append(found.high - found.low)
    assert widths == sorted(widths)
    assert widths[0] < 0.08 < 0.15 < widths[-1]


def test_estimates_are_weighted_means_and_quantiles():
    even = np.full(1000, 0.001)
    values = np.linspace(0, 1, 1000)[::-1]
    (found,) = LearningLaws(1.0, even, even, even, even).expected(values[:, None])
    assert (found.mean, found.low, found.high) == pytest.approx((0.5, 0.025, 0.975), abs=0.002)


def test_labels_that_would_hardly_help_are_told_from_those_that_would():
    flat, steep = fitted(one_law(0.8, 0.1, 1.0), 0.01), fitted(one_law(0.95, 15, 1.0), 0.01)
    gains = [
        laws.expected(laws.at(BEYOND[:1]) - laws.at(SCARCITY[-1:]))[0] for laws in (flat, steep)
    ]
    assert gains[0].mean < 0.04
    assert gains[1].low > 0.02
