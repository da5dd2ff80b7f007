"""`radtex transfer` and `radtex plan`: from encoders and few labels to evidence."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Seed, as_flags, given
from radtex.cli.terminal import show
from radtex.corpus.readings.label_sources import LabelSource
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.protocols.finetuning_options import FinetuningOptions
from radtex.transfer.protocols.label_prior.prior_options import PriorOptions
from radtex.transfer.protocols.registry import PROTOCOLS

if TYPE_CHECKING:
    ProtocolName = str
else:
    ProtocolName = Annotated[
        Literal[tuple(PROTOCOLS)],
        Parameter(
            help="How an encoder is put to use. "
            + " ".join(f"`{name}`: {entry.does}." for name, entry in PROTOCOLS.items())
        ),
    ]
Finetuning = Group("Fine-tuning", help="For --protocol finetune alone.", sort_key=1)
Priors = Group("Prior", help="What is known before any label. For --protocol linear.", sort_key=2)


def _finetuning_flag(field: str) -> str:
    return "early-stopping" if field == "early_stopping" else f"finetune-{field.replace('_', '-')}"


def transfer(
    pool: str,
    /,
    *,
    test: str | None = None,
    lineup: Annotated[Lineup, as_flags()],
    design: Annotated[Design, as_flags()],
    protocol: ProtocolName = "linear",
    finetuning: Annotated[FinetuningOptions | None, as_flags(_finetuning_flag, Finetuning)] = None,
    prior: Annotated[PriorOptions | None, as_flags(group=Priors)] = None,
    workers: Annotated[Count, Parameter(group=Finetuning)] = None,
    scheduler: Annotated[str | None, Parameter(group=Finetuning)] = None,
    save: Path | None = None,
    with_films: bool = False,
    out: Path,
) -> None:
    """Measure encoders with few labels, over many repeats, with intervals.

    Args:
        pool: The corpus that labels are drawn from. CORPUS:SPLIT names a split, CORPUS alone means
            `pool`.
        test: The corpus that is scored, once. CORPUS:SPLIT names a split, CORPUS alone means
            `test`. Without it, the `test` split of the pool's corpus.
        lineup: The encoders to compare.
        design: What is measured, on how many labels and how often.
        protocol: How an encoder is put to use.
        finetuning: What may be chosen of fine-tuning.
        prior: What is known of a target before any label, and from where.
        workers: Processes that fine-tune. Without it, one for each core.
        scheduler: Address of a Dask scheduler, such as tcp://host:8786. All its workers fine-tune;
            they must see the corpora at the same paths.
        save: The classifier to make: heads trained on the first draw of the largest budget,
            calibrated, with a model card. With several encoders, a folder with a classifier each.
        with_films: Show small pictures of the worst misses on the page. They are patients'
            pictures, and go wherever the page goes.
        out: The folder of evidence to make. Repeat an interrupted command to resume fine-tuning.
    """
    from radtex.commands.comparing import transfer as run
    from radtex.transfer.evidence.result_tables import table

    results = run(
        pool,
        out=out,
        test=test,
        **vars(lineup),
        **vars(design),
        protocol=protocol,
        finetuning=finetuning,
        prior=prior,
        workers=workers,
        scheduler=scheduler,
        save=save,
        with_films=with_films,
    )
    show(table(results))


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
    label_sources: Annotated[list[LabelSource] | None, Parameter(consume_multiple=True)] = None,
    seed: Seed = None,
    out: Path | None = None,
) -> None:
    """Estimate, from a pilot, what AUC more labels would give, with an interval.

    Args:
        pool: The corpus that holds the pilot. CORPUS:SPLIT names a split, CORPUS alone means
            `pool`.
        encoder: The encoder to plan for, [NAME=]WHAT. WHAT is `random`, `imagenet` or a run.
        targets: Names of labels, or a target set.
        budgets: Numbers of labelled studies to plan for.
        pilot: Studies to take at random as the pilot. Without it, all that have a label.
        repeats: Subsets of the pilot for each size.
        backbone: Backbone of `random` and `imagenet`. Without it, that of the run.
        label_policy: What uncertain and blank labels count as.
        label_sources: Whose labels count: human (one's own tables and readers), archive (as it was
            published), report (read from the films' reports).
        seed: Seed for drawing the pilot and its subsets, and for the weights of `random`.
        out: A JSON file to make, with the plan.
    """
    from radtex.transfer.planning.plan import plan as run

    options = given(
        pilot=pilot,
        repeats=repeats,
        backbone=backbone,
        label_policy=label_policy,
        label_sources=label_sources,
        seed=seed,
        out=out,
    )
    show(str(run(pool, encoder, targets, budgets, **options)))
