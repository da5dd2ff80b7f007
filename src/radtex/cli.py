"""The commands. Each maps its words to a function of a room; defaults live there, not here."""

import logging
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, CycloptsError, Parameter
from cyclopts.validators import Number

from radtex import __version__
from radtex.corpus.tables import Columns
from radtex.errors import RadtexError
from radtex.images import Fit, Intensity

Names = Annotated[list[str] | None, Parameter(consume_multiple=True)]
Numbers = Annotated[list[int] | None, Parameter(consume_multiple=True)]
Count = Annotated[int | None, Parameter(validator=Number(gte=1))]
Seed = Annotated[int | None, Parameter(validator=Number(gte=0))]
ColumnFlags = Parameter(
    name="*",
    name_transform=lambda role: f"{role.replace('_', '-')}-column",
    help="Column of the table that holds it; guessed by its name by default.",
)

app = App(
    name="radtex",
    version=__version__,
    help=(
        "Learn to read chest radiographs from their reports, so that a classifier needs few labels."
    ),
)
corpus_app = App(name="corpus", help="Turn an archive of radiographs into a corpus.")
app.command(corpus_app)


@app.command
def demo(*, out: Path | None = None) -> None:
    """Run the whole line on synthetic radiographs, in some minutes on a CPU.

    Parameters
    ----------
    out
        Folder for the results; `demo` by default.
    """
    from radtex.demo import run_demo

    run_demo(**_given(out=out))


@corpus_app.command
def build(
    source: str,
    root: Path | None = None,
    /,
    *,
    out: Path,
    reports: Path | None = None,
    size: Count = None,
    fit: Fit | None = None,
    intensity: Intensity | None = None,
    workers: Count = None,
    views: Literal["frontal", "all"] | None = None,
    split: str | None = None,
    namespace: str | None = None,
    encoding: str | None = None,
    label_reports: bool = False,
    strict: bool = False,
    labels: Names = None,
    columns: Annotated[Columns, ColumnFlags] = Columns(),
    studies: Count = None,
    backgrounds: Path | None = None,
    seed: Seed = None,
    patients: Path | None = None,
    severity: Path | None = None,
    scheduler: str | None = None,
) -> None:
    """Build a corpus from an archive; prints what became of every row.

    Parameters
    ----------
    source
        The archive's name (`radtex corpus sources` lists them), `dicom` (any folder of DICOM
        files), `table` (a CSV or Parquet file) or `phantom` (synthetic).
    root
        The archive's folder, or the table; none for `phantom`.
    out
        The corpus to make. A build that was killed goes on where it was.
    reports
        A table of reports, joined by image id, study id or accession number; or the folder or zip
        of an archive's own report files.
    size
        Side of the stored images in pixels; 256 by default, 128 for `phantom`.
    fit
        Make an image square by cropping its long side, or by padding its short one.
    intensity
        Grey levels by the image's own window, or equalised as MIMIC-CXR-JPG and CheXpert are.
    workers
        Processes; all cores by default.
    views
        Keep frontal and unknown views, or all.
    split
        `hash` of the patient, `official`, or one split for every row.
    namespace
        Of the patient ids: equal patients of equal namespaces fall into equal splits.
    encoding
        Of the text in the tables.
    label_reports
        Take labels that the archive lacks from the words of its reports.
    strict
        Refuse the first bad row instead of skipping and counting it.
    labels
        Label columns of a `table`; guessed by default.
    studies
        How many a `phantom` has.
    backgrounds
        A corpus: the signs of a `phantom` are drawn on its films without findings.
    seed
        Of a `phantom`.
    patients
        MIMIC-IV's patients.csv.gz, for age and sex of the MIMIC sources.
    severity
        A table of edema grades over a MIMIC source, or the folder of mimic-cxr-pe-severity.
    scheduler
        Address of a Dask scheduler, such as tcp://host:8786: all its workers decode. They must see
        the archive and `out` by the same paths.
    """
    from radtex.corpus.build import build as build_corpus
    from radtex.corpus.flow import flow_table
    from radtex.corpus.sources import open_source

    opened = open_source(
        source,
        root=root,
        labels=labels,
        columns=columns,
        studies=studies,
        backgrounds=backgrounds,
        seed=seed,
        patients=patients,
        severity=severity,
    )
    options = _given(
        size=size,
        fit=fit,
        intensity=intensity,
        workers=workers,
        views=views,
        split=split,
        reports=reports,
        namespace=namespace,
        encoding=encoding,
    )
    cluster: AbstractContextManager[None] = nullcontext()
    if scheduler is not None:
        from radtex.corpus.cluster import dask_cluster

        cluster = dask_cluster(scheduler)
    with cluster:
        corpus = build_corpus(opened, out, label_reports=label_reports, strict=strict, **options)
    print(flow_table(corpus.info["flow"]))


