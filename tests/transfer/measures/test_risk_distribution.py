import numpy as np
import pytest

from radtex.transfer.measures.measured import DefiniteStudies
from radtex.transfer.measures.risk_distribution import (
    RISKS,
    all_risks,
    quantiles,
    risk_distribution,
)


def test_predictions_of_both_classes_are_counted_in_bins():
    rng = np.random.default_rng(0)
    probability = rng.random((200, 3))
    probability[0, 0] = 1.0
    tested = DefiniteStudies(np.arange(200) % 4 == 0, np.arange(200), 200)
    found = risk_distribution(probability, tested)
    for counts, side in ((found.positive, tested.positive), (found.negative, ~tested.positive)):
        expected, _ = np.histogram(probability[side], np.linspace(0, 1, RISKS + 1))
        np.testing.assert_array_equal(counts, expected)
    twice = all_risks([found, found])
    np.testing.assert_array_equal(twice.negative, 2 * found.negative)


def test_quantiles_are_those_of_the_predictions_to_a_bin():
    values = np.random.default_rng(1).beta(1, 8, 5000)
    counts = np.histogram(values, np.linspace(0, 1, RISKS + 1))[0]
    found = quantiles(counts, (0.0, 0.25, 0.5, 0.75, 1.0))
    np.testing.assert_allclose(found, np.quantile(values, (0, 0.25, 0.5, 0.75, 1)), atol=1 / RISKS)


def test_one_prediction_has_every_quantile_in_its_bin():
    counts = np.zeros(RISKS, np.int64)
    counts[37] = 1
    assert quantiles(counts, (0.1, 0.5)) == pytest.approx([0.371, 0.375])
