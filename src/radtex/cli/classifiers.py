"""`radtex predict` and `radtex validate`: what a classifier says, and how it does elsewhere."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Names, Seed, given
from radtex.cli.terminal import show


@shows_defaults_of("radtex.classifiers.predict:predict")
def predict(
    classifier: Path,
    /,
    *images: str,
    format: Literal["table", "csv", "json", "xlsx"] | None = None,
    operating_point: Literal["youden", "sensitive"] | None = None,
    answer_all: bool | None = None,
    per_study: bool | None = None,
    worklist: Names = None,
    dicom_sr: Path | None = None,
    pacs: str | None = None,
    query: Names = None,
    store: bool | None = None,
    out: Path | None = None,
) -> None:
    """Predict findings on radiographs with a classifier that `transfer --save` made.

    Args:
        classifier: Folder of the classifier.
        images: DICOM files and pictures, folders of them, or patterns.
        format: Format of the predictions. Without it, what the suffix of --out stands for (.csv,
            .json, .xlsx, .txt), else a table.
        operating_point: What makes a probability a yes: `youden` balances misses and false alarms;
            `sensitive` missed at most 5 % of the findings in training.
        answer_all: Give probabilities even where the classifier abstains.
        per_study: A row for each study, in place of each image. Files name their study in their
            DICOM header.
        worklist: Weights of targets, as Pneumothorax=5 Effusion=1. The most urgent comes first:
            urgency is the sum of probability times weight. What has no answer comes before all.
        dicom_sr: A folder to make, with a DICOM structured report for each row of DICOM files.
            Needs highdicom (`radtex[dicom-sr]`).
        pacs: Address of a DICOMweb service, whose frontal chest radiographs are read in place of
            images that are named. Needs `radtex[pacs]`.
        query: What to ask the PACS for, as StudyDate=20240301 or AccessionNumber=123.
        store: Store a DICOM structured report for each row in the PACS.
        out: A file to write, in place of standard output.
    """
    from radtex.classifiers.predict import predict as run

    options = given(
        format=format,
        out=out,
        operating_point=operating_point,
        answer_all=answer_all,
        per_study=per_study,
        worklist=worklist,
        dicom_sr=dicom_sr,
        pacs=pacs,
        query=query,
        store=store,
    )
    show(run(classifier, images, **options))


@shows_defaults_of("radtex.classifiers.validating.validate:validate")
def validate(
    classifier: Path,
    corpus: str,
    /,
    *,
    pool: str | None = None,
    recalibrate: Count = None,
    prevalences: Annotated[list[float] | None, Parameter(consume_multiple=True)] = None,
    with_films: bool | None = None,
    seed: Seed = None,
    out: Path,
) -> None:
    """Validate a classifier on another site's labelled films: the evidence page of one model.

    Args:
        classifier: Folder of the classifier.
        corpus: The site's corpus. CORPUS:SPLIT names a split, CORPUS alone means `test`.
        pool: The corpus that the classifier was made from, to measure how unlike its films are.
            CORPUS:SPLIT names a split, CORPUS alone means `pool`. Without it, this is
            measured only for classifiers of earlier versions, which name their corpus.
        recalibrate: Labelled studies of the site to fit intercept and slope on, by patient. Before
            and after are measured on the rest.
        prevalences: Shares of studies with a finding to tell predictive values for, beside the
            site's own.
        with_films: Show small pictures of the worst misses on the page. They are patients'
            pictures, and go wherever the page goes.
        seed: Seed for the order of patients and the films that are compared.
        out: The folder to make, with report.html and summary.json.
    """
    from radtex.classifiers.validating.validate import validate as run
    from radtex.classifiers.validating.validation_page import validation_text

    options = given(
        pool=pool,
        recalibrate=recalibrate,
        prevalences=prevalences,
        with_films=with_films,
        seed=seed,
    )
    show(validation_text(run(classifier, corpus, out, **options)))
