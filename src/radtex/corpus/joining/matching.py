"""Which rows of a table belong to which image, and by which of its columns that was found."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from radtex.corpus.joining.id_keys import pair_ids
from radtex.corpus.joining.ids import is_rounded
from radtex.corpus.joining.pairing import Pairing
from radtex.corpus.joining.path_keys import pair_paths
from radtex.corpus.normalise import is_unknown
from radtex.corpus.record import Record
from radtex.corpus.tables import Columns, Table
from radtex.corpus.tables.shown_names import shown_columns
from radtex.errors import CorpusError

_STUDY_COLUMN = re.compile(
    r"(study|exam|accession|acc|order|request)(instance)?(id|no|nr|num|number|uid)?", re.IGNORECASE
)
_IMAGE_COLUMN = re.compile(r"(sop|image|sopinstance|instance)uid", re.IGNORECASE)

_WORDS = {
    "source_path": "path",
    "image_id": "image id",
    "study_id": "study id",
    "accession": "accession number",
}

_ROLES = ("image", "image_id", "study_id", "accession")

_ENOUGH = 0.5
"""Share of the best column's images that an earlier column must match to be taken before it."""


@dataclass(frozen=True)
class Key:
    """A column of the table, compared with a property of the images."""

    column: str
    """The column."""
    field: str
    """What it is compared with: a field of a record."""
    value: Callable[[Record], str]
    """The property; "" where an image has none, or is not to be found by it."""
    group: str
    """A column is used once in each group: it is either a study's id or its accession number."""
    paths: bool = False
    """Whether both are paths."""
    named: bool = False
    """Whether the user named the column; no other key then contradicts it."""

    def pair(self, table: Table, records: Sequence[Record]) -> Pairing:
        """Find what each cell of the column means."""
        pair = pair_paths if self.paths else pair_ids
        return pair(cells(table, self.column), map(self.value, records))


@dataclass(frozen=True)
class Use:
    """What a key found."""

    key: Key
    """The key."""
    pairing: Pairing
    """What the cells of its column mean."""
    images: int
    """How many images got rows by it."""

    def __str__(self) -> str:
        return f"by {_WORDS.get(self.key.field, self.key.field)} (column {self.key.column})"


@dataclass(frozen=True)
class Match:
    """The rows of each image."""

    rows: Sequence[Sequence[int]]
    """The numbers of its rows, from 0, for each record; empty where it has none."""
    uses: Sequence[Use]
    """The keys by which they were found, the main one first."""

    @property
    def used(self) -> set[int]:
        """The rows that belong to an image."""
        return {row for rows in self.rows for row in rows}


def cells(table: Table, column: str) -> list[str]:
    """Return the cells of a column, those that state nothing as ""."""
    stripped = (row[column].strip() for row in table.rows)
    return ["" if is_unknown(cell) else cell for cell in stripped]


def keys_of(table: Table, columns: Columns, named: Columns) -> list[Key]:
    """Return the keys that a table may be joined by: of images first, then of studies.

    Args:
        table: the table.
        columns: which of its columns plays which role.
        named: the columns that the user named; those that are keys go first.

    Raises:
        CorpusError: if no column looks like a key.
    """
    paths = [column for column in [columns.image] if column]
    images = _distinct(columns.image_id, columns.image, *_like(_IMAGE_COLUMN, table))
    studies = _distinct(columns.study_id, *_like(_STUDY_COLUMN, table))
    studies = [column for column in studies if column != columns.accession]
    numbers = [column for column in [columns.accession] if column]
    keys = [Key(column, "source_path", _path, "path", paths=True) for column in paths]
    keys += [Key(column, "image_id", _image, "image") for column in images]
    keys += [Key(c, "source_path", _path, "path", paths=True) for c in images if c not in paths]
    keys += [Key(column, "study_id", _study, "study") for column in studies]
    keys += [Key(column, "accession", _accession, "study") for column in numbers + studies]
    keys += [Key(column, "study_id", _study, "study") for column in numbers]
    for column in numbers + studies:
        keys.append(Key(column, "file name", _bare_path, "picture", paths=True))
        keys.append(Key(column, "folder", _bare_folder, "picture", paths=True))
    if not keys:
        raise CorpusError(
            f"{table.path} has no column that looks like image_id or study_id, nor like "
            "accession_number; name it, for example --accession-column NAME; "
            f"its columns are: {shown_columns(table.header)}"
        )
    chosen = {named.named[role] for role in _ROLES if role in named.named} & {*table.header}
    keys = [replace(key, named=key.column in chosen) for key in keys]
    return sorted(keys, key=lambda key: not key.named)


