"""The design of a few-label experiment: what is measured, on how many labels and how often."""

from dataclasses import dataclass
from typing import Literal

Sampling = Literal["per-target", "shared"]
"""`per-target`: each target has labelled studies of its own; `shared`: one set for all targets."""
Prevalence = Literal["natural", "balanced"]
"""`natural`: as in the pool, with a floor for each class; `balanced`: half of each class."""


@dataclass(frozen=True)
class Design:
    """What is decided before any encoder is measured, and is the same for all of them."""

    targets: tuple[str, ...]
    """Labels to measure: names of labels, or of target sets (radtex9, nih9, chexpert5, edema)."""
    budgets: tuple[int, ...] = (50, 100, 200, 500, 1000)
    """Numbers of labelled studies."""
    repeats: int = 10
    """Draws of labels at each budget."""
    seed: int = 0
    """Seed for drawing labels and for the weights of `random`."""
    sampling: Sampling = "per-target"
    """Whether each target has N labelled studies of its own (`per-target`), or all targets share
    one set of N (`shared`)."""
    prevalence: Prevalence = "natural"
    """Whether labels are drawn as they come, with at least 5 of each class (`natural`), or half of
    each class (`balanced`)."""
    label_policy: str = "paper"
    """What uncertain and blank labels count as: paper, blank-negative, u-ones or u-zeros."""
