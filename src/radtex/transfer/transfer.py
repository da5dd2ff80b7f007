"""From the words of `radtex transfer` to a folder of evidence and a table."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

from radtex.classifiers.keep import Keeper
from radtex.compute.allocation import keep_freed_memory
from radtex.corpus.corpus import open_selection
from radtex.corpus.label_policies import label_policy as find_policy
from radtex.errors import ProtocolError
from radtex.files import refuse_existing, sole_writer
from radtex.findings import target_names
from radtex.parallel import dask_cluster
from radtex.transfer.contestants.contestant import refuse_unequal_inputs
from radtex.transfer.contestants.lineup import contestants
from radtex.transfer.evidence.command import command_line
from radtex.transfer.evidence.provenance import Protocol
from radtex.transfer.evidence.result_tables import table
from radtex.transfer.evidence.write import write_evidence
from radtex.transfer.protocols.finetune import FinetuningOptions
from radtex.transfer.results import run_protocol
from radtex.transfer.sampling.draws import Prevalence, Sampling


def transfer(
    pool: str,
    encoders: Sequence[str],
    targets: Sequence[str],
    out: Path,
    *,
    test: str | None = None,
    protocol: Protocol = "linear",
    sampling: Sampling = "per-target",
    prevalence: Prevalence = "natural",
    finetuning: FinetuningOptions | None = None,
    budgets: Sequence[int] = (50, 100, 200, 500, 1000),
    repeats: int = 10,
    backbone: str | None = None,
    label_policy: str = "paper",
    seed: int = 0,
    workers: int | None = None,
    scheduler: str | None = None,
    save: Path | None = None,
    unequal_inputs: bool = False,
) -> str:
    """Run a few-label protocol and write its evidence to `out`.

    Args:
        pool: CORPUS[:SPLIT] that labels come from, `pool` by default.
        test: CORPUS[:SPLIT] that is scored; the test split of the pool's corpus by default.
        encoders: `[NAME=]WHAT` each; see `contestants`.
        targets: names of labels or of target sets.
        protocol: how an encoder is put to use; see `run_protocol`.
        sampling: whether each target has labelled studies of its own, or all share one set.
        prevalence: whether the classes are drawn as they come, or half and half.
        finetuning: of the finetune protocol. Its finished fits stand in `.NAME.fits` beside `out`
            until the evidence is written; after an interruption the same command goes on.
        workers: processes of the finetune protocol; all cores by default.
        scheduler: the address of a Dask cluster that fine-tunes instead.
        save: where to keep the probes of the first draw of the largest budget, as a classifier,
            or as a folder of them by the encoders' names where there are several.
        unequal_inputs: whether encoders may take images of different sizes; a flag says so then.

    Returns:
        The table for the terminal.

    Raises:
        RadtexError: of the kind that `run_protocol`, `contestants` and `write_evidence` raise;
            `ProtocolError` if options of fine-tuning come with another protocol; `OutputError` if
            another process is at work on `out`.
    """
    refuse_existing(out)
    tuned = protocol == "finetune"
    if not tuned and (finetuning or workers or scheduler):
        raise ProtocolError(
            f"the protocol {protocol} trains no encoder; leave out the options of fine-tuning, or "
            "name --protocol finetune"
        )
    if save is not None and protocol != "linear":
        raise ProtocolError(f"--save keeps linear probes; {protocol} makes none")
    if save is not None and prevalence == "balanced":
        raise ProtocolError(
            "--save calibrates on the labels drawn, and balanced ones lack the prevalence of "
            "the pool; leave out --prevalence balanced"
        )
    keep_freed_memory()
    policy = find_policy(label_policy)
    names = target_names(targets)
    pool_selection = open_selection(pool, "pool")
    corpus = pool_selection[0]
    test_selection = open_selection(test or str(corpus.path), "test")
    compared = contestants(encoders, corpus, seed, backbone)
    if not unequal_inputs:
        refuse_unequal_inputs(compared)
    keeper = None if save is None else Keeper(save, corpus)
    fits = out.with_name(f".{out.name}.fits")
    with sole_writer(out), dask_cluster(scheduler) if scheduler else nullcontext():
        results = run_protocol(
            protocol,
            compared,
            pool_selection,
            test_selection,
            names,
            budgets,
            repeats,
            policy,
            seed,
            sampling=sampling,
            prevalence=prevalence,
            finetuning=finetuning,
            fits=fits if tuned else None,
            workers=workers,
            keeper=keeper,
        )
        command = command_line(
            "radtex transfer",
            pool,
            test=test,
            encoders=encoders,
            targets=targets,
            budgets=budgets,
            repeats=repeats,
            protocol=protocol,
            sampling=sampling,
            prevalence=prevalence,
            finetune_steps=finetuning.steps if finetuning else None,
            finetune_learning_rate=finetuning.learning_rate if finetuning else None,
            early_stopping=finetuning.early_stopping if finetuning else None,
            backbone=backbone,
            label_policy=label_policy,
            seed=seed,
            save=save,
            unequal_inputs=unequal_inputs,
            out=out,
        )
        results = replace(results, protocol={"command": command} | results.protocol)
        write_evidence(results, out)
        if tuned:
            rmtree(fits)
    if keeper is not None:
        keeper.write(results)
    return table(results)
