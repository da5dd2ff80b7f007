"""Features on one scale, by the labelled studies alone."""

import torch
from torch import Tensor


def standardise(features: Tensor, studies: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Shift and scale features to mean 0 and deviation 1 over the studies of each draw.

    A constant feature becomes 0, with an infinite deviation, so that its weight is 0 too.

    Args:
        features: (studies, D).
        studies: (B, n), those of each of B draws.

    Returns:
        The features (B, n, D), and the mean and the deviation (B, D).
    """
    chosen = features.index_select(0, studies.flatten()).unflatten(0, studies.shape)
    constant = chosen.amax(1) == chosen.amin(1)
    mean = chosen.mean(1)
    centred = chosen.sub_(mean[:, None])
    deviation = centred.square().mean(1).sqrt().masked_fill(constant, torch.inf)
    return centred.div_(deviation[:, None]), mean, deviation
