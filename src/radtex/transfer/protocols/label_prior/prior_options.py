"""What may be chosen of a prior; nothing here waits for torch."""

from dataclasses import dataclass
from typing import Annotated, Literal

from radtex.bounds import AtLeast, AtMost

Prior = Literal["reports", "ask"]
"""Where a prior comes from."""


@dataclass(frozen=True)
class PriorOptions:
    """What is known of a target before any label, and from where."""

    prior: Prior | None = None
    """What encoders begin from, each as NAME+PRIOR beside itself. `reports`: logistic regressions
    of the labels that the labeller reads in the reports of a run's own train split, for runs that
    learnt from them. `ask`: how much likelier a run's own decoder finds sentences that affirm a
    target than those that deny it, as `radtex ask` does; such heads cannot be saved."""
    finding: tuple[str, ...] = ()
    """Targets that the labeller does not know, NAME=PHRASES.yaml each: what words affirm and deny
    them (docs/labels.md)."""
    prior_corpus: str | None = None
    """The corpus that runs were trained on, for `reports`. Without it, the pool's."""
    prior_label_policy: str = "blank-negative"
    """What uncertain and blank labels of these reports count as."""
    prior_corruption: Annotated[float, AtLeast(0), AtMost(1)] = 0.0
    """Share of the labels of these reports to turn into their opposite, to see what a worse
    labeller would cost."""


NO_PRIOR = PriorOptions()
"""Nothing is known before labels."""
