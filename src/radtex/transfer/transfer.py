"""From a pool, a lineup and a design to a folder of evidence and a table."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any
from typing import Protocol as Structural

from radtex.compute.allocation import keep_freed_memory
from radtex.corpus.corpus import open_selection
from radtex.corpus.label_policies import label_policy, policy_of_test
from radtex.errors import ProtocolError
from radtex.files import refuse_existing, sole_writer
from radtex.findings import target_names
from radtex.models.encoder_input import EncoderInput
from radtex.transfer.code_version import code_version
from radtex.transfer.contestants.contestant import refuse_unequal_inputs
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.contestants.pixel_floor import pixel_floor
from radtex.transfer.design import Design
from radtex.transfer.evidence.command import transfer_command
from radtex.transfer.evidence.write import write_evidence
from radtex.transfer.protocols.label_prior.open_prior import open_prior
from radtex.transfer.protocols.label_prior.prior_options import NO_PRIOR, PriorOptions
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.protocols.protocol import Protocol, Taking
from radtex.transfer.results import Results
from radtex.transfer.run_protocol import run_protocol
from radtex.transfer.sampling.studies import Selection
from radtex.transfer.scorings import note_scoring


class Keeping(Taking[Any], Structural):
    """Who makes something that lasts of the contestants: `radtex.classifiers.keep.Keeper`."""

    @property
    def out(self) -> Path:
        """Where it will stand."""

    def begin(self, command: str) -> None:
        """Remove what the same command left when it was killed before it was done."""

    def written(self, results: Results, command: str) -> AbstractContextManager[None]:
        """Write what was made of all that were taken, with the results of the experiment.

        It stands from the beginning of the block, and is removed where the block fails.
        """


def transfer(
    pool: str,
    lineup: Lineup,
    design: Design,
    out: Path,
    *,
    test: str | None = None,
    protocol: Protocol[Any] = Linear(),
    prior: PriorOptions = NO_PRIOR,
    keeper: Keeping | None = None,
    with_films: bool = False,
) -> Results:
    """Run a few-label protocol and write its evidence to `out`.

    A protocol that resumes keeps what is finished in `.NAME.fits` beside `out` until the evidence
    is written; after an interruption the same command goes on.

    Args:
        pool: CORPUS[:SPLIT] that labels come from, `pool` by default.
        lineup: the encoders that are compared.
        design: what is measured, on how many labels and how often.
        out: the folder to make.
        test: CORPUS[:SPLIT] that is scored; the test split of the pool's corpus by default.
        protocol: how an encoder is put to use, with its options.
        prior: what encoders begin from, each beside itself, and where it comes from.
        keeper: makes classifiers of the probes.
        with_films: whether the page shows small pictures of the worst misses.

    Returns:
        What was measured; `evidence.result_tables.table` prints it.

    Raises:
        CorpusError: if there is no such corpus, or its content was changed since it was built.
        RadtexError: of the kind that `run_protocol`, `contestants` and `write_evidence` raise;
            `ProtocolError` for a keeper of what the protocol or the design does not give, and
            `OutputError` if another process is at work on `out`.
    """
    refuse_existing(out)
    if keeper is not None:
        _refuse_keeping(protocol, design)
    # A mistake in these is told before an encoder is loaded.
    policy_of_test(design.test_label_policy, label_policy(design.label_policy))
    target_names(design.targets)
    keep_freed_memory()
    pool_selection = open_selection(pool, "pool")
    corpus = pool_selection[0]
    test_selection = open_selection(test or str(corpus.path), "test")
    for each in {chosen.path: chosen for chosen in (corpus, test_selection[0])}.values():
        each.verify()
    source = open_prior(prior, corpus, design.seed, target_names(design.targets))
    if keeper is not None and source is not None and not source.keeps:
        raise ProtocolError(
            f"--save keeps heads on features, and --prior {source.name} asks the decoder, which a "
            "classifier has not; leave out --save, or name --prior reports"
        )
    compared = contestants(lineup.encoders, corpus, design.seed, lineup.backbone)
    if source is not None:
        protocol = protocol.beginning_from(source)
        compared = source.twins(compared)
    has_floor = any(each.role == "floor" for each in compared)
    if not (has_floor or lineup.no_pixels or protocol.trains_encoders):
        compared.append(pixel_floor(EncoderInput(corpus.size, corpus.mean, corpus.std)))
    if not lineup.unequal_inputs:
        refuse_unequal_inputs(compared)
    folder = out.with_name(f".{out.name}.fits") if protocol.resumes else None
    save = keeper.out if keeper else None
    command = transfer_command(
        pool,
        lineup,
        design,
        out,
        test=test,
        protocol=protocol,
        prior=prior,
        save=save,
        with_films=with_films,
    )
    with sole_writer(out):
        if keeper is not None:
            keeper.begin(command)
        results = run_protocol(
            protocol,
            compared,
            pool_selection,
            test_selection,
            design,
            folder=folder,
            keeper=keeper,
            with_films=with_films,
            primary=lineup.primary,
        )
        made_by = {"command": command, "command_sha256": sha256(command.encode()).hexdigest()}
        results = replace(
            results, protocol=made_by | {"commit": code_version()["commit"]} | results.protocol
        )
        with keeper.written(results, command) if keeper else nullcontext():
            write_evidence(results, out, [_note(test_selection, results, out, save)])
        if folder is not None:
            rmtree(folder)
    return results


def _note(test: Selection, results: Results, out: Path, save: Path | None) -> str:
    """Note in the test's ledger that it was scored, and say how often it was."""
    protocol = results.protocol
    return note_scoring(
        test,
        "transfer",
        list(results.mean_auc),
        out,
        protocol=protocol["name"],
        targets=protocol["targets"],
        budgets=protocol["budgets"],
        repeats=protocol["repeats"],
        seed=protocol["seed"],
        saved=None if save is None else save.name,
    )


def _refuse_keeping(protocol: Protocol[Any], design: Design) -> None:
    if not protocol.saves_probes:
        raise ProtocolError(f"--save keeps linear probes; {protocol.name} makes none")
    if design.prevalence == "balanced":
        raise ProtocolError(
            "--save calibrates on the labels drawn, and balanced ones lack the prevalence of "
            "the pool; leave out --prevalence balanced"
        )
