"""The rule of one standard error: what is simpler stands until its loss is plainly greater.

Breiman et al. (1984), Classification and Regression Trees, section 3.4.3.
"""

from torch import Tensor

ERRORS = 1.0
"""Standard errors of the mean gain in held-out loss that a richer fit must bring."""
_LEAST_GAIN = 1e-4  # in held-out loss a study; what gains so little drowns in rounding


def gains_enough(gain: Tensor) -> Tensor:
    """Tell whether a richer fit has shown that it is better.

    Args:
        gain: (..., n), by how much the loss of each study is less than that of the simpler fit,
            when neither had seen it.

    Returns:
        (...), bool.
    """
    error = gain.std(-1) / gain.shape[-1] ** 0.5
    enough: Tensor = gain.mean(-1) > (ERRORS * error).clamp(min=_LEAST_GAIN)
    return enough
