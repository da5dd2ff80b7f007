"""`radtex corpus`: from an archive to a corpus."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Group

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Names, Seed, as_flags, given
from radtex.cli.terminal import show
from radtex.corpus.readings.labelled_split import Labelled
from radtex.corpus.tables import Columns
from radtex.images import Fit, Intensity
from radtex.printable import one_line
from radtex.reports import Language

ColumnFlags = as_flags(
    lambda role: f"{role.replace('_', '-')}-column",
    Group(
        "Columns of a table",
        help=(
            "Of the table that is the source, and of those of `--reports` and `--labels`. A column "
            "that is not named here is found by its usual names."
        ),
        sort_key=1,
    ),
)

corpus_app = App(name="corpus", help="Turn an archive of radiographs into a corpus.")


@corpus_app.command
@shows_defaults_of("radtex.corpus.build:build", "radtex.corpus.sources.synthetic:PhantomSource")
def build(
    source: str,
    root: str | None = None,
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
    labelled: Labelled | None = None,
    namespace: str | None = None,
    encoding: str | None = None,
    label_reports: bool | None = None,
    language: Language | None = None,
    strict: bool | None = None,
    show_names: bool | None = None,
    labels: Names = None,
    label_columns: Names = None,
    columns: Annotated[Columns, ColumnFlags] = Columns(),
    studies: Count = None,
    backgrounds: Path | None = None,
    seed: Seed = None,
    patients: Path | None = None,
    severity: Path | None = None,
    query: Names = None,
    scheduler: str | None = None,
) -> None:
    """Build a corpus from an archive, and print what became of every row.

    Args:
        source: The archive's name (`radtex corpus sources` lists them), `dicom` (any folder of
            DICOM files and pictures), `dicomweb` (a PACS), `table` (a CSV, Excel or Parquet file)
            or `phantom` (synthetic radiographs).
        root: The archive's folder, the table, or the address of a `dicomweb` service. A `phantom`
            has none.
        out: The corpus to make. Repeat an interrupted command to resume it.
        reports: A table of reports, joined by path, image id, study id or accession number; or the
            folder or zip file of the archive's own reports.
        size: Side of the stored images in pixels. Without it, 256, or 128 for a `phantom`.
        fit: How an image is made square: `pad` fills its short side with black, `crop` cuts its
            long side, and with it parts of tall or wide films.
        intensity: Grey levels: `window` takes the image's own window, `equalize` equalises the
            histogram, as in MIMIC-CXR-JPG and CheXpert. Without it, `equalize` for those archives
            and `window` for others.
        workers: Processes to use. Without it, one for each core.
        views: `frontal` keeps frontal and unknown views, `all` keeps every image.
        split: How patients are split: `hash` of the patient id, `official` for the archive's own
            splits, or the one split that every row goes to.
        labelled: Of the split by hash: `pool` moves patients with human labels from train to pool
            or test, where their labels can be used; `train` leaves them. Without it, they move
            where fewer than 2,000 studies have human labels and half of train remains.
        namespace: Namespace of the patient ids: the same id in the same namespace falls into the
            same split, in every corpus. Without it, the source's own.
        encoding: Encoding of the text in the tables.
        label_reports: Take labels that the archive lacks from the words of its reports.
        language: Language of the reports, from which labels are read. Without it, it is found for
            each report.
        strict: Stop at the first bad row, in place of skipping and counting it.
        show_names: Print also the names of rows that are left out or flagged: file names and ids,
            which may be those of patients. Without it, their places are printed.
        labels: A table of labels, joined as that of reports is; or, for a `table`, the names of its
            label columns. Without it, those are found by the names of findings.
        label_columns: Columns of the table of labels that are labels. Without it, they are found by
            the names of findings.
        columns: The column that plays each role.
        studies: Studies to draw for a `phantom`.
        backgrounds: A corpus. The signs of a `phantom` are drawn on its films without findings;
            CORPUS:SPLIT takes those of one split.
        seed: Seed for drawing a `phantom`.
        patients: MIMIC-IV's patients.csv.gz, from which the MIMIC sources take age and sex.
        severity: Edema grades for a MIMIC source: a table, or the folder of mimic-cxr-pe-severity.
        query: What to ask a `dicomweb` service for, as Modality=DX StudyDate=20240101-20241231.
            Without it, all studies with radiographs.
        scheduler: Address of a Dask scheduler, such as tcp://host:8786. All its workers decode;
            they must see the archive and `out` at the same paths.
    """
    from radtex.commands.corpora import build_corpus
    from radtex.corpus.flow import flow_table

    corpus = build_corpus(
        source,
        root,
        out=out,
        reports=reports,
        query=query,
        size=size,
        fit=fit,
        intensity=intensity,
        workers=workers,
        views=views,
        split=split,
        labelled=labelled,
        namespace=namespace,
        encoding=encoding,
        label_reports=label_reports,
        language=language,
        strict=strict,
        show_names=show_names,
        labels=labels,
        label_columns=label_columns,
        columns=columns,
        studies=studies,
        backgrounds=backgrounds,
        seed=seed,
        patients=patients,
        severity=severity,
        scheduler=scheduler,
    )
    show(flow_table(corpus.info["flow"]))


@corpus_app.command
def fetch(archive: str, folder: Path, /) -> None:
    """Download a public archive, or resume a download; for other archives, say where to apply.

    Args:
        archive: `openi` (reports and PNG files, 1.4 GB), `openi-dicom` (81 GB) or `nih` (45 GB).
        folder: Where it goes. `corpus build` takes it from there.
    """
    from radtex.corpus.fetch import fetch as fetch_archive

    fetch_archive(archive, folder)
    show(one_line(folder))


@corpus_app.command
def sources() -> None:
    """List the archives that can be read: what each expects on disk, and where it comes from."""
    from radtex.commands.corpora import sources as describe_sources

    show(describe_sources())


@corpus_app.command
def describe(corpus: str, /, *, sheet: Path | None = None, verify: bool = False) -> None:
    """Show views, splits, patients, text lengths and label counts of a corpus.

    Args:
        corpus: A folder that `corpus build` made. CORPUS:SPLIT describes one split.
        sheet: A PNG file to make, with a contact sheet of the images.
        verify: Compare the files with the hash that the build took, and stop if they differ.
    """
    from radtex.commands.corpora import describe as describe_corpus

    show(describe_corpus(corpus, sheet=sheet, verify=verify))


@corpus_app.command
@shows_defaults_of("radtex.auditing.audit:audit")
def audit(
    corpus: str,
    /,
    *,
    targets: Names = None,
    label_policy: str | None = None,
    bound: float | None = None,
    seed: Seed = None,
    out: Path | None = None,
) -> None:
    """Look for shortcuts: tell each label by cues that no radiologist would use.

    The AUC of each cue alone, of logistic regression on patients held out, with intervals. Cues
    that are free of location (spectrum, histogram tails, file size) say nothing of anatomy.

    Args:
        corpus: A corpus, all of whose films are used; CORPUS:SPLIT names a split.
        targets: Names of labels, or a target set. Without it, all
            labels of the corpus.
        label_policy: What uncertain and blank labels count as.
        bound: AUC from which a cue counts as a shortcut.
        seed: Seed for dealing patients to folds.
        out: A JSON file to make, or a folder with that and a picture.
    """
    from radtex.auditing.audit_text import audit_text
    from radtex.commands.shortcuts import audit as run

    options = given(targets=targets, label_policy=label_policy, bound=bound, seed=seed, out=out)
    show(audit_text(run(corpus, **options)))