@corpus_app.command
def fetch(archive: str, folder: Path, /) -> None:
    """Download a public archive, or go on with a download; for others, say where to apply.

    Parameters
    ----------
    archive
        `openi` (reports and PNG files, 1.4 GB), `openi-dicom` (81 GB) or `nih` (45 GB).
    folder
        Where it goes; `corpus build` takes it from there.
    """
    from radtex.corpus.fetch import fetch as fetch_archive

    fetch_archive(archive, folder)
    print(folder)


@corpus_app.command
def sources() -> None:
    """List the archives that can be read: what each expects on disk, and where it comes from."""
    from radtex.corpus.sources import describe_sources

    print(describe_sources())


@corpus_app.command
def describe(corpus: Path, /, *, sheet: Path | None = None) -> None:
    """Show views, splits, patients, text lengths and label counts of a corpus.

    Parameters
    ----------
    corpus
        A folder that `corpus build` made.
    sheet
        Write a contact sheet to this PNG file.
    """
    from radtex.corpus.corpus import Corpus
    from radtex.corpus.describe import describe as describe_corpus
    from radtex.corpus.describe import sheet as draw_sheet

    opened = Corpus.open(corpus)
    print(describe_corpus(opened))
    if sheet is not None:
        draw_sheet(opened, sheet)


@app.command
def pretrain(
    corpus: Path,
    /,
    *,
    out: Path,
    recipe: str | None = None,
    targets: Names = None,
    resume: bool = False,
    **fields: str,
) -> None:
    """Train an encoder on the train split of a corpus.

    Every field of the recipe is a flag too: --init imagenet, --epochs 10, --seed 1,
    --learning-rate 1e-3, … An unknown one is refused with the names there are. For several GPUs:
    torchrun --nproc-per-node N -m radtex pretrain …

    Parameters
    ----------
    corpus
        A folder that `corpus build` made.
    out
        The run to make.
    recipe
        radtex-small (the default), radtex-r50, supervised-small, supervised-r50, or a YAML file.
    targets
        Labels of the supervised objective: a target set or names; all by default.
    resume
        Go on with an interrupted run; start one that does not exist; leave a finished one.
    """
    from radtex.corpus.corpus import Corpus
    from radtex.pretraining.pretrain import pretrain as train
    from radtex.pretraining.recipe import load_recipe

    overrides = {name.replace("-", "_"): value for name, value in fields.items()}
    overrides |= _given(targets=targets)
    train(Corpus.open(corpus), out, load_recipe(overrides=overrides, **_given(name=recipe)), resume)
    print(out)


@app.command
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
    out
        The folder of evidence to make.
    """
    from radtex.transfer.transfer import transfer as run

    options = _given(
        protocol=protocol,
        budgets=budgets,
        repeats=repeats,
        backbone=backbone,
        label_policy=label_policy,
        seed=seed,
    )
    print(run(pool, encoders, targets, out, test=test, **options))


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def main() -> None:
    """Run a command; a user's mistake ends in one line on standard error."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        app(sys.argv[1:], exit_on_error=False, print_error=False)
    except CycloptsError as error:
        _end(" ".join(str(error).split()), 2)
    except RadtexError as error:
        _end(str(error), 1)
    except BrokenPipeError:  # whoever read the output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        _end(
            "interrupted; pretrain goes on with --resume, corpus build and fetch when repeated", 130
        )


def _end(message: str, status: int) -> None:
    print(f"radtex: {message}", file=sys.stderr)
    sys.exit(status)
