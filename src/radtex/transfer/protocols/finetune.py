"""The finetune protocol: a copy of the whole network is trained on each draw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.measures.scores import Scores, score, stored
from radtex.transfer.protocols import finetuned_network as recipe
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.protocol import Protocol, Taking
from radtex.transfer.protocols.sentences import listed
from radtex.transfer.protocols.sweep import Finetuned, sweep
from radtex.transfer.sampling.experiment import Experiment
from radtex.transfer.sampling.studies import Selection

_NOT_MEASURED = ("threads", "unchecked_patients")
"""What of a record changes no score: a sweep may go on with other threads, or where a key came."""


@dataclass(frozen=True)
class Finetune(Protocol[Finetuned]):
    """Fine-tuning by the recipe of `finetuned_network`; can go on after an interruption."""

    name: ClassVar[str] = "finetune"
    """Its name."""
    trains_encoders: ClassVar[bool] = True
    """A copy of each encoder."""
    resumes: ClassVar[bool] = True
    """Each finished fit is a file."""

    options: FinetuningOptions = FinetuningOptions()
    """What may be chosen of the recipe."""
    workers: int | None = None
    """Processes that fine-tune; all cores unless given."""

    def check(self) -> None:
        """Raise `ProtocolError` for options that cannot be."""
        self.options.check()

    def settings(self) -> dict[str, Any]:
        """Return the whole recipe."""
        return {
            "finetuning": {
                **asdict(self.options),
                "batch": recipe.BATCH,
                "layer_decay": recipe.LAYER_DECAY,
                "weight_decay": recipe.WEIGHT_DECAY,
                "warmup": recipe.WARMUP,
                "checks": recipe.CHECKS,
                "patience": recipe.PATIENCE,
                "augmentation": asdict(recipe.AUGMENTATION),
                "batch_norm": "statistics of the labelled studies' images, frozen",
            }
        }

    def arguments(self) -> dict[str, Any]:
        """Return the options where any differs from its default."""
        if self.options == FinetuningOptions():
            return {}
        return {
            "finetune_steps": self.options.steps,
            "finetune_learning_rate": self.options.learning_rate,
            "early_stopping": self.options.early_stopping,
        }

    def measure(
        self,
        contestants: Sequence[Contestant],
        experiment: Experiment,
        pool: Selection,
        test: Selection,
        *,
        record: Mapping[str, Any],
        folder: Path | None = None,
        keeper: Taking[Finetuned] | None = None,
    ) -> Iterator[Scores]:
        """Fine-tune all contestants in parallel, then score them; see `Protocol.measure`."""
        del keeper
        about = {name: value for name, value in record.items() if name not in _NOT_MEASURED}
        with TemporaryDirectory() as temporary:
            tuned = sweep(
                contestants,
                experiment,
                pool,
                test,
                self.options,
                about,
                folder or Path(temporary),
                self.workers,
            )
        for scores, finetuned in tuned:
            yield score(experiment, stored(scores), logits=True, fits=finetuned)

    def flags(self, fits: Mapping[str, Finetuned], experiment: Experiment) -> list[str]:
        """Say that there is no floor, and how early stopping ended, where it was asked for."""
        sentences = [
            "The floor of other protocols, the grey levels alone, has no weights to train, and is "
            "left out."
        ]
        if not self.options.early_stopping:
            return sentences
        sentences += [
            "Early stopping on a fifth of the labelled studies, which were not trained on; mean "
            "steps kept: "
            + listed(f"{name} {each.steps.mean():.0f}" for name, each in fits.items())
        ]
        held_out = next(iter(fits.values())).held_out[: len(experiment.draws)]  # equal for all
        fixed = int((~held_out).sum())
        if fixed:
            sentences.append(
                f"In {fixed} of {len(experiment.draws)} draws nothing could be held out, because a "
                "class came from too few patients: their steps are the most allowed."
            )
        return sentences
