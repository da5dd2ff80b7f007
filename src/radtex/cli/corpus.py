"""`radtex corpus`: from an archive to a corpus."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from radtex.cli.parameters import Count, Names, Seed, given
from radtex.corpus.tables import Columns
from radtex.images import Fit, Intensity

ColumnFlags = Parameter(
    name="*",
    name_transform=lambda role: f"{role.replace('_', '-')}-column",
    help="Column of the table that holds it; guessed by its name by default.",
)

corpus_app = App(name="corpus", help="Turn an archive of radiographs into a corpus.")


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
    options = given(
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
        from radtex.parallel import dask_cluster

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
