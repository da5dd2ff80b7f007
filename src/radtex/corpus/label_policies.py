"""What uncertain and blank labels count as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from radtex.errors import CorpusError


@dataclass(frozen=True)
class LabelPolicy:
    """What uncertain and blank labels count as."""

    name: str
    """What the command line calls it."""
    uncertain: Literal[0, 1] | None
    """What an uncertain label (−1) counts as; None leaves the row out."""
    blank: Literal[0] | None
    """What a blank label counts as; None leaves the row out."""
    description: str
    """The policy in a few words."""
    exceptions: Mapping[str, Literal[0, 1] | None] = field(default_factory=dict)
    """By label: what its uncertain counts as instead of `uncertain`."""

    def uncertain_of(self, label: str) -> Literal[0, 1] | None:
        """Return what uncertain counts as for one label."""
        return self.exceptions.get(label, self.uncertain)

    def definite(
        self, values: NDArray[np.floating[Any]], names: Sequence[str]
    ) -> NDArray[np.float32]:
        """Apply the policy.

        Args:
            values: labels (N, len(names)) of 1, 0, −1 and NaN (blank).
            names: of the labels.

        Returns:
            The same shape: 1, 0, or NaN if left out.
        """
        counts_as = [self.uncertain_of(name) for name in names]
        uncertain = np.array([np.nan if value is None else value for value in counts_as])
        blank = np.nan if self.blank is None else self.blank
        stated = np.where(values == -1, uncertain, values)
        return np.where(np.isnan(values), blank, stated).astype(np.float32)


LABEL_POLICIES: Mapping[str, LabelPolicy] = {
    policy.name: policy
    for policy in (
        LabelPolicy("paper", None, None, "uncertain and blank labels are left out"),
        LabelPolicy("blank-negative", None, 0, "uncertain labels are left out, blank is absent"),
        LabelPolicy("u-ones", 1, 0, "uncertain is present, blank is absent"),
        LabelPolicy("u-zeros", 0, 0, "uncertain and blank are absent"),
        LabelPolicy(
            "uones-mixed",
            0,
            0,
            "uncertain Atelectasis and Edema are present, all else uncertain and blank is absent",
            {"Atelectasis": 1, "Edema": 1},
        ),
    )
}


DEFINITE = "definite"
"""A policy of tests that another one completes; see `policy_of_test`."""


def policy_of_test(name: str, learnt_by: LabelPolicy) -> LabelPolicy:
    """Return what the labels of a test count as.

    A policy that makes uncertain labels present or absent suits those that are learnt from. In a
    test it would make them truth, so `definite` leaves them out; blank labels count as in the
    labels that are learnt from, for an archive means the same by blank on both sides.

    Args:
        name: `definite`, or that of a policy.
        learnt_by: the policy of the labels that are learnt from.

    Raises:
        CorpusError: if there is none of that name.
    """
    if name != DEFINITE:
        return label_policy(name)
    like = LABEL_POLICIES["paper" if learnt_by.blank is None else "blank-negative"]
    return replace(like, name=DEFINITE)


def label_policy(name: str) -> LabelPolicy:
    """Return the policy of that name.

    Raises:
        CorpusError: if there is none; the message lists those there are.
    """
    if name not in LABEL_POLICIES:
        raise CorpusError(
            f"unknown label policy {name!r}; the policies are: {', '.join(LABEL_POLICIES)}, and "
            f"for a test {DEFINITE}"
        )
    return LABEL_POLICIES[name]
