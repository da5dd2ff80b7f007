"""`radtex label`: a table of labels, of one reader or several, becomes part of a corpus.

The images, their split and the content hash stay as they are: what the table states goes to the
corpus's journal, and the labels have a hash of their own.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from radtex.corpus import normalise
from radtex.corpus.corpus import ACCESSION, Corpus, named_split
from radtex.corpus.joining.joinable import JoinedTable, refuse_absent
from radtex.corpus.joining.known import Known
from radtex.corpus.joining.matching import Match, cells, match_rows, nothing_matches
from radtex.corpus.joining.own_rows import OTHER, own_rows
from radtex.corpus.label_columns import can_hold_labels
from radtex.corpus.readings.agreement import HOW, agreements
from radtex.corpus.readings.apply import CHOSEN_BY, CONSENSUS, REPORT_SEEN
from radtex.corpus.readings.journal import Readings, add_readings, undo
from radtex.corpus.record import Record
from radtex.corpus.splits import SPLITS
from radtex.corpus.tables import Columns, Table, read_table
from radtex.corpus.tables.columns import plain_name
from radtex.corpus.tables.packed import MAX_UNPACKED
from radtex.errors import CorpusError
from radtex.inputs import read_input

READER = "reader"
"""The name of a reader whom neither the table nor the user names."""

_READER_COLUMNS = ("reader", "readername", "readerid", "rater", "radiologist", "annotator",
                   "labeller", "labeler", "observer", "befunder", "lector")  # fmt: skip
_NAMED_ROWS = 20


@dataclass(frozen=True)
class _Bad:
    """Rows that were not taken, or not whole, by reason."""

    rows: dict[str, list[int]]

    def note(self, line: int, why: str) -> None:
        self.rows.setdefault(why, []).append(line)

    def sentences(self) -> list[str]:
        """One for each reason, with the numbers of its rows."""
        return [
            f"{len(lines)} {'row' if len(lines) == 1 else 'rows'} NOT TAKEN: {why}: row "
            + ", ".join(map(str, lines[:_NAMED_ROWS]))
            + (", …" if len(lines) > _NAMED_ROWS else "")
            for why, lines in self.rows.items()
        ]


def bring_labels(
    corpus: Path | str,
    table: Path,
    *,
    reader: str | None = None,
    reader_column: str | None = None,
    label_columns: Sequence[str] = (),
    columns: Columns = Columns(),
    replace: bool = False,
    encoding: str = "utf-8",
) -> str:
    """Bring a table of labels into a corpus that is built.

    A row names its film by path, image id, study id or accession number, as a table of `corpus
    build --labels` does, and speaks for all images of the study. Rows that are wrong are left out,
    and named by their number in the file. What a reader states replaces what the same reader stated
    of the same study and label before.

    Args:
        corpus: CORPUS[:SPLIT]; with a split, no label of another split is taken.
        table: CSV, Excel or Parquet.
        reader: whose labels these are, for a table without a column of readers.
        reader_column: the column that names the reader; found by its usual names.
        label_columns: the columns that are labels; found by the names of the corpus's labels and
            of findings, and by their content.
        columns: which column plays which role, where its name does not tell.
        replace: whether all that these readers stated before is void.
        encoding: of a CSV.

    Returns:
        What was taken, what was not, how far readers agree, and where the labels are.

    Raises:
        CorpusError: if the corpus or the table is not as expected, or no row can be taken.
        OutputError: if the corpus cannot be written to, or another process brings labels.
    """
    folder, split = named_split(corpus)
    opened = Corpus.open(folder)
    taken = np.arange(len(opened.index)) if split is None else opened.rows(split)
    read = read_table(table, encoding)
    refuse_absent(columns, [read.header])
    readers, reader_column = _readers(read, reader, reader_column)
    joined = _joined(read, columns, label_columns, opened, reader_column)
    bad = _Bad({})
    for rejection in read.rejections:
        bad.note(int(rejection.row.removeprefix("line ")), rejection.reason)
    rows = _rows_of_images(opened, joined, bad)
    if split is not None:
        rows = _of_split(rows, {*taken.tolist()}, split, joined.table, bad)
    readings = _readings(opened, joined, rows, readers, bad)
    if not readings:
        raise CorpusError(
            f"no label of {table} can be taken: " + ("; ".join(bad.sentences()) or "all are blank")
        )
    about = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "file": table.name,
        "file_sha256": hashlib.sha256(read_input(table, MAX_UNPACKED, CorpusError)).hexdigest(),
        "replaces": replace,
    }
    add_readings(folder, [Readings(**(vars(each) | about)) for each in readings])
    lines = [_said(opened, each) for each in readings]
    return "\n".join([*lines, *bad.sentences(), *label_state(Corpus.open(folder))])


def undo_labels(corpus: Path | str) -> str:
    """Undo the last table that was brought and still stands; its lines stay in the journal.

    Raises:
        CorpusError: if there is none, or the corpus is damaged.
        OutputError: if the corpus cannot be written to.
    """
    folder, split = named_split(corpus)
    if split is not None:
        raise CorpusError(f"a table is undone as a whole; name {folder} without the split {split}")
    number = undo(Corpus.open(folder).path)
    return "\n".join([f"undone: table {number}", *label_state(Corpus.open(folder))])


def label_state(corpus: Corpus) -> list[str]:
    """Say where the human labels of a corpus are, whose they are, and how far readers agree.

    Returns:
        Lines for a user.
    """
    index = corpus.index
    human = (corpus.label_sources(corpus.label_names) == "human").any(1)
    keys = index["patient_id"].astype(str) + "\0" + index["study_id"].astype(str)
    of_split = keys[human].groupby(index.loc[human, "split"]).nunique()
    places = ", ".join(
        f"{of_split[split]:,} in {split}" for split in SPLITS if of_split.get(split, 0)
    )
    lines = [f"human labels now: {int(of_split.sum()):,} studies, {places or 'none'}"]
    if of_split.get("train", 0):
        lines.append(
            "those in train may not be used by a run that read reports; a corpus that is built "
            "with --labels TABLE puts their patients into pool and test"
        )
    readers = corpus.journal.readers
    if len(readers) > 1:
        lines.append(f"readers: {', '.join(readers)}; consensus: {CONSENSUS}")
        studies, patients = (pd.factorize(each)[0] for each in (keys, corpus.patients))
        found = agreements(
            index["image_id"].to_numpy(object),
            studies.astype(np.int64),
            patients.astype(np.int64),
            corpus.journal,
        )
        lines += (
            [f"agreement: {HOW}", *(f"  {each}" for each in found)]
            if found
            else ["agreement: no study was labelled by two readers"]
        )
    return [*lines, f"hash of the labels: {corpus.labels_hash}"]


def _readers(table: Table, reader: str | None, column: str | None) -> tuple[list[str], str | None]:
    """Return the reader of each row, and the column that names them."""
    if column is not None:
        table.require([column])
    else:
        column = next((n for n in table.header if plain_name(n) in _READER_COLUMNS), None)
    if column is None:
        return [reader or READER] * len(table.rows), None
    if reader is not None:
        raise CorpusError(
            f"--reader {reader} was given, and {table.path} names readers in its column {column}; "
            "leave one of them out"
        )
    return cells(table, column), column


def _joined(
    table: Table,
    named: Columns,
    labels: Sequence[str],
    corpus: Corpus,
    reader_column: str | None,
) -> JoinedTable:
    if not labels:
        known = {_plain(name) for name in corpus.label_names}
        asked = _asked(table)
        like = [name for name in table.header if _plain(name) in known or name in asked]
        like = [name for name in like if name not in (reader_column, REPORT_SEEN)]
        try:
            joined = JoinedTable.of_labels(table, named)
        except CorpusError:
            if not like:
                raise
            return JoinedTable.of_labels(table, named, like)
        found = {*like, *joined.labels} - {reader_column, REPORT_SEEN}
        labels = [name for name in table.header if name in found]
    return JoinedTable.of_labels(table, named, labels)


def _asked(table: Table) -> list[str]:
    """Return the columns that `radtex next` made for its targets, if it made the table.

    They stand behind `chosen_by`; a reader may have added others, such as remarks.
    """
    if CHOSEN_BY not in table.header:
        return []
    behind = table.header[table.header.index(CHOSEN_BY) + 1 :]
    return [name for name in behind if name and can_hold_labels(cells(table, name))]


def _rows_of_images(corpus: Corpus, joined: JoinedTable, bad: _Bad) -> list[list[int]]:
    """Return the rows that speak for each image: its own, or else those of its study."""
    records = records_of(corpus)
    alone = {n for n, record in enumerate(records) if record.study_id == record.image_id}
    table, known = joined.table, Known(records)
    match = match_rows(records, table, joined.keys, alone, Match([() for _ in records], ()))
    if not match.uses:
        raise CorpusError(nothing_matches(records, table, joined.keys))
    own = own_rows(records, table, joined.columns, match, known)
    taken = {row for rows in own.rows for row in rows}
    keyed = {row for key in joined.keys for row, c in enumerate(cells(table, key.column)) if c}
    used = match.used
    refused = {
        row: why for rows, why in zip(match.rows, own.refusals, strict=True) if why for row in rows
    }
    for row in range(len(table.rows)):
        if row in used and row not in taken:
            bad.note(table.line(row), refused.get(row, OTHER))
        elif row not in used:
            bad.note(table.line(row), "it matches no image" if row in keyed else "its key is empty")
    of_study: dict[tuple[str, str], set[int]] = defaultdict(set)
    for record, rows in zip(records, own.rows, strict=True):
        of_study[record.patient_id, record.study_id] |= {*rows}
    return [
        sorted(rows or of_study[record.patient_id, record.study_id])
        for record, rows in zip(records, own.rows, strict=True)
    ]


def _of_split(
    rows: Sequence[Sequence[int]], taken: set[int], split: str, table: Table, bad: _Bad
) -> list[list[int]]:
    """Return the rows of each image, none where it is of another split."""
    kept = [[*own] if image in taken else [] for image, own in enumerate(rows)]
    left = {row for own in rows for row in own} - {row for own in kept for row in own}
    for row in sorted(left):
        bad.note(table.line(row), f"its film is not in the split {split}")
    return kept


def _readings(
    corpus: Corpus,
    joined: JoinedTable,
    rows: Sequence[Sequence[int]],
    readers: Sequence[str],
    bad: _Bad,
) -> list[Readings]:
    """Return what each reader states; the number of the table is not known yet."""
    table = joined.table
    theirs = {_plain(name): name for name in corpus.label_names}
    called = {column: theirs.get(_plain(column), column) for column in joined.labels}
    used = sorted({row for own in rows for row in own})
    values = {row: _values(table, row, called, bad) for row in used}
    nameless = [row for row in used if not readers[row]]
    for row in nameless:
        bad.note(table.line(row), "it names no reader")
    chosen = cells(table, CHOSEN_BY) if CHOSEN_BY in table.header else [""] * len(table.rows)
    image_ids = corpus.index["image_id"].tolist()
    found = []
    for reader in dict.fromkeys(readers[row] for row in used if readers[row]):
        mine = [
            (image, own)
            for image, every in zip(image_ids, rows, strict=True)
            if (own := [row for row in every if readers[row] == reader])
        ]
        of_label = {
            name: [_merged([values[row].get(name) for row in own]) for _, own in mine]
            for name in called.values()
        }
        for _, own in mine:
            for name in called.values():
                if len({values[row].get(name) for row in own} - {None}) > 1:
                    bad.note(
                        table.line(own[-1]),
                        f"{name}: it contradicts another row of {reader} on the same film",
                    )
        if any(value is not None for each in of_label.values() for value in each):
            how = [next(filter(None, (chosen[row] for row in own)), "") for _, own in mine]
            found.append(Readings(0, reader, [image for image, _ in mine], of_label, how))
    return found


def _values(table: Table, row: int, called: Mapping[str, str], bad: _Bad) -> dict[str, int | None]:
    values: dict[str, int | None] = {}
    for column, name in called.items():
        try:
            values[name] = normalise.label(table.rows[row][column])
        except CorpusError as error:
            bad.note(table.line(row), f"{column}: {error}")
    return values


def _merged(values: Sequence[int | None]) -> int | None:
    stated = {value for value in values if value is not None}
    return stated.pop() if len(stated) == 1 else None


def _said(corpus: Corpus, readings: Readings) -> str:
    row_of = {image: row for row, image in enumerate(corpus.index["image_id"])}
    rows = [row_of[image] for image in readings.images]
    first = ~corpus.index[["patient_id", "study_id"]].iloc[rows].duplicated().to_numpy()
    counts = []
    for name, values in readings.values.items():
        of = Counter(value for value, counts_once in zip(values, first, strict=True) if counts_once)
        words = {1: "present", 0: "absent", -1: "uncertain", None: "blank"}
        said = (f"{of[value]} {word}" for value, word in words.items() if of[value])
        counts.append(f"{name} {', '.join(said)}")
    return f"{readings.reader}: {sum(first):,} studies; {'; '.join(counts)}"


def records_of(corpus: Corpus) -> list[Record]:
    """Return what the index states of each image that a table may be joined by."""
    index = corpus.index
    accessions = index[ACCESSION] if ACCESSION in index.columns else [""] * len(index)
    columns = (index[name] for name in ("image_id", "study_id", "patient_id", "source_path"))
    return [
        Record(image, study, patient, path, accession=accession)
        for image, study, patient, path, accession in zip(*columns, accessions, strict=True)
    ]


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())
