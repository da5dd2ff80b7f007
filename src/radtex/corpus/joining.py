"""Reports from a table of their own, joined to the images of any source."""

from collections.abc import Sequence
from dataclasses import replace

from radtex.corpus.flow import Flow
from radtex.corpus.record import Record, Texts
from radtex.corpus.tables import Columns, Table
from radtex.errors import CorpusError


def join_reports(
    records: Sequence[Record], table: Table, columns: Columns, flow: Flow
) -> list[Record]:
    """Give each record the texts of the table's row for its image, or for its study.

    The key is the column of image ids where the table has one, else that of study ids. Images
    without a row keep their own texts and are flagged. Rows of the table that match none, repeat a
    key, or have too few or too many fields are noted in the flow.

    Raises `CorpusError` if the table has no key or no text, or if no row matches.
    """
    key, of_record = _key(table, columns)
    texts: dict[str, Texts] = {}
    for row in table.rows:
        value = row[key].strip()
        if value in texts:
            flow.warn(value, "reports: key appears again, its first row was taken")
        else:
            texts[value] = columns.texts(row)
    for rejection in table.rejections:
        flow.warn(rejection.row, f"reports: {rejection.reason}")
    keys = [getattr(record, of_record) for record in records]
    if texts.keys().isdisjoint(keys):
        raise CorpusError(
            f"no row of {table.path} matches: its {key} was compared with the {of_record} of the "
            f"images, such as {keys[0]}"
        )
    wanted = set(keys)
    for value in texts:
        if value not in wanted:
            flow.note(value, "reports: row matches no image")
    joined = []
    for record, value in zip(records, keys, strict=True):
        if value in texts:
            joined.append(replace(record, **texts[value]))
        else:
            joined.append(replace(record, flags=(*record.flags, "no row in the reports")))
    return joined


def _key(table: Table, columns: Columns) -> tuple[str, str]:
    """Return the column that holds the key, and the field of a record that it is compared with."""
    texts = ("findings", "impression", "report")
    if not any(role in columns.named for role in texts):
        raise CorpusError(_lacks(table, "findings, impression or report"))
    if image := columns.image_id or columns.image:
        return image, "image_id"
    if columns.study_id:
        return columns.study_id, "study_id"
    raise CorpusError(_lacks(table, "image_id or study_id"))


def _lacks(table: Table, role: str) -> str:
    return (
        f"{table.path} has no column that looks like {role}; "
        f"its columns are: {', '.join(filter(None, table.header))}"
    )
