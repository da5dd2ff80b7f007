"""A prior from reports: what the labeler reads in them, learnt from frozen features.

The reports are those that the encoder was pretrained on, so nothing more is needed than what
pretraining had. For each target s is the logistic regression of the mined labels of the run's train
split on its features there; its C has the least held-out loss over folds by patient, as a probe's.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.reports import OwnFinding
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.protocols.label_prior.label_prior import LabelPrior, PriorSource
from radtex.transfer.protocols.label_prior.mined_head import MinedHead, fit_mined_heads
from radtex.transfer.protocols.label_prior.mined_labels import corrupted, mined_labels
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection, Studies

_READS_NO_TEXT = {
    "supervised": "learnt from labels of the corpus and read no report",
    "vicreg": "learnt from images alone",
}


class ReportsHead(PriorSource):
    """Logistic regressions of mined labels on the features of a run's own train split."""

    name: ClassVar[str] = "reports"
    """Its name."""
    keeps: ClassVar[bool] = True
    """It is linear in the features."""
    presumed: ClassVar[float] = 1.0
    """Its log odds have shown, on films held out, that they tell what the reports say."""

    def __init__(
        self,
        corpus: Corpus,
        rows: NDArray[np.int64],
        policy: str,
        corruption: float,
        seed: int,
        findings: Sequence[OwnFinding] = (),
    ) -> None:
        """Say which reports are read.

        Args:
            corpus: whose train split runs read.
            rows: of that split.
            policy: what uncertain and blank counts as in them.
            corruption: share of the mined labels that are turned into their opposite.
            seed: of the folds and of that share.
            findings: those that a user defined.
        """
        self._findings = tuple(findings)
        self._corpus, self._rows, self._policy = corpus, rows, label_policy(policy)
        self._corruption, self._seed = corruption, seed
        self._mined: dict[tuple[str, ...], Studies] = {}

    def settings(self) -> dict[str, Any]:
        """Return which reports are read, and how."""
        return {
            "name": self.name,
            "corpus": str(self._corpus.path),
            "content_hash": self._corpus.content_hash,
            "split": "train",
            "images": len(self._rows),
            "label_policy": {
                "name": self._policy.name, "description": self._policy.description,
            },
            "corruption": self._corruption,
            "findings": {
                each.name: {"affirm": each.affirm, "deny": each.deny, "language": each.language}
                for each in self._findings
            },
        }  # fmt: skip

    def refusal(self, contestant: Contestant) -> str | None:
        """Give a prior to runs that learnt from these reports, each beside its own film."""
        recipe = contestant.description.get("recipe")
        if recipe is None:
            return "read none of these reports in its training"
        if contestant.members:
            return "joins runs each of which must not know some targets"
        if recipe.get("text", {}).get("shuffle_reports", False):
            return "learnt from reports that were dealt to other films"
        mined = recipe.get("label_source", "corpus") == "reports"
        if recipe["objective"] in _READS_NO_TEXT and not mined:
            return _READS_NO_TEXT[recipe["objective"]]
        if contestant.description.get("corpus") != self._corpus.content_hash:
            return f"was trained on another corpus than {self._corpus.path}"
        return None

    def sentence(self, names: Sequence[str]) -> str:
        """Say that reports were used at the labelling stage too."""
        wrong = ""
        if self._corruption:
            wrong = f", {self._corruption:.0%} of which were made wrong on purpose"
        return (
            f"Reports were used at the labelling stage too: {', '.join(names)} begin from "
            "what the labeler reads in the reports of the train split that pretraining read"
            f"{wrong}. A budget counts the pool's own labels alone."
        )

    def of(
        self,
        contestant: Contestant,
        experiment: Experiment,
        pool: tuple[Selection, Tensor],
        test: tuple[Selection, Tensor],
    ) -> LabelPrior:
        """Learn the mined labels of each target; see `PriorSource.of`."""
        targets = experiment.targets
        mined = self._studies(targets)
        images = pooled_features(contestant, self._corpus.images, self._rows)
        features = mined.average(images.to(pool[1]))
        heads = fit_mined_heads(features, mined.labels, mined.patients, targets, self._seed)
        weights = torch.stack([head.weights * head.told for head in heads])
        intercepts = -features.mean(0) @ weights.T  # the shift is left to labels
        return LabelPrior(
            pool[1] @ weights.T + intercepts,
            test[1] @ weights.T + intercepts,
            tuple(_facts(head) for head in heads),
            np.array([head.loss for head in heads]),
            weights,
            intercepts,
        )

    def _studies(self, targets: tuple[str, ...]) -> Studies:
        if targets not in self._mined:
            mined = mined_labels(self._corpus, self._rows, targets, self._policy, self._findings)
            labels = corrupted(mined.labels, targets, self._corruption, self._seed)
            self._mined[targets] = replace(mined, labels=labels)
        return self._mined[targets]


def _facts(head: MinedHead) -> dict[str, Any]:
    if head.told or "reason" in head.facts:
        return head.facts
    reason = "on films held out the encoder does not tell what their reports say of it"
    return head.facts | {"reason": reason}
