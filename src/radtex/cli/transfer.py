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
    protocol: Literal["linear", "finetune", "knn", "prototype"] | None = None,
    sampling: Literal["per-target", "shared"] | None = None,
    prevalence: Literal["natural", "balanced"] | None = None,
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

    Parameters
    ----------
    pool
        CORPUS[:SPLIT] that labels are drawn from; the split is `pool` by default.
    test
        CORPUS[:SPLIT] that is scored, once; the `test` split of the same corpus by default.
    encoders
        [NAME=]WHAT …: `random`, `imagenet`, a run, timm:NAME, file:PATH, xrv:NAME or rad-dino.
    targets
        A target set (radtex9, nih9, chexpert5, edema) or names of labels.
    budgets
        Numbers of labelled studies.
    repeats
        Draws per budget.
    protocol
        `linear`: a logistic regression on frozen features; `knn`: the most similar labelled
        studies vote; `prototype`: likeness to the mean of each class; `finetune`: a copy of the
        whole network is trained on each draw.
    sampling
        `per-target`: each target has N labelled studies of its own; `shared`: one set of N for all.
    prevalence
        `natural`: as in the pool, with at least 5 of each class; `balanced`: half of each class.
    backbone
        Of `random` and `imagenet`; by default that of the runs.
    label_policy
        What uncertain and blank labels count as: paper, blank-negative, u-ones, u-zeros.
    seed
        Of the draws and of `random`.
    save
        The classifier to make: heads trained on the largest budget (its first draw), calibrated,
        with a model card. Of several encoders, a folder with one each.
    finetune_steps
        Steps of 32 studies that `finetune` trains; with early stopping the most it may.
    finetune_learning_rate
        Of its head, at the peak; earlier stages of the network learn more slowly.
    early_stopping
        Hold out a fifth of the labelled studies to choose the steps of `finetune`.
    workers
        Processes that fine-tune; all cores by default.
    scheduler
        Address of a Dask scheduler, such as tcp://host:8786: all its workers fine-tune. They must
        see the corpora by the same paths.
    unequal_inputs
        Compare encoders that take images of different sizes; the results say that they do.
    out
        The folder of evidence to make. What `finetune` has finished stands beside it until then,
        and the same command goes on from there after an interruption.
    """
    from radtex.transfer.protocols.finetune import FinetuningOptions
    from radtex.transfer.transfer import transfer as run

    tuning = given(
        steps=finetune_steps, learning_rate=finetune_learning_rate, early_stopping=early_stopping
    )
    options = given(
        protocol=protocol,
        sampling=sampling,
        prevalence=prevalence,
        finetuning=FinetuningOptions(**tuning) if tuning else None,
        workers=workers,
        scheduler=scheduler,
        budgets=budgets,
        repeats=repeats,
        backbone=backbone,
        label_policy=label_policy,
        seed=seed,
        save=save,
        unequal_inputs=unequal_inputs,
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
    from radtex.classifiers.predict import predict as run

    options = given(format=format, operating_point=operating_point, out=out)
    print(run(classifier, images, answer_all=answer_all, **options))
