"""An archive becomes a corpus: in parallel, able to go on after a kill, every row accounted for."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex.corpus.corpus import ACCESSION, Corpus
from radtex.corpus.cropping import flag_crops
from radtex.corpus.flow import Flow
from radtex.corpus.headers import NO_PATIENT
from radtex.corpus.joining.joinable import JoinedTable, refuse_absent
from radtex.corpus.joining.joined_tables import join_tables
from radtex.corpus.label_columns import refuse_many_labels
from radtex.corpus.on_disk.corpus_files import INDEX_COLUMNS, INDEX_PIECE, write_corpus
from radtex.corpus.pseudonyms.site_key import own_site_key
from radtex.corpus.readings.label_sources import (
    LABEL_PREFIX,
    of_mixed_sources,
    source_columns,
)
from radtex.corpus.readings.labelled_split import (
    Labelled,
    count_labelled,
    place_labelled,
    where_labelled,
    where_unused,
)
from radtex.corpus.record import Record, Rejection, Source, Texts
from radtex.corpus.report_texts import TOO_LONG, settle_texts
from radtex.corpus.splits import assign_splits, refuse_unknown_split
from radtex.corpus.staging import Staging
from radtex.corpus.tables import Columns, read_table
from radtex.corpus.text_labels import read_texts
from radtex.errors import CorpusError, ReportError
from radtex.files import refuse_existing, whole_folder
from radtex.images import Fit, Intensity, Preprocessing
from radtex.inputs import require_input
from radtex.progress import say
from radtex.reports import Language

Views = Literal["frontal", "all"]

_VERSIONS = ("radtex", "imagecodecs", "numpy", "pandas", "pillow", "pyarrow", "pydicom")

MAX_SIZE = 4096
"""Side of the stored images at the most: 64 of them, 1 GB, are in the memory of each process."""

_OF_TEXTS = tuple(field.name for field in fields(Texts))
_OF_RECORD = tuple(field.name for field in fields(Record) if field.name in INDEX_COLUMNS)

_UNWANTED_VIEWS = {"LATERAL": "view is lateral", "OTHER": "view is neither frontal nor lateral"}


def build(
    source: Source,
    out: Path,
    *,
    size: int | None = None,
    fit: Fit = "pad",
    intensity: Intensity | None = None,
    workers: int | None = None,
    views: Views = "frontal",
    split: str = "hash",
    labelled: Labelled | None = None,
    reports: Path | None = None,
    labels: Path | None = None,
    label_columns: Sequence[str] = (),
    columns: Columns = Columns(),
    namespace: str | None = None,
    label_reports: bool = False,
    language: Language | None = None,
    strict: bool = False,
    show_names: bool = False,
    encoding: str = "utf-8",
) -> Corpus:
    """Build a corpus from an archive; the same archive and options give the same bytes.

    The folder appears whole, at the end. Repeat a build that was killed to resume it: its finished
    part waits in a hidden folder beside `out`. Repeated ids, unreadable images and rows that break
    the contract are left out and counted in the cohort flow (`corpus.info["flow"]`).

    Args:
        source: the archive, from `sources.open_source`.
        out: the folder to make.
        size: side of the square images in pixels; by default the source's own (256, phantom 128).
        fit: "pad" or "crop" to a square; what a crop cuts is flagged and in the flow.
        intensity: "window" or "equalize" (see `read_image`); by default what the archive's images
            are.
        workers: processes; by default one for each core.
        views: "frontal" keeps PA, AP and unknown; "all" keeps every view.
        split: "hash", "official", or the split that every row goes to (see
            `splits.assign_splits`).
        labelled: of the hash split. "pool": patients with human labels leave train for pool or
            test; "train": they stay. By default they leave where fewer than 2,000 studies have
            human labels and at least half of train remains.
        reports: a table, joined by image, study or accession; or, for an archive with report files
            of its own, their folder or zip.
        labels: a table, joined likewise. Its labels go before the source's where it states them.
        label_columns: the columns of `labels` that are labels; by default they are guessed.
        columns: which column of `reports` and `labels` plays which role, where its name does not
            tell; both may also state what an image lacks, such as the patient of a picture.
        namespace: of the patient ids; by default the source's own.
        label_reports: take from the reports, by `label_report`, the labels that the source lacks.
        language: of the reports; by default it is found for each.
        strict: stop at the first row that is wrong.
        show_names: print also the names of rows that are left out or flagged, which may be those of
            patients. Without it their places are printed, and `corpus.json` holds places alone.
        encoding: of the text in the source's tables and in `reports`.

    Returns:
        The corpus, opened.

    Raises:
        CorpusError: if the source, the reports or the labels are not as expected, no row is left,
            a patient is in two official splits, labels are to be taken from reports that are mostly
            not understood, or, if `strict`, a row is wrong.
        OutputError: if `out` exists or cannot be written, another process builds it, or an
            unfinished build there had other options.
        SiteKeyError: if the patients are the site's own, and there is no place for its key.
    """
    refuse_existing(out)
    refuse_unknown_split(split)
    if labelled is not None and split != "hash":
        raise CorpusError(
            f"--labelled {labelled} is about the split by hash, and --split {split} was asked for; "
            "leave one of them out"
        )
    if not source.has_public_ids:
        own_site_key()  # a place that cannot keep one is told before the work
    size = source.default_size if size is None else size
    if not 1 <= size <= MAX_SIZE:
        raise CorpusError(
            f"images of {size} pixels were asked for; the size must be 1 to {MAX_SIZE:,}"
        )
    namespace = namespace or source.namespace
    intensity = intensity or ("equalize" if source.equalized else "window")
    if source.equalized and intensity == "window":
        raise CorpusError(
            f"the images of {source.name} are histogram-equalised as published, which cannot be "
            "undone; leave out --intensity, or build from the DICOM files"
        )
    tables = []
    if reports is not None:
        require_input(reports, CorpusError, "a table of reports, or the folder or zip of them")
    if reports is not None and (reports.is_dir() or reports.suffix.lower() == ".zip"):
        source = source.with_reports(reports)
    elif reports is not None:
        tables.append(JoinedTable.of_reports(read_table(reports, encoding), columns))
    if labels is not None:
        table = read_table(labels, encoding)
        tables.append(JoinedTable.of_labels(table, columns, label_columns))
    headers = [joined.table.header for joined in tables]
    if not source.tabular:
        refuse_absent(columns, headers)
    listing = source.listing(encoding)
    if source.tabular:
        refuse_absent(columns, [listing.columns, *headers])
    flow = Flow(len(listing.entries), strict, listing.place_of_each(), show_names)
    entries, joins = join_tables(_with_sources(listing.entries, source), tables, flow)
    about = {"name": source.name, "public_ids": source.has_public_ids}
    origin = about | dict(listing.settings) | dict(joins.settings)
    refuse_many_labels(
        {name for entry in entries if isinstance(entry, Record) for name in entry.labels}
    )
    settings = dict(listing.settings)
    del listing
    records = _select(entries, views, flow)
    del entries
    flow.refuse_empty()
    records = _settled(records, flow)
    flow.refuse_empty()
    records = read_texts(records, label=label_reports, language=language, workers=workers)
    column = settings.get("columns", {}).get("split")
    unused = where_unused(records, column, split)
    unused += [
        f"split: NOT USED is column {joined.columns.split!r} of {joined.table.path}"
        for joined in tables
        if joined.columns.split
    ]
    records, rule = _split(records, split, namespace, flow, labelled)
    flow.refuse_empty()
    if tables:
        patients = len({record.patient_id for record in records})
        studies = len({record.study_id for record in records})
        joins.lines.insert(0, f"with the tables: {patients:,} patients, {studies:,} studies")
    told = [f"{name}: {value}" for name, value in {"name": source.name, **settings}.items()]
    for line in (*told, *joins.lines, *unused):
        say(line)
    info: dict[str, Any] = {
        "format": 1,
        "source": origin,
        "options": {
            "size": size,
            "fit": fit,
            "intensity": intensity,
            "views": views,
            "split": split,
            "label_reports": label_reports,
            "language": language,
            "reports": None if reports is None else str(reports),
            "labels": None if labels is None else str(labels),
            "label_columns": list(label_columns),
            "namespace": namespace,
            "encoding": encoding,
        },
        "versions": {name: version(name) for name in _VERSIONS},
        "size": size,
    }
    # What is equalised already is read as it is.
    reading = Preprocessing(size, fit, "window" if source.equalized else intensity)
    with Staging.open(out, source, records, reading, json.dumps(info)) as staging:
        try:
            kept, hashes, sums = _decode(staging, workers, flow)
        except CorpusError:
            staging.remove()
            raise
        for line in flow.named() if show_names else ():
            say(line)
        train = np.array([record.split == "train" for record in kept])
        mean, std = _mean_and_std(sums[train] if train.any() else sums, size)
        info |= {"rows": len(kept), "flow": flow.steps(), "pixel_mean": mean, "pixel_std": std}
        if account := count_labelled(kept, rule):
            info["human_labels"] = account
            say(where_labelled(account))
        with whole_folder(out, staging.assembly) as folder:
            pieces = _index_pieces(kept, hashes, namespace)
            write_corpus(folder, pieces, staging.pixels(), info)
        staging.remove()
    del records, kept, hashes, staging  # whose room the index takes that is opened
    return Corpus.open(out)


def _select(entries: Sequence[Record | Rejection], views: Views, flow: Flow) -> list[Record]:
    """Keep the records with an id of their own, a patient and a wanted view."""
    chosen: list[Record] = []
    seen: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, Rejection):
            leave_out = flow.reject if entry.wrong else flow.drop
            leave_out(entry.row or f"row {number}", entry.reason)
        elif not entry.image_id:
            flow.reject(f"row {number}", "image id is empty")
        elif entry.image_id in seen:
            flow.reject(entry.image_id, "image id appears again, its first row was taken")
        elif not entry.patient_id:
            whose = "" if NO_PATIENT in entry.flags else ": pictures take theirs from a table"
            flow.reject(entry.image_id, f"patient id is empty{whose}")
        else:
            seen.add(entry.image_id)
            if views == "frontal" and entry.view in _UNWANTED_VIEWS:
                flow.drop(entry.image_id, _UNWANTED_VIEWS[entry.view])
            else:
                chosen.append(entry if entry.study_id else replace(entry, study_id=entry.image_id))
    return chosen


def _settled(records: Sequence[Record], flow: Flow) -> list[Record]:
    """Return the records with their texts settled, without those whose text is no report."""
    settled = []
    for record in records:
        try:
            settled.append(settle_texts(record))
        except ReportError:
            flow.reject(record.image_id, TOO_LONG)
    return settled


def _with_sources(
    entries: Sequence[Record | Rejection], source: Source
) -> Sequence[Record | Rejection]:
    """Note on each record that its labels are people's, where they are no archive's."""
    if source.labels_from == "archive":
        return entries
    return [
        replace(
            entry,
            label_sources={
                name: source.labels_from
                for name, value in entry.labels.items()
                if value is not None
            },
        )
        if isinstance(entry, Record)
        else entry
        for entry in entries
    ]


def _split(
    records: Sequence[Record], how: str, namespace: str, flow: Flow, labelled: Labelled | None
) -> tuple[list[Record], Labelled | None]:
    """Split the records; also return which rule of `place_labelled` held, if any."""
    patients = [f"{namespace}:{record.patient_id}" for record in records]
    splits = assign_splits(patients, [record.split for record in records], how)
    rule = None
    if how == "hash":
        splits, rule = place_labelled(records, patients, splits, labelled)
    for record, split in zip(records, splits, strict=True):
        if not split:
            flow.drop(record.image_id, "image is in no official split")
    return [
        replace(record, split=split) for record, split in zip(records, splits, strict=True) if split
    ], rule


def _decode(
    staging: Staging, workers: int | None, flow: Flow
) -> tuple[list[Record], list[str], NDArray[np.int64]]:
    """Return the records whose image could be read, the hash of each, and their pixel sums."""
    kept: list[Record] = []
    hashes: list[str] = []
    shapes: list[list[int]] = []
    sums = []
    with closing(staging.decode(workers)) as chunks:
        for chunk, outcome in chunks:
            sums.append(outcome.sums)
            for record, failure, sha256, shape in zip(
                chunk, outcome.failures, outcome.sha256, outcome.shapes, strict=True
            ):
                if failure:
                    flow.reject(record.image_id, str(failure))
                else:
                    kept.append(record)
                    hashes.append(str(sha256))
                    shapes.append(shape.tolist())
    for record in kept:
        for flag in record.flags:
            flow.note(record.image_id, flag)
    kept = flag_crops(kept, shapes, staging.preprocessing.fit, flow)
    flow.refuse_empty()
    return kept, hashes, np.concatenate(sums)


def _index_pieces(
    records: Sequence[Record], hashes: Sequence[str], namespace: str
) -> Iterator[pd.DataFrame]:
    """Yield the index in pieces of `INDEX_PIECE` rows, which have the same columns."""
    names = dict.fromkeys(name for record in records for name in record.labels)
    sourced = of_mixed_sources(records, names)
    numbered = any(record.accession for record in records)
    for at in range(0, len(records), INDEX_PIECE):
        piece = slice(at, at + INDEX_PIECE)
        index = _index(records[piece], hashes[piece], namespace, [*names], sourced)
        if numbered:
            index[ACCESSION] = [record.accession for record in records[piece]]
        yield index


def _index(
    records: Sequence[Record],
    hashes: Sequence[str],
    namespace: str,
    names: Sequence[str],
    sourced: Sequence[str],
) -> pd.DataFrame:
    rows = [
        {
            **{name: getattr(record, name) for name in _OF_RECORD},
            **{name: getattr(record.texts, name) for name in _OF_TEXTS},
            "patient_namespace": namespace,
            "sha256": sha256,
            "boxes": json.dumps(list(record.boxes)),
            "flags": json.dumps(list(record.flags)),
        }
        for record, sha256 in zip(records, hashes, strict=True)
    ]
    index = pd.DataFrame(rows, columns=list(INDEX_COLUMNS)).astype({"age": "float64"})
    labels = {
        LABEL_PREFIX + name: pd.array([record.labels.get(name) for record in records], dtype="Int8")
        for name in names
    }
    more: dict[str, Any] = {**labels, **source_columns(records, sourced)}
    return pd.concat([index, pd.DataFrame(more)], axis=1)


def _mean_and_std(sums: NDArray[np.int64], size: int) -> tuple[float, float]:
    """Return mean and standard deviation of the grey levels, from exact sums."""
    pixels = len(sums) * size**2
    total, squares = (int(value) for value in sums.sum(axis=0))
    mean = total / pixels
    return mean, float(np.sqrt(max(squares / pixels - mean**2, 0.0)))