def match_rows(
    records: Sequence[Record],
    table: Table,
    keys: Sequence[Key],
    pictures: Collection[int],
    known: Match,
) -> Match:
    """Find the rows of each image.

    The main key is the first that matches at least half of the images of the one that matches
    most, so that a few ids that are equal by chance decide nothing. Images and rows that it leaves
    are joined by the other columns, each by its best key, unless that key disagrees with the main
    one about the images that both know. A row that is joined to one image of a study speaks for
    the others, too, if they have no row of their own.

    A key that the user named is the main one if it matches anything. Other columns then join an
    image to a row only where the image has no such id, or the row's cell is blank.

    Args:
        records: the images.
        table: the table.
        keys: from `keys_of`.
        pictures: numbers of the records whose source knows no study; they may share the row of
            another image.
        known: what was found before; its images keep their rows.
    """
    pairings: list[Pairing] = []
    found: list[list[Sequence[int]]] = []
    keys = [key for key in keys if pictures or key.group != "picture"]
    # Of each named column the first key: what its name says, such as an accession number.
    named = list({key.column: key for key in reversed(keys) if key.named}.values())
    for key in keys:
        pairings.append(key.pair(table, records))
        by_key = _rows_by_record(records, table, key, pairings[-1])
        if not key.named:
            by_key = _not_contradicting(records, by_key, table, named)
        found.append(by_key)
        if all(found[-1]):  # no other key is needed
            break
    rows, uses = list(known.rows), list(known.uses)
    owners: dict[int, list[Record]] = defaultdict(list)
    for record, theirs in zip(records, rows, strict=True):
        for row in theirs:
            owners[row].append(record)
    for at in _order(keys, [sum(map(bool, theirs)) for theirs in found]):
        key = keys[at]
        if not _agrees(rows, found[at]):
            continue
        new = {}
        for image, (record, theirs) in enumerate(zip(records, found[at], strict=True)):
            shares = key.group != "study" and image in pictures
            free = [row for row in theirs if shares or _may_share(key, record, owners[row])]
            if free and not rows[image]:
                new[image] = free
        if new:
            uses.append(Use(key, pairings[at], len(new)))
        for image, theirs in new.items():
            rows[image] = theirs
            for row in theirs:
                owners[row].append(records[image])
    return Match(rows, uses)


def nothing_matches(records: Sequence[Record], table: Table, keys: Sequence[Key]) -> str:
    """Return the words for a table of which no row matches: what was compared, and why it failed.

    Args:
        records: the images.
        table: the table.
        keys: those that were compared.
    """
    compared, reasons = [], []
    for key in keys:
        theirs = {value for value in map(key.value, records) if value}
        own = {cell for cell in cells(table, key.column) if cell}
        if theirs:
            compared.append(
                f"its {key.column} was compared with the {key.field} of the images "
                f"({min(own, default='blanks')} with {min(theirs)})"
            )
        if any(map(is_rounded, own)):
            reasons.append(
                f"{key.column} holds numbers that a spreadsheet rounded, such as "
                f"{min(filter(is_rounded, own))}: export it anew as text"
            )
        ambiguous = key.pair(table, records).ambiguous
        if ambiguous:
            reasons.append(f"{key.column} holds {ambiguous[min(ambiguous)]}: {min(ambiguous)}")
    hint = "; ".join(dict.fromkeys(reasons)) or (
        "name the column that holds the key, for example --accession-column NAME; ids may differ "
        "in case, spaces and leading zeros, in nothing else"
    )
    return f"no row of {table.path} matches an image: {'; '.join(compared)}; {hint}"


def _order(keys: Sequence[Key], counts: Sequence[int]) -> list[int]:
    """Return which keys to use, the main one first; of each column one."""
    ranked = sorted(range(len(counts)), key=lambda at: -counts[at])
    named = [at for at, count in enumerate(counts) if count and keys[at].named]
    enough = (at for at, count in enumerate(counts) if count and count >= _ENOUGH * max(counts))
    main = next(iter(named or enough), None)
    order: list[int] = [] if main is None else [main]
    for at in ranked:
        taken = {(keys[each].column, keys[each].group) for each in order}
        if counts[at] and (keys[at].column, keys[at].group) not in taken:
            order.append(at)
    return order


def _not_contradicting(
    records: Sequence[Record], rows: list[Sequence[int]], table: Table, named: Sequence[Key]
) -> list[Sequence[int]]:
    """Leave out rows where image and row both state an id for a key that the user named."""
    for key in named:
        stated = cells(table, key.column)
        rows = [
            [row for row in own if not stated[row]] if own and key.value(record) else own
            for record, own in zip(records, rows, strict=True)
        ]
    return rows


def _may_share(key: Key, record: Record, owners: Sequence[Record]) -> bool:
    """Tell whether a row of other images may be this one's, too: by its study, if it is theirs."""
    if key.group != "study":
        return not owners
    return all(key.value(owner) in ("", key.value(record)) for owner in owners)


def _agrees(rows: Sequence[Sequence[int]], other: Sequence[Sequence[int]]) -> bool:
    both = [not {*one}.isdisjoint(two) for one, two in zip(rows, other, strict=True) if one and two]
    return not both or sum(both) > len(both) / 2


def _rows_by_record(
    records: Sequence[Record], table: Table, key: Key, pairing: Pairing
) -> list[Sequence[int]]:
    of_value: dict[str, list[int]] = defaultdict(list)
    for number, cell in enumerate(cells(table, key.column)):
        if cell in pairing.meant:
            of_value[pairing.meant[cell]].append(number)
    return [of_value.get(key.value(record), []) for record in records]


def _distinct(*columns: str | None) -> list[str]:
    return list(dict.fromkeys(column for column in columns if column))


def _like(pattern: re.Pattern[str], table: Table) -> list[str]:
    return [name for name in table.header if pattern.fullmatch(re.sub(r"[\W_]", "", name))]


def _image(record: Record) -> str:
    return record.image_id


def _path(record: Record) -> str:
    return record.source_path


def _study(record: Record) -> str:
    return record.study_id


def _accession(record: Record) -> str:
    return record.accession


def _bare_path(record: Record) -> str:
    return "" if record.study_id or record.accession else record.source_path


def _bare_folder(record: Record) -> str:
    return PurePosixPath(_bare_path(record)).parent.as_posix().removeprefix(".")
