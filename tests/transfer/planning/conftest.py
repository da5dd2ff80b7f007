"""A made pilot and its learning curve."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from radtex.transfer.planning.learning_curve import LearningCurve, learning_curve
from radtex.transfer.sampling.studies import Studies

NAMES = ("Edema", "Effusion", "Hernia")


def make_pilot(
    seed: int = 0, studies: int = 160, lift: float = 0.5, width: int = 8
) -> tuple[torch.Tensor, Studies]:
    """Gaussian features whose means differ between the classes, of two targets and a rare one."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((studies, 3)) < (0.4, 0.3, 0.03)).astype(np.float32)
    labels[:10, 1] = np.nan
    features = rng.normal(size=(studies, width)).astype(np.float32)
    features[:, : width // 2] += lift * labels[:, :1]
    features[:, width // 2 :] += lift * np.nan_to_num(labels[:, 1:2])
    patients = np.repeat(np.arange(studies // 2), 2)
    return torch.tensor(features), Studies(labels, patients, np.arange(studies))


@pytest.fixture(scope="package")
def pilot() -> Callable[..., tuple[torch.Tensor, Studies]]:
    """Make a pilot: features and studies of two targets and a rare one."""
    return make_pilot


@pytest.fixture(scope="package")
def curve() -> LearningCurve:
    """The learning curve of a pilot with a signal."""
    return learning_curve(*make_pilot(), NAMES, 3, 0, "pilot")
