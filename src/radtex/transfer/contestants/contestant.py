"""What enters a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from torch import nn

from radtex.corpus.pseudonyms.pseudonyms import NOBODY, Pseudonyms
from radtex.errors import ProtocolError
from radtex.models.encoder_input import EncoderInput
from radtex.models.film_hashes import Hashes
from radtex.models.run import Run

Role = Literal["radtex", "supervised", "imagenet", "random", "floor", "rival", "control", "other"]
"""See `radtex.transfer.contestants.roles`."""
_OF_A_RUN = ("weights", "seed", "recipe", "corpus", "steps", "targets")


@dataclass(frozen=True)
class Contestant:
    """An encoder under a name, with what is known of its making."""

    name: str
    """Its name in the comparison."""
    role: Role
    """What it is, for the comparisons that are named before scoring (see `roles`)."""
    encoder: nn.Module
    """Float images (B, 1, S, S), normalised, to a grid (B, C, h, w)."""
    takes: EncoderInput
    """What makes an image the tensor that it was made for."""
    description: dict[str, Any]
    """Goes into the results as it is (JSON values). Of its keys, `architecture`, `steps`, `layers`
    and the fields of the `recipe` are compared between contestants where they are present."""
    patients: Pseudonyms = field(default=NOBODY, repr=False)
    """Pseudonyms of the patients it was trained or selected on."""
    films: Hashes | None = field(default=None, repr=False)
    """Of a run, hashes of the films it was trained or selected on; None where none were kept."""
    run: Run | None = field(default=None, repr=False)
    """The run that it is of, whose decoder may be asked; None for all others."""
    members: tuple["Contestant", ...] = ()
    """The runs of a leave-target-out rival; empty for all others."""
    seeds: tuple["Contestant", ...] = ()
    """One recipe's runs of several pretraining seeds, each measured for itself; empty for all
    others. Each may have members, and the whole then has none."""
    offered: tuple["Contestant", ...] = ()
    """The layers that a protocol chooses from inside each draw, each as a contestant of the same
    encoder; empty where there is no choice."""
    sized: bool = False
    """Whether its input size was asked for, as WHAT@SIZE."""
    prior: str | None = None
    """Where what it knows before any label comes from (see `protocols.label_prior`); None where it
    knows nothing."""

    @property
    def parts(self) -> tuple["Contestant", ...]:
        """The encoders that it is measured by, each for itself: itself, or its seeds' members."""
        if self.seeds:
            return tuple(part for seed in self.seeds for part in seed.parts)
        return self.members or (self,)

    def with_prior(self, prior: str) -> "Contestant":
        """Return the same encoder under a name of its own, to be measured with a prior."""
        seeds = tuple(seed.with_prior(prior) for seed in self.seeds)
        return replace(self, name=f"{self.name}+{prior}", prior=prior, seeds=seeds)


def without_priors(contestants: Sequence[Contestant]) -> list[Contestant]:
    """Return each encoder once: those that are measured without a prior."""
    return [contestant for contestant in contestants if contestant.prior is None]


def refuse_equal_names(contestants: Sequence[Contestant]) -> None:
    """Raise `ProtocolError` where two contestants have one name, or there is none at all."""
    names = [contestant.name for contestant in contestants]
    if not names:
        raise ProtocolError("no encoder was named; name at least one to measure")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ProtocolError(
            f"encoders named twice: {', '.join(twice)}; give each its own, as NAME=WHAT"
        )


def refuse_unequal_inputs(contestants: Sequence[Contestant]) -> None:
    """Raise `ProtocolError` where contestants take different sizes and nobody asked for them."""
    own = [contestant for contestant in contestants if not contestant.sized]
    if len({contestant.takes.size for contestant in own}) > 1:
        listed = ", ".join(f"{each.name} {each.takes.size}" for each in own)
        raise ProtocolError(
            f"the encoders take images of different sizes (px): {listed}; ask for their sizes, as "
            "WHAT@SIZE, or consent to an unequal comparison with --unequal-inputs"
        )


def of_the_same_runs(a: Contestant, b: Contestant) -> bool:
    """Whether both are of the same pretraining seeds' runs, one by one, such as at two sizes."""
    facts = [
        [[seed.description.get(key) for key in _OF_A_RUN] for seed in each.seeds] for each in (a, b)
    ]
    return bool(a.seeds) and facts[0] == facts[1]
