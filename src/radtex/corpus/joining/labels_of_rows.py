"""Labels of images from the rows of a table of labels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from radtex.corpus import normalise
from radtex.corpus.flow import Flow
from radtex.corpus.readings.label_sources import LabelSource
from radtex.corpus.record import Record
from radtex.corpus.tables import Table
from radtex.errors import CorpusError

CONTRADICTION = "labels: rows of one key contradict each other, the label is blank"
REPLACED = "labels: the table's replaced the source's"


def give_labels(
    records: Sequence[Record],
    table: Table,
    columns: Sequence[str],
    rows: Sequence[Sequence[int]],
    names: Sequence[str],
    flow: Flow,
) -> list[Record]:
    """Give each record the labels of its rows.

    Rows of the same image are merged: blanks add nothing, and values that differ make the label
    blank. A label that the source has too is replaced where the table states it.

    Args:
        records: the images.
        table: the labels.
        columns: those of its columns that are labels.
        rows: the numbers of the rows of each image.
        names: what each row is called in the flow.
        flow: where cells that are no labels are counted; if strict, it refuses contradictions.
    """
    used = {row for own in rows for row in own}
    values = [
        _values(cells, columns, name, flow) if row in used else {}
        for row, (cells, name) in enumerate(zip(table.rows, names, strict=True))
    ]
    theirs = {_plain(name): name for record in records for name in record.labels}
    called = {column: theirs.get(_plain(column), column) for column in columns}
    given = []
    for record, own in zip(records, rows, strict=True):
        stated = {
            called[column]: {value for row in own if (value := values[row].get(column)) is not None}
            for column in columns
        }
        new = {name: found for name, found in stated.items() if found}
        labels = {
            **dict.fromkeys(called.values()),
            **record.labels,
            **{name: next(iter(found)) if len(found) == 1 else None for name, found in new.items()},
        }
        differing = any(record.labels.get(name) not in (None, labels[name]) for name in new)
        flags = [*record.flags]
        if any(len(found) > 1 for found in new.values()):
            flow.refuse_if_strict(record.image_id, CONTRADICTION)
            flags.append(CONTRADICTION)
        flags += [REPLACED] * differing
        sources: dict[str, LabelSource] = {**record.label_sources}
        sources |= dict.fromkeys(new, "human")
        sources = {name: each for name, each in sources.items() if labels[name] is not None}
        given.append(replace(record, labels=labels, label_sources=sources, flags=tuple(flags)))
    return given


def _values(
    cells: Mapping[str, str], columns: Sequence[str], name: str, flow: Flow
) -> dict[str, int | None]:
    values = {}
    for column in columns:
        try:
            values[column] = normalise.label(cells[column])
        except CorpusError as error:
            flow.warn(name, f"labels: {column}: {error}", of_table=True)
    return values


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())
