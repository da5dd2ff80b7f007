"""The design of a few-label experiment: what is measured, on how many labels and how often."""

from dataclasses import dataclass
from typing import Annotated, Literal

from radtex.bounds import AtLeast
from radtex.corpus.readings.label_sources import TRUSTED, LabelSource

Sampling = Literal["per-target", "shared"]
"""`per-target`: each target has labelled studies of its own; `shared`: one set for all targets."""
Prevalence = Literal["natural", "balanced"]
"""`natural`: as in the pool, with a floor for each class; `balanced`: half of each class."""


@dataclass(frozen=True)
class Design:
    """What is decided before any encoder is measured, and is the same for all of them."""

    targets: tuple[str, ...]
    """Names of labels, or target sets."""
    budgets: tuple[int, ...] = (50, 100, 200, 500, 1000)
    """Numbers of labelled studies."""
    repeats: Annotated[int, AtLeast(1)] = 10
    """Draws of labels for each budget."""
    seed: Annotated[int, AtLeast(0)] = 0
    """Seed for drawing labels and for the weights of `random`."""
    sampling: Sampling = "per-target"
    """`per-target`: each target has labelled studies of its own. `shared`: all targets share one
    set of labelled studies."""
    prevalence: Prevalence = "natural"
    """`natural`: as in the pool, with at least 5 studies of each class. `balanced`: half of each
    class."""
    label_policy: str = "paper"
    """What uncertain and blank labels count as."""
    test_label_policy: str = "definite"
    """What they count as in the test. `definite` leaves uncertain ones out, and takes blank ones
    as --label-policy does; or another policy."""
    label_sources: tuple[LabelSource, ...] = TRUSTED
    """Whose labels are drawn and tested on: human (one's own tables and readers), archive (as it
    was published), report (read from the films' reports)."""
    test_patients: Annotated[int, AtLeast(2)] = 10
    """Patients of each class whom a target needs in the test. A target with fewer is left out
    and named."""
