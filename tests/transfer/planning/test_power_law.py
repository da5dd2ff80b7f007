import numpy as np
import pytest
from scipy.optimize import minimize

from radtex.transfer.planning.power_law import DECAYS, fit_power_law

LABELS = np.array([20.0, 30, 45, 70, 110, 160])
EVEN = np.ones(6)


def test_an_exact_law_is_found_again():
    for ceiling, gap, decay in ((0.9, 1.2, DECAYS[10]), (0.75, 0.6, DECAYS[20])):
        curve = ceiling - gap * LABELS**-decay
        law = fit_power_law(LABELS, curve[None], EVEN)
        found = (law.ceiling[0], law.gap[0], law.decay[0])
        np.testing.assert_allclose(found, (ceiling, gap, decay))
        np.testing.assert_allclose(law.at(np.array([1000.0])), ceiling - gap * 1000**-decay)


def test_no_law_within_the_bounds_fits_better_than_the_one_found():
    rng = np.random.default_rng(0)
    variance = rng.uniform(0.5, 2, 6)
    curves = 0.8 - LABELS**-0.5 + rng.normal(0, 0.05, (6, 6))
    curves[0] = 1.2 - 2 * LABELS**-0.5  # wants a ceiling above 1
    curves[1] = 0.7 - 0.0005 * LABELS  # falls
    law = fit_power_law(LABELS, curves, variance)
    residual = ((law.at(LABELS) - curves) ** 2 / variance).sum(1)
    for place, curve in enumerate(curves):
        best = min(
            minimize(
                lambda p, x, curve: ((p[0] - p[1] * x - curve) ** 2 / variance).sum(),
                (0.8, 0.5),
                args=(LABELS**-decay, curve),
                bounds=[(None, 1), (0, None)],
            ).fun
            for decay in DECAYS
        )
        assert residual[place] <= best + 1e-6
    assert (law.ceiling <= 1).all()
    assert law.ceiling[0] == 1
    assert law.gap[1] == pytest.approx(0)
