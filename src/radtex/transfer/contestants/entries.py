"""From the words of the command line to contestants."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from radtex.corpus.corpus import Corpus
from radtex.errors import ProtocolError
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resized import at_size
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.timm_and_files import is_foreign
from radtex.models.run import Run
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.entry_syntax import Entry, read_entry
from radtex.transfer.contestants.layers import offering
from radtex.transfer.contestants.leave_target_out import leave_target_out
from radtex.transfer.contestants.pixel_floor import PIXELS, pixel_floor
from radtex.transfer.contestants.pretraining_seeds import of_one_recipe
from radtex.transfer.contestants.roles import role_of, roles_among

DEFAULT_BACKBONE = "tf_efficientnet_lite0"


def contestants(
    entries: Sequence[str], corpus: Corpus, seed: int, backbone: str | None = None
) -> list[Contestant]:
    """Resolve `[NAME=]WHAT` entries; a name defaults to the last component of WHAT.

    Args:
        entries: WHAT is `random`, `imagenet`, a finished run, an encoder that others trained
            (`timm:NAME`, `file:PATH`, `xrv:NAME`, `rad-dino`), RUN+RUN+… for supervised runs of
            which each target is measured on one that never saw its labels, or RUN,RUN,… for one
            recipe's runs of several seeds; or `pixels`, the grey levels alone. Behind it
            may stand @SIZE@LAYER (see `entry_syntax`).
        corpus: gives `random` and `imagenet` their image size, and `random` its grey levels.
        seed: of the weights of `random`.
        backbone: of `random` and `imagenet`, and tried first on a weight file; by default that of
            the runs.

    Raises:
        ProtocolError: if an entry cannot be read, runs cannot be joined, or the runs have several
            backbones and none is named.
        RunError: if an encoder cannot be found or loaded.
    """
    read = [read_entry(entry) for entry in entries]
    chosen = backbone or _common_backbone([what for entry in read for what in entry.whats])
    takes = EncoderInput(corpus.size, corpus.mean, corpus.std)

    def one(name: str, what: str, entry: Entry) -> Contestant:
        if what == PIXELS:
            return offering(pixel_floor(takes, name, entry.size), entry.layers)
        size = entry.size or takes.size
        resolved = resolve_encoder(what, chosen, replace(takes, size=size), seed)
        if entry.size is not None:
            resolved = at_size(resolved, entry.size)
        return offering(_contestant(name, resolved, entry.size is not None), entry.layers)

    def joined(name: str, members: Sequence[str], entry: Entry) -> Contestant:
        if len(members) == 1:
            return one(name, members[0], entry)
        return leave_target_out(name, [one(Path(run).name, run, entry) for run in members])

    def contestant(entry: Entry) -> Contestant:
        if len(entry.seeds) == 1:
            return joined(entry.name, entry.seeds[0], entry)
        runs = [joined(Path(members[0]).name, members, entry) for members in entry.seeds]
        return of_one_recipe(entry.name, runs)

    return roles_among([contestant(entry) for entry in read])


def _common_backbone(whats: Sequence[str]) -> str:
    runs = [
        Path(what)
        for what in whats
        if what not in ("random", "imagenet", PIXELS) and not is_foreign(what)
    ]
    backbones = {Run.open(run).description.backbone for run in runs if run.exists()}
    if len(backbones) > 1:
        raise ProtocolError(
            f"the runs have the backbones {', '.join(sorted(backbones))}; name the --backbone of "
            "`random` and `imagenet`"
        )
    return backbones.pop() if backbones else DEFAULT_BACKBONE


def _contestant(name: str, resolved: ResolvedEncoder, sized: bool) -> Contestant:
    return Contestant(
        name=name,
        role=role_of(resolved),
        encoder=resolved.encoder,
        takes=resolved.takes,
        description=resolved.description,
        patients=resolved.patients,
        films=resolved.films,
        run=resolved.run,
        sized=sized,
    )
