"""`radtex transfer` and `radtex plan`: from encoders and few labels to evidence."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Numbers, Seed, given
from radtex.errors import ProtocolError
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design, Prevalence, Sampling
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.registry import PROTOCOLS, open_protocol

if TYPE_CHECKING:
    ProtocolName = str
else:
    ProtocolName = Literal[tuple(PROTOCOLS)]


@shows_defaults_of(
    "radtex.transfer.design:Design",
    "radtex.transfer.contestants.lineup:Lineup",
    "radtex.transfer.protocols.finetuning_options:FinetuningOptions",
    finetune_steps="steps",
    finetune_learning_rate="learning_rate",
)
def transfer(
    pool: str,
    /,
    *,
    test: str | None = None,
    encoders: Annotated[list[str], Parameter(consume_multiple=True)],
    targets: Annotated[list[str], Parameter(consume_multiple=True)],
    budgets: Numbers = None,
    repeats: Count = None,
    protocol: ProtocolName = "linear",
    sampling: Sampling | None = None,
    prevalence: Prevalence | None = None,
    backbone: str | None = None,
    label_policy: str | None = None,
    seed: Seed = None,
    save: Path | None = None,
    finetune_steps: Count = None,
    finetune_learning_rate: float | None = None,
    early_stopping: bool | None = None,
    workers: Count = None,
    scheduler: str | None = None,
    unequal_inputs: bool | None = None,
    out: Path,
) -> None:
    """Measure encoders with few labels, over many repeats, with intervals.

    Args:
        pool: The corpus that labels are drawn from. CORPUS:SPLIT names a split, CORPUS alone means
            `pool`.
        test: The corpus that is scored, once. CORPUS:SPLIT names a split, CORPUS alone means
            `test`. Without it, the `test` split of the pool's corpus.
        encoders: The encoders to compare, [NAME=]WHAT each. WHAT is `random`, `imagenet`, a run,
            timm:NAME, file:PATH, xrv:NAME or rad-dino.
        targets: Names of labels, or a target set (radtex9, nih9, chexpert5, edema).
        budgets: Numbers of labelled studies.
        repeats: Draws of labels for each budget.
        protocol: How an encoder is put to use. `linear`: a logistic regression on frozen features.
            `knn`: the most similar labelled studies vote. `prototype`: likeness to the mean of each
            class. `finetune`: a copy of the whole network is trained on each draw.
        sampling: `per-target`: each target has labelled studies of its own. `shared`: all targets
            share one set of labelled studies.
        prevalence: `natural`: as in the pool, with at least 5 studies of each class. `balanced`:
            half of each class.
        backbone: Backbone of `random` and `imagenet`. Without it, that of the runs.
        label_policy: What uncertain and blank labels count as: paper, blank-negative, u-ones,
            u-zeros or uones-mixed.
        seed: Seed for drawing labels and for the weights of `random`.
        save: The classifier to make: heads trained on the first draw of the largest budget,
            calibrated, with a model card. With several encoders, a folder with a classifier each.
        finetune_steps: Steps of 32 studies that `finetune` trains, or the most it may with
            --early-stopping.
        finetune_learning_rate: Peak learning rate of the head in `finetune`. Earlier stages of the
            network learn more slowly.
        early_stopping: Hold out a fifth of the labelled studies to choose the steps of `finetune`.
        workers: Processes that fine-tune. Without it, one for each core.
        scheduler: Address of a Dask scheduler, such as tcp://host:8786. All its workers fine-tune;
            they must see the corpora at the same paths.
        unequal_inputs: Compare encoders that take images of different sizes. The results say so.
        out: The folder of evidence to make. Repeat an interrupted command to resume fine-tuning.
    """
    from radtex.transfer.transfer import transfer as run

    if save is None:
        keeper = None
    else:
        from radtex.classifiers.keep import Keeper

        keeper = Keeper(save)
    tuning = given(
        steps=finetune_steps, learning_rate=finetune_learning_rate, early_stopping=early_stopping
    )
    options = given(options=FinetuningOptions(**tuning) if tuning else None, workers=workers)
    if protocol != "finetune" and (options or scheduler):
        raise ProtocolError(
            f"the protocol {protocol} trains no encoder; leave out the options of fine-tuning, or "
            "name --protocol finetune"
        )
    asked = given(
        budgets=None if budgets is None else tuple(budgets),
        repeats=repeats,
        seed=seed,
        sampling=sampling,
        prevalence=prevalence,
        label_policy=label_policy,
    )
    who: dict[str, Any] = given(backbone=backbone, unequal_inputs=unequal_inputs)
    cluster: AbstractContextManager[None] = nullcontext()
    if scheduler is not None:
        from radtex.parallel import dask_cluster

        cluster = dask_cluster(scheduler)
    with cluster:
        table = run(
            pool,
            Lineup(tuple(encoders), **who),
            Design(tuple(targets), **asked),
            out,
            test=test,
            protocol=open_protocol(protocol, **options),
            keeper=keeper,
        )
    print(table)


@shows_defaults_of("radtex.transfer.planning.plan:plan")
def plan(
    pool: str,
    /,
    *,
    encoder: str,
    targets: Annotated[list[str], Parameter(consume_multiple=True)],
    budgets: Annotated[list[int], Parameter(consume_multiple=True)],
    pilot: Count = None,
    repeats: Count = None,
    backbone: str | None = None,
    label_policy: str | None = None,
    seed: Seed = None,
    out: Path | None = None,
) -> None:
    """Say what AUC to expect with more labels than a pilot has, with an interval.

    Args:
        pool: The corpus that holds the pilot. CORPUS:SPLIT names a split, CORPUS alone means
            `pool`.
        encoder: The encoder to plan for, [NAME=]WHAT. WHAT is `random`, `imagenet` or a run.
        targets: Names of labels, or a target set (radtex9, nih9, chexpert5, edema).
        budgets: Numbers of labelled studies to plan for.
        pilot: Studies to take at random as the pilot. Without it, all that have a label.
        repeats: Subsets of the pilot for each size.
        backbone: Backbone of `random` and `imagenet`. Without it, that of the run.
        label_policy: What uncertain and blank labels count as: paper, blank-negative, u-ones,
            u-zeros or uones-mixed.
        seed: Seed for drawing the pilot and its subsets, and for the weights of `random`.
        out: A JSON file to make, with the plan.
    """
    from radtex.transfer.planning.plan import plan as run

    options = given(
        pilot=pilot,
        repeats=repeats,
        backbone=backbone,
        label_policy=label_policy,
        seed=seed,
        out=out,
    )
    print(run(pool, encoder, targets, budgets, **options))
