"""An inverse power law through a learning curve: AUC(n) = a − b · n^(−c).

The form is usual for learning curves (Figueroa et al. 2012, BMC Med. Inform. Decis. Mak. 12:8). For
each decay c on a grid, a and b are the weighted least squares under a ≤ 1 and b ≥ 0, in closed
form; the c with the least residual is taken.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DECAYS = tuple(float(each) for each in np.geomspace(0.1, 2.0, 40))
"""The values of c: below them a curve hardly levels off, above them it does at once."""


@dataclass(frozen=True)
class PowerLaw:
    """K fitted curves."""

    ceiling: NDArray[np.float64]
    """(K,): a, the AUC with labels without end."""
    gap: NDArray[np.float64]
    """(K,): b, what is missing of it with one label."""
    decay: NDArray[np.float64]
    """(K,): c, how fast the gap closes."""

    def at(self, labels: NDArray[np.float64]) -> NDArray[np.float64]:
        """The AUC at m numbers of labels: (K, m)."""
        return self.ceiling[:, None] - self.gap[:, None] * labels ** -self.decay[:, None]


def fit_power_law(
    labels: NDArray[np.float64], curves: NDArray[np.float64], variance: NDArray[np.float64]
) -> PowerLaw:
    """Fit K curves.

    Args:
        labels: (m,), the sizes at which they were measured, three or more.
        curves: (K, m).
        variance: (m,); a size counts by its inverse.
    """
    weights = 1 / np.maximum(variance, 1e-4 * variance.max() + 1e-12)
    weights = weights / weights.sum()
    best = np.full(len(curves), np.inf)
    found = np.zeros((3, len(curves)))
    for decay in DECAYS:
        x = labels**-decay
        for ceiling, gap in _candidates(x, curves, weights):
            allowed = (ceiling <= 1) & (gap >= 0)
            residual = ((curves - ceiling[:, None] + gap[:, None] * x) ** 2) @ weights
            better = allowed & (residual < best)
            best = np.where(better, residual, best)
            found = np.where(better, (ceiling, gap, np.full(len(curves), decay)), found)
    return PowerLaw(*found)


def _candidates(
    x: NDArray[np.float64], curves: NDArray[np.float64], weights: NDArray[np.float64]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Least squares of a and b: free, with a at 1, and with b at 0; one of them is the optimum."""
    mean_x, mean_y = float(x @ weights), curves @ weights
    free = -((curves - mean_y[:, None]) @ (weights * (x - mean_x))) / (weights @ (x - mean_x) ** 2)
    ones, zeros = np.ones(len(curves)), np.zeros(len(curves))
    to_one = ((1 - curves) @ (weights * x)) / (weights @ x**2)
    return [
        (mean_y + free * mean_x, free),
        (ones, np.maximum(to_one, 0)),
        (np.minimum(mean_y, 1), zeros),
    ]
