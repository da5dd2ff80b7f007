"""Texts of images from the rows of a table of reports."""

from collections.abc import Sequence
from dataclasses import replace

from radtex.corpus.flow import Flow
from radtex.corpus.record import Record, Texts
from radtex.corpus.tables import Columns, Table


def give_texts(
    records: Sequence[Record],
    table: Table,
    columns: Columns,
    rows: Sequence[Sequence[int]],
    names: Sequence[str],
    flow: Flow,
) -> list[Record]:
    """Give each record the texts of its first row that has any; without one it keeps its own.

    Args:
        records: the images.
        table: the reports.
        columns: which of its columns hold texts.
        rows: the numbers of the rows of each image.
        names: what each row is called in the flow.
        flow: where rows of the same key with other texts are counted.
    """
    texts = {row: columns.texts(table.rows[row]) for row in {r for own in rows for r in own}}
    repeated: dict[int, None] = {}
    given = []
    for record, own in zip(records, rows, strict=True):
        spoken = [row for row in own if _speaks(texts[row])]
        if spoken:
            first = texts[spoken[0]]
            repeated |= dict.fromkeys(row for row in spoken[1:] if texts[row] != first)
            given.append(replace(record, texts=first))
        elif own:
            given.append(replace(record, flags=(*record.flags, "reports: row has no text")))
        else:
            given.append(record)
    for row in repeated:
        flow.warn(names[row], "reports: key appears again, its first row was taken", of_table=True)
    return given


def _speaks(texts: Texts) -> bool:
    return bool(texts.findings or texts.impression or texts.report)
