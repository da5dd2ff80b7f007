"""What enters a comparison, and what keeps the comparison from being equal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import nn

from radtex.errors import ProtocolError
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.timm_and_files import ELSEWHERE, names_foreign_weights
from radtex.models.film_hashes import Hashes

Role = Literal["radtex", "supervised", "imagenet", "random", "other"]
_PRETRAINED: tuple[Role, ...] = ("radtex", "supervised")
_RIVALS: tuple[Role, ...] = ("imagenet", "supervised")
_RUNS_FOR_A_CLAIM = 3


@dataclass(frozen=True)
class Contestant:
    """An encoder under a name, with what is known of its making."""

    name: str
    """Its name in the comparison."""
    role: Role
    """What it is, for the comparisons that are named before scoring."""
    encoder: nn.Module
    """Float images (B, 1, S, S), normalised, to a grid (B, C, h, w)."""
    takes: EncoderInput
    """What makes an image the tensor that it was made for."""
    description: dict[str, Any]
    """Goes into the results as it is (JSON values). Of its keys, `architecture` and `steps` (of
    pretraining) are compared between contestants where they are present."""
    patients: frozenset[str] = field(default=frozenset(), repr=False)
    """SHA-256 of the patients it was trained or selected on."""
    films: Hashes | None = field(default=None, repr=False)
    """Of a run, hashes of the films it was trained or selected on; None where none were kept."""
    members: tuple["Contestant", ...] = ()
    """The runs of a leave-target-out rival; empty for all others."""
    seeds: tuple["Contestant", ...] = ()
    """One recipe's runs of several pretraining seeds, each measured for itself; empty for all
    others. Each may have members, and the whole then has none."""


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
    """Raise `ProtocolError` where contestants were made for images of different sizes."""
    if len({contestant.takes.size for contestant in contestants}) > 1:
        listed = ", ".join(f"{each.name} {each.takes.size}" for each in contestants)
        raise ProtocolError(
            f"the encoders take images of different sizes (px): {listed}; compare encoders of one "
            "size, or consent to an unequal comparison with --unequal-inputs"
        )


def is_primary(a: Contestant, b: Contestant) -> bool:
    """Whether a pair belongs to the primary family: RadTex against ImageNet or supervised."""
    return any(one.role == "radtex" and other.role in _RIVALS for one, other in ((a, b), (b, a)))


def inequalities(contestants: Sequence[Contestant], image_size: int) -> list[str]:
    """Say in sentences what differs between the contestants beside what they learnt from."""
    sentences = []
    for what in ("architecture", "steps"):
        values = {
            contestant.name: contestant.description[what]
            for contestant in contestants
            if contestant.description.get(what) is not None
        }
        if len(set(map(str, values.values()))) > 1:
            listed = ", ".join(f"{name} {value}" for name, value in values.items())
            sentences.append(f"Encoders differ in {what}: {listed}.")
    other_sizes = [
        f"{contestant.name} {contestant.takes.size}"
        for contestant in contestants
        if contestant.takes.size != image_size
    ]
    if other_sizes:
        sentences.append(
            f"The images are {image_size} px wide, and resized for encoders made for another "
            f"size (px): {', '.join(other_sizes)}."
        )
    resized = {
        contestant.name: contestant.takes.interpolation
        for contestant in contestants
        if contestant.takes.size != image_size
    }
    if len(set(resized.values())) > 1:
        listed = ", ".join(f"{name} {value}" for name, value in resized.items())
        sentences.append(f"They are resized each as its maker does: {listed}.")
    elsewhere = [
        f"{contestant.name} ({contestant.description['weights']})"
        for contestant in contestants
        if contestant.description.get("trained") == ELSEWHERE
    ]
    if elsewhere:
        sentences.append(
            "Trained elsewhere, on images, with intensity and for steps that are not those of the "
            f"other encoders: {', '.join(elsewhere)}."
        )
    return sentences


def mismatches(contestants: Sequence[Contestant], selections: Mapping[str, Any]) -> list[str]:
    """Say in sentences where images were made another way than an encoder's, or may be its own.

    Args:
        contestants: the encoders.
        selections: of each of "pool" and "test", its `fit`, `intensity`, `shares_patients_with`
            and, where known, `namespaces` of patients.
    """
    sentences = []
    for what in ("intensity", "fit"):
        for role, selection in selections.items():
            others = [
                f"{contestant.name} {contestant.description[what]}"
                for contestant in contestants
                if contestant.description.get(what, selection[what]) != selection[what]
            ]
            if others:
                sentences.append(
                    f"The {role}'s images were made with {what} {selection[what]}, those that "
                    f"encoders learnt from otherwise: {', '.join(others)}."
                )
    for role, selection in selections.items():
        suspects = [
            contestant.name
            for contestant in contestants
            if set(contestant.description.get("namespaces", ())) & _reach(contestant, selection)
        ]
        if suspects:
            sentences.append(
                f"Patients of the {role} may have been seen in pretraining, and no public table "
                f"tells which: {', '.join(suspects)}."
            )
    return sentences


def _reach(contestant: Contestant, selection: Mapping[str, Any]) -> set[str]:
    """Namespaces in which a patient of the selection may have been met without our knowing.

    Of an encoder whose patients are known by their hashes, the selection's own are checked already.
    """
    shared = set(selection["shares_patients_with"])
    return shared if contestant.patients else shared.union(selection.get("namespaces", ()))


def reservations(contestants: Sequence[Contestant]) -> list[str]:
    """Say in sentences how far the results hold beyond these very runs."""
    sentences = []
    for role in _PRETRAINED:
        runs = sum(
            max(1, len(contestant.seeds)) for contestant in contestants if contestant.role == role
        )
        if 0 < runs < _RUNS_FOR_A_CLAIM:
            count = "one pretraining run" if runs == 1 else "two pretraining runs"
            sentences.append(f"Results for {role} are conditional on {count}.")
    unknown = [
        contestant.name
        for contestant in contestants
        if contestant.role not in ("imagenet", "random") and not contestant.patients
    ]
    unknown += [
        contestant.name
        for contestant in contestants
        if contestant.patients and names_foreign_weights(str(contestant.description.get("init")))
    ]
    if unknown:
        sentences.append(
            "Their patients are unknown, so nothing shows that they never saw the pool or the "
            f"test: {', '.join(unknown)}."
        )
    return sentences
