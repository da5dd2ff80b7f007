"""`radtex.build_corpus` and what else the commands do with a corpus."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Literal

from radtex.commands.given import given
from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus, named_split
from radtex.corpus.describe import describe as describe_corpus
from radtex.corpus.describe import sheet as draw_sheet
from radtex.corpus.readings.label_table import bring_labels, undo_labels
from radtex.corpus.readings.labelled_split import Labelled
from radtex.corpus.sources import describe_sources, open_source
from radtex.corpus.tables import Columns
from radtex.errors import CorpusError
from radtex.images import Fit, Intensity
from radtex.parallel import dask_cluster
from radtex.reports import Language

_TABLES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".parquet", ".xlsx", ".xls", ".ods")


def build_corpus(
    source: str,
    root: Path | str | None = None,
    *,
    out: Path | str,
    reports: Path | str | None = None,
    size: int | None = None,
    fit: Fit | None = None,
    intensity: Intensity | None = None,
    workers: int | None = None,
    views: Literal["frontal", "all"] | None = None,
    split: str | None = None,
    labelled: Labelled | None = None,
    namespace: str | None = None,
    encoding: str | None = None,
    label_reports: bool | None = None,
    language: Language | None = None,
    strict: bool | None = None,
    show_names: bool | None = None,
    labels: Sequence[str] | str | None = None,
    label_columns: Sequence[str] | None = None,
    columns: Columns = Columns(),
    studies: int | None = None,
    backgrounds: Path | str | None = None,
    query: Sequence[str] | None = None,
    seed: int | None = None,
    patients: Path | str | None = None,
    severity: Path | str | None = None,
    scheduler: str | None = None,
) -> Corpus:
    """Build a corpus from an archive: what `radtex corpus build` does, whose help says more.

    What is None is as `radtex.corpus.build.build` has it.

    Args:
        source: the archive's name (see `radtex.sources`), `dicom`, `folder`, `table` or `phantom`.
        root: the archive's folder, the table, or the address of a `dicomweb`; a `phantom` has none.
        out: the folder to make. Repeat an interrupted build to resume it.
        reports: a table of reports, or the folder or zip file of the archive's own.
        size: side of the stored images, in pixels.
        fit: how an image is made square, "pad" or "crop".
        intensity: grey levels, "window" or "equalize".
        workers: processes; by default one for each core.
        views: "frontal" or "all".
        split: "hash", "official" or the one split of every row.
        labelled: where patients with human labels go, "pool" or "train".
        namespace: of the patient ids.
        encoding: of text in the tables.
        label_reports: whether labels that the archive lacks are read from its reports.
        language: of the reports.
        strict: whether the first bad row stops the build.
        show_names: whether names of rows are printed that are left out or flagged.
        labels: a table of labels; or, for a `table`, the names of its label columns.
        label_columns: the columns of the table of labels that are labels.
        columns: which column plays which role.
        studies: of a `phantom`.
        query: of a `dicomweb`, what studies must match, KEYWORD=VALUE each.
        backgrounds: a corpus; the signs of a `phantom` are drawn on its films.
        seed: of a `phantom`.
        patients: MIMIC-IV's patients.csv.gz.
        severity: edema grades for a MIMIC source.
        scheduler: address of a Dask scheduler whose workers decode.

    Returns:
        The corpus, opened.

    Raises:
        CorpusError: if the archive is not as expected, or options contradict each other.
        OutputError: if `out` exists or cannot be written.
        SiteKeyError: if the patients are the site's own, and there is no place for its key.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> folder = TemporaryDirectory()
        >>> path = Path(folder.name) / "corpus"
        >>> radtex.build_corpus("phantom", out=path, studies=16, size=64, workers=1)
        <Corpus: 16 images of 64 px, 9 patients; train 5, pool 8, validate 2, test 1; 14 labels>
        >>> folder.cleanup()
    """
    names, table = _labels(source, [labels] if isinstance(labels, str) else labels, label_columns)
    report_table = None if reports is None else Path(reports)
    is_table = source == "table"
    opened = open_source(
        source,
        **given(url=str(root)) if root and source == "dicomweb" else given(root=_path(root)),
        query=query,
        labels=names,
        columns=columns if is_table else None,
        is_joined=True if is_table and (report_table or table) else None,
        studies=studies,
        backgrounds=_path(backgrounds),
        seed=seed,
        patients=_path(patients),
        severity=_path(severity),
    )
    options = given(
        size=size,
        fit=fit,
        intensity=intensity,
        workers=workers,
        views=views,
        split=split,
        labelled=labelled,
        reports=report_table,
        labels=table,
        label_columns=label_columns if table else None,
        columns=columns,
        namespace=namespace,
        label_reports=label_reports,
        language=language,
        strict=strict,
        show_names=show_names,
        encoding=encoding,
    )
    cluster: AbstractContextManager[None] = nullcontext()
    if scheduler is not None:
        cluster = dask_cluster(scheduler)
    with cluster:
        return build(opened, Path(out), **options)


def label(
    corpus: Path | str,
    table: Path | str | None = None,
    *,
    reader: str | None = None,
    reader_column: str | None = None,
    label_columns: Sequence[str] | None = None,
    columns: Columns = Columns(),
    replace: bool | None = None,
    undo: bool = False,
    encoding: str | None = None,
) -> str:
    r"""Bring a table of readers' labels into a corpus; its images and splits stay as they are.

    Open the corpus again to see them.

    Args:
        corpus: CORPUS, or CORPUS:SPLIT to take only labels of that split.
        table: a CSV, Excel or Parquet file, such as that of `radtex.next_films`, filled in.
        reader: who read the films, for a table without a column of readers.
        reader_column: the column of the readers' names.
        label_columns: the columns that are labels.
        columns: which column plays which role.
        replace: whether all that these readers stated before is void.
        undo: whether to undo the last table in place of bringing one.
        encoding: of a CSV.

    Returns:
        What was taken, what was not, and how far readers agree.

    Raises:
        CorpusError: if corpus or table are not as expected, or both or neither of a table and
            `undo` are given.
        OutputError: if the corpus cannot be written to, or another process brings labels.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> folder = TemporaryDirectory()
        >>> path, table = Path(folder.name) / "corpus", Path(folder.name) / "read.csv"
        >>> corpus = radtex.build_corpus("phantom", out=path, studies=8, size=32, workers=1)
        >>> written = table.write_text(f"image_id,Gout\n{corpus.index['image_id'][0]},1\n")
        >>> radtex.label(path, table, reader="anna").splitlines()[0]
        'anna: 1 studies; Gout 1 present'
        >>> "Gout" in radtex.Corpus.open(path).label_names
        True
        >>> folder.cleanup()
    """
    if undo:
        if table is not None:
            raise CorpusError(
                f"--undo takes no table, and {table} was named; leave one of them out"
            )
        return undo_labels(corpus)
    if table is None:
        raise CorpusError("name a table of labels: a CSV, Excel (.xlsx) or Parquet file")
    options = given(
        reader=reader,
        reader_column=reader_column,
        label_columns=label_columns,
        columns=columns,
        replace=replace,
        encoding=encoding,
    )
    return bring_labels(corpus, Path(table), **options)


def describe(
    corpus: Corpus | Path | str, *, sheet: Path | str | None = None, verify: bool = False
) -> str:
    """Say what a corpus holds: cohort flow, views, splits, patients, text lengths, label counts.

    Args:
        corpus: the corpus, its folder, or CORPUS:SPLIT.
        sheet: a PNG file to make, with a contact sheet of the images.
        verify: whether the files are compared with the hash that the build took.

    Returns:
        Text with tables; print it.

    Raises:
        CorpusError: if the folder is no corpus, or, if `verify`, was changed since it was built.
        OutputError: if `sheet` cannot be written.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> folder = TemporaryDirectory()
        >>> path = Path(folder.name) / "corpus"
        >>> corpus = radtex.build_corpus("phantom", out=path, studies=8, size=32, workers=1)
        >>> "Cardiomegaly" in radtex.describe(corpus)
        True
        >>> folder.cleanup()
    """
    split = None
    if not isinstance(corpus, Corpus):
        folder, split = named_split(corpus)
        corpus = Corpus.open(folder)
    if verify:
        corpus.verify()
    told = describe_corpus(corpus, split)
    if sheet is not None:
        draw_sheet(corpus, Path(sheet), split)
    return told


def sources() -> str:
    """Say which archives can be read, what each expects on disk, and where it comes from.

    Returns:
        Text, an archive after the other.

    Example:
        >>> import radtex
        >>> "mimic-cxr-jpg" in radtex.sources()
        True
    """
    return describe_sources()


def _path(place: Path | str | None) -> Path | None:
    return None if place is None else Path(place)


def _labels(
    source: str, labels: Sequence[str] | None, label_columns: Sequence[str] | None
) -> tuple[Sequence[str] | None, Path | None]:
    """Return the label columns of a source that is a table, and the table of labels."""
    tables = [each for each in labels or () if _is_table(each)]
    if tables and len(tables) == len(labels or ()) == 1:
        return None, Path(tables[0])
    if tables:
        raise CorpusError(
            f"--labels takes one table, here {tables[0]}, or names of columns, not both; name the "
            "table's label columns by --label-columns"
        )
    if source != "table" and labels:
        raise CorpusError(
            f"--labels {labels[0]} is no file; expected a table of labels, such as labels.csv "
            "(only the source `table` takes names of columns)"
        )
    if source != "table" and label_columns:
        raise CorpusError("--label-columns names columns of a table; give it by --labels TABLE")
    return labels or label_columns, None


def _is_table(value: str) -> bool:
    return str(value).lower().endswith(_TABLES) or Path(value).is_file()
