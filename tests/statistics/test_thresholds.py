"""Thresholds against a naive search."""

import numpy as np

from radtex.statistics.thresholds import SENSITIVITY, choose_thresholds


def test_both_thresholds_are_those_of_a_naive_search() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        positive = np.arange(50) < rng.integers(3, 47)
        probabilities = np.round(rng.random(50) * 0.7 + 0.3 * positive, 2)
        best, youden, sensitive = -1.0, 0.0, 0.0
        for candidate in sorted(set(probabilities.tolist())):
            present = probabilities >= candidate
            sensitivity = present[positive].sum() / positive.sum()
            specificity = (~present)[~positive].sum() / (~positive).sum()
            if sensitivity + specificity > best + 1e-9:
                best, youden = sensitivity + specificity, candidate
            if sensitivity >= SENSITIVITY - 1e-9:
                sensitive = candidate
        found = choose_thresholds(probabilities, positive)
        assert (found.youden, found.sensitive) == (youden, sensitive)
        assert found.at("youden") == youden
        assert found.at("sensitive") == sensitive
