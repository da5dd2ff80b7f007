"""From encoders and few labels to evidence, and to a classifier that predicts."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from radtex.cli.parameters import Count, Numbers, Seed, given


def transfer(
    pool: str,
    /,
    *,
    test: str | None = None,
    encoders: Annotated[list[str], Parameter(consume_multiple=True)],
    targets: Annotated[list[str], Parameter(consume_multiple=True)],
    budgets: Numbers = None,
    repeats: Count = None,
    protocol: Literal["linear"] | None = None,
    backbone: str | None = None,
    label_policy: str | None = None,
    seed: Seed = None,
    save: Path | None = None,
    out: Path,
) -> None:
    """Measure encoders with few labels, over many repeats, with intervals.

    Parameters
    ----------
    pool
        CORPUS[:SPLIT] that labels are drawn from; the split is `pool` by default.
    test
        CORPUS[:SPLIT] that is scored, once; the `test` split of the same corpus by default.
    encoders
        [NAME=]WHAT …: `random`, `imagenet` or a run.
    targets
        A target set (radtex9, nih9, chexpert5) or names of labels.
    budgets
        Numbers of labelled studies.
    repeats
        Draws per budget.
    protocol
        `linear`: a logistic regression on frozen features.
    backbone
        Of `random` and `imagenet`; by default that of the runs.
    label_policy
        What uncertain and blank labels count as: paper, blank-negative, u-ones, u-zeros.
    seed
        Of the draws and of `random`.
    save
        The classifier to make: heads trained on the largest budget (its first draw), calibrated,
        with a model card. Of several encoders, a folder with one each.
    out
        The folder of evidence to make.
    """
    from radtex.transfer.transfer import transfer as run

    options = given(
        protocol=protocol,
        budgets=budgets,
        repeats=repeats,
        backbone=backbone,
        label_policy=label_policy,
        seed=seed,
        save=save,
    )
    print(run(pool, encoders, targets, out, test=test, **options))


def predict(
    classifier: Path,
    /,
    *images: str,
    format: Literal["table", "csv", "json"] | None = None,
    operating_point: Literal["youden", "sensitive"] | None = None,
    answer_all: bool = False,
    out: Path | None = None,
) -> None:
    """Predict findings on radiographs, with a classifier that `transfer --save` made.

    Parameters
    ----------
    classifier
        Its folder.
    images
        PNG, JPEG or DICOM files, folders of them, or patterns.
    format
        `table`, `csv` or `json`.
    operating_point
        What makes a probability a yes: `youden` (the default) balances misses and false alarms,
        `sensitive` missed at most 5 % of the findings in training.
    answer_all
        Give probabilities even where the classifier abstains.
    out
        The file to make, instead of standard output.
    """
    from radtex.transfer.prediction import predict as run

    options = given(format=format, operating_point=operating_point, out=out)
    print(run(classifier, images, answer_all=answer_all, **options))
