"""`radtex plan`: from a pilot of labels to what more of them would buy."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from radtex.cli.parameters import Count, Seed, given


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

    Parameters
    ----------
    pool
        CORPUS[:SPLIT] that holds the pilot; the split is `pool` by default.
    encoder
        [NAME=]WHAT: `random`, `imagenet` or a run.
    targets
        A target set (radtex9, nih9, chexpert5) or names of labels.
    budgets
        Numbers of labelled studies to plan for.
    pilot
        Studies to take at random as the pilot; by default all that have a label.
    repeats
        Subsets of the pilot per size.
    backbone
        Of `random` and `imagenet`; by default that of the run.
    label_policy
        What uncertain and blank labels count as: paper, blank-negative, u-ones, u-zeros.
    seed
        Of the pilot, its subsets and `random`.
    out
        A JSON file for the plan.
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
