"""`radtex.transfer`."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from radtex.classifiers.keep import Keeper
from radtex.commands.given import given
from radtex.corpus.readings.label_sources import LabelSource
from radtex.errors import ProtocolError
from radtex.parallel import dask_cluster
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design, Prevalence, Sampling
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.label_prior.prior_options import PriorOptions
from radtex.transfer.protocols.registry import PROTOCOLS, open_protocol
from radtex.transfer.results import Results
from radtex.transfer.transfer import transfer as measure


def transfer(
    pool: Path | str,
    encoders: Sequence[str] | str,
    targets: Sequence[str] | str,
    out: Path | str,
    *,
    test: Path | str | None = None,
    budgets: Sequence[int] | None = None,
    repeats: int | None = None,
    seed: int | None = None,
    sampling: Sampling | None = None,
    prevalence: Prevalence | None = None,
    label_policy: str | None = None,
    test_label_policy: str | None = None,
    label_sources: Sequence[LabelSource] | None = None,
    test_patients: int | None = None,
    backbone: str | None = None,
    unequal_inputs: bool | None = None,
    no_pixels: bool | None = None,
    primary: Sequence[str] | None = None,
    protocol: str = "linear",
    finetuning: FinetuningOptions | None = None,
    prior: PriorOptions | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    save: Path | str | None = None,
    with_films: bool = False,
) -> Results:
    """Measure encoders with few labels, over many repeats, with intervals.

    What is None is as `Lineup` and `Design` have it, which say more of each option.

    Args:
        pool: CORPUS[:SPLIT] that labels are drawn from, `pool` by default.
        encoders: the encoders to compare, [NAME=]WHAT each. WHAT is `random`, `imagenet`, `pixels`,
            a run or its export, timm:NAME, file:PATH, xrv:NAME, rad-dino or hf:ORG/NAME.
        targets: names of labels, or target sets.
        out: the folder of evidence to make.
        test: CORPUS[:SPLIT] that is scored; the test split of the pool's corpus by default.
        budgets: numbers of labelled studies; by default 50 to 1,000.
        repeats: draws of labels for each budget; by default 10.
        seed: of the draws and the weights of `random`.
        sampling: "per-target" or "shared".
        prevalence: "natural" or "balanced".
        label_policy: what uncertain and blank labels count as.
        test_label_policy: what they count as in the test.
        label_sources: whose labels count; by default "human" and "archive".
        test_patients: patients of each class that a target needs in the test.
        backbone: of `random` and `imagenet`; by default that of the runs.
        unequal_inputs: whether encoders of other sizes may be compared.
        no_pixels: whether to leave out the floor of 16 × 16 grey levels.
        primary: comparisons A:B that are named before scoring.
        protocol: how an encoder is put to use; see docs/transfer.md.
        finetuning: what may be chosen of fine-tuning.
        prior: what is known of a target before any label.
        workers: processes that fine-tune.
        scheduler: address of a Dask scheduler whose workers fine-tune.
        save: the classifier to make, or the folder of classifiers of several encoders.
        with_films: whether the page shows small pictures of the worst misses.

    Returns:
        What was measured: `mean_auc` by encoder and budget, `scores` as a table, `flags`.

    Raises:
        ProtocolError: if the pool or the test cannot serve, patients are shared, or options do not
            fit each other.
        CorpusError: if a corpus or split is not there.
        RunError: if an encoder cannot be opened.
        OutputError: if `out` or `save` exists or cannot be written.

    Example:
        >>> import radtex
        >>> radtex.transfer(  # doctest: +IGNORE_EXCEPTION_DETAIL
        ...     "none", ["imagenet", "runs/radtex"], ["Edema"], "few-labels", budgets=[50, 200]
        ... )
        Traceback (most recent call last):
        radtex.errors.CorpusError: none does not exist …
    """
    if protocol not in PROTOCOLS:
        raise ProtocolError(f"unknown protocol {protocol!r}; expected {', '.join(PROTOCOLS)}")
    options: dict[str, Any] = given(options=finetuning, workers=workers)
    if protocol != "finetune" and (options or scheduler):
        raise ProtocolError(
            f"the protocol {protocol} trains no encoder; leave out the options of fine-tuning, or "
            "name --protocol finetune"
        )
    lineup = Lineup(
        _names(encoders),
        **given(
            backbone=backbone,
            unequal_inputs=unequal_inputs,
            no_pixels=no_pixels,
            primary=None if primary is None else tuple(primary),
        ),
    )
    design = Design(
        _names(targets),
        **given(
            budgets=None if budgets is None else tuple(budgets),
            repeats=repeats,
            seed=seed,
            sampling=sampling,
            prevalence=prevalence,
            label_policy=label_policy,
            test_label_policy=test_label_policy,
            label_sources=None if label_sources is None else tuple(label_sources),
            test_patients=test_patients,
        ),
    )
    keeper = None if save is None else Keeper(Path(save))
    cluster: AbstractContextManager[None] = nullcontext()
    if scheduler is not None:
        cluster = dask_cluster(scheduler)
    with cluster:
        return measure(
            str(pool),
            lineup,
            design,
            Path(out),
            test=None if test is None else str(test),
            protocol=open_protocol(protocol, **options),
            **given(prior=prior),
            keeper=keeper,
            with_films=with_films,
        )


def _names(names: Sequence[str] | str) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(map(str, names))
