"""A prior from a run's own decoder, asked as `radtex ask` does: no report is read again."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.errors import ProtocolError
from radtex.findings import finding_of
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import Run
from radtex.models.zero_shot.phrase_odds import images_at_once, phrase_odds
from radtex.models.zero_shot.unknown_words import unknown_word
from radtex.progress import progress_bar
from radtex.reports import OwnFinding
from radtex.reports.phrases import Question, find_question
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.feature_cache import (
    cache_folder,
    cached,
    device_of,
    features_key,
)
from radtex.transfer.protocols.label_prior.label_prior import LabelPrior, PriorSource
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection

_LEAST_DEVIATION = 1e-6
"""Of the answers over studies; those that differ by less are equal but for rounding."""


class AskedDecoder(PriorSource):
    """How much likelier sentences that affirm a target are than those that deny it.

    The run's own encoder and decoder answer, at the run's own size, whatever size or layer a
    contestant has. A likelihood per token has no scale of its own, so the answers are brought to
    mean 0 and deviation 1 over the studies of the pool, whose labels are not read for it.
    """

    name: ClassVar[str] = "ask"
    """Its name."""
    keeps: ClassVar[bool] = False
    """A classifier has no decoder."""
    presumed: ClassVar[float] = 0.0
    """Its answers have no scale, and nothing has shown that they tell anything."""

    def __init__(self, targets: Sequence[str], findings: Sequence[OwnFinding] = ()) -> None:
        """Say what is asked.

        Args:
            targets: those that may be measured.
            findings: those of them that a user defined.
        """
        own = {each.name: each.asked for each in findings}
        self._by_sentences = {each.name for each in findings if each.question is not None}
        self._questions: dict[str, Question] = {
            target: own.get(target) or find_question(finding_of(target)) for target in targets
        }

    def settings(self) -> dict[str, Any]:
        """Return the sentences of each target."""
        return {
            "name": self.name,
            "phrases": {
                target: {"affirm": list(each.affirm), "deny": list(each.deny)}
                for target, each in self._questions.items()
            },
        }

    def refusal(self, contestant: Contestant) -> str | None:
        """Give a prior to runs that have a decoder."""
        if contestant.members:
            return "joins runs each of which must not know some targets"
        runs = [part.run for part in contestant.parts]
        if any(run is None or run.description.decoder is None for run in runs):
            return "has no decoder to ask"
        return None

    def sentence(self, names: Sequence[str]) -> str:
        """Say that the reports' language was used at the labelling stage too."""
        return (
            f"Reports were used at the labelling stage too: {', '.join(names)} begin from "
            "what the run's own decoder, which learnt from reports, answers when it is asked for "
            "each target (zero-shot). A budget counts the pool's own labels alone."
        )

    def of(
        self,
        contestant: Contestant,
        experiment: Experiment,
        pool: tuple[Selection, Tensor],
        test: tuple[Selection, Tensor],
    ) -> LabelPrior:
        """Ask for each target about all films; see `PriorSource.of`."""
        assert contestant.run is not None
        device, run = pool[1].device, contestant.run
        model = run.load()
        decoder, tokenizer = model.writer()
        model = replace(model, encoder=model.encoder.to(device), decoder=decoder.to(device))
        facts: list[dict[str, Any]] = []
        asked = []
        for target in experiment.targets:
            question = self._questions[target]
            word = None
            if target not in self._by_sentences:
                word = unknown_word(finding_of(target), tokenizer)
            if word is not None:
                facts.append({"reason": f'the run and the labeller do not know "{word}"'})
                continue
            asked.append(target)
            facts.append({"affirm": len(question.affirm), "deny": len(question.deny)})
        found = [
            studies.average(self._odds(run, model, selection, asked))
            for studies, (selection, _) in ((experiment.pool, pool), (experiment.test, test))
        ]
        mean, deviation = found[0].mean(0), found[0].std(0)
        told = deviation > _LEAST_DEVIATION
        columns = torch.tensor([experiment.targets.index(target) for target in asked]).to(device)
        in_pool, in_test = (
            odds.new_zeros(len(odds), len(facts)).index_copy(
                1, columns.long(), torch.where(told, (odds - mean) / deviation, 0.0)
            )
            for odds in found
        )
        return LabelPrior(in_pool, in_test, tuple(facts), np.zeros(len(facts)))

    def _odds(
        self, run: Run, model: PretrainedModel, selection: Selection, targets: Sequence[str]
    ) -> Tensor:
        """Log odds of the images of a selection, (n, targets), kept as features are."""
        corpus, rows = selection
        questions = [self._questions[target] for target in targets]
        if not questions:
            return torch.zeros(len(rows), 0, device=device_of(model.encoder))
        decoder, tokenizer = model.writer()

        def ask() -> Tensor:
            return _asked(run, model, corpus.images, rows, questions)

        folder = cache_folder()
        if folder is None:
            return ask()
        both = nn.ModuleList([model.encoder, decoder])
        words = [
            [tokenizer.encode(phrase) for phrase in (*each.affirm, "", *each.deny)]
            for each in questions
        ]
        key = features_key(
            both, corpus.images, rows, *astuple(model.takes), "asked",
            repr(run.description.decoder), repr(words), images_at_once(questions),
        )  # fmt: skip
        return cached(folder, key, len(rows), ask).to(device_of(model.encoder))


def _asked(
    run: Run,
    model: PretrainedModel,
    images: NDArray[np.uint8],
    rows: NDArray[np.int64],
    questions: Sequence[Question],
) -> Tensor:
    device, at_once = device_of(model.encoder), images_at_once(questions)
    batches = []
    with progress_bar(f"questions to {run.path.name}", len(rows), "images") as bar:
        for start in range(0, len(rows), at_once):
            grey = torch.from_numpy(images[rows[start : start + at_once]]).to(device)
            batches.append(phrase_odds(model, grey, questions))
            bar.advance(len(grey))
    odds = torch.cat(batches)
    if not odds.isfinite().all():
        raise ProtocolError(
            f"the decoder of {run.path} gives likelihoods that are not finite; its weights are "
            "damaged or its training diverged, so leave it out or train it again"
        )
    return odds
