"""Reports from a table of their own, joined to the images of any source."""

import re
from collections.abc import Sequence, Set
from dataclasses import replace

from radtex.corpus.flow import Flow
from radtex.corpus.record import Record, Texts
from radtex.corpus.tables import Columns, Table
from radtex.errors import CorpusError

_STUDY_COLUMN = re.compile(
    r"(study|exam|accession|acc)(instance)?(id|no|nr|num|number|uid)?", re.IGNORECASE
)


def join_reports(
    records: Sequence[Record], table: Table, columns: Columns, flow: Flow
) -> list[Record]:
    """Give each record the texts of the table's row for its image, or for its study.

    The key is the first of these that matches any image: the column of image ids with the image
    id; the columns of studies ("study_id", "StudyInstanceUID", "accession_number" and the like)
    with the study id, then with the accession number. Images without a row keep their own texts
    and are flagged, and so are those of a key that stands for more than one patient. Rows of the
    table that match none, have no key, repeat one, or have too few or too many fields are noted
    in the flow.

    Args:
        records: the images.
        table: a row for each image or study.
        columns: which of its columns hold keys and texts.
        flow: where odd rows are counted.

    Returns:
        The records in their order, with the texts.

    Raises:
        CorpusError: if the table has no key or no text, or no row of it matches.
    """
    candidates = _keys(table, columns)
    matching = (pair for pair in candidates if _values(table, pair[0]) & _fields(records, pair[1]))
    if (found := next(matching, None)) is None:
        raise CorpusError(_nothing_matches(records, table, candidates))
    key, field = found
    texts: dict[str, Texts] = {}
    for number, row in enumerate(table.rows, start=1):
        value = row[key].strip()
        if not value:
            flow.warn(f"row {number}", "reports: key is empty")
        elif value in texts:
            flow.warn(value, "reports: key appears again, its first row was taken")
        else:
            texts[value] = columns.texts(row)
    for rejection in table.rejections:
        flow.warn(rejection.row, f"reports: {rejection.reason}")
    patients: dict[str, set[str]] = {}
    for record in records:
        patients.setdefault(getattr(record, field), set()).add(record.patient_id)
    for value in texts:
        if value not in patients:
            flow.note(value, "reports: row matches no image")
    joined = []
    for record in records:
        value = getattr(record, field)
        if value not in texts:
            joined.append(_flag(record, "no row in the reports"))
        elif len(patients[value]) > 1:
            joined.append(_flag(record, "reports: key stands for more than one patient"))
        else:
            joined.append(replace(record, **texts[value]))
    return joined


def _keys(table: Table, columns: Columns) -> list[tuple[str, str]]:
    """Return pairs of a column that may hold the key, and the record's field to compare it with."""
    texts = ("findings", "impression", "report")
    if not any(role in columns.named for role in texts):
        raise CorpusError(_lacks(table, "findings, impression or report"))
    studies = [name for name in table.header if _STUDY_COLUMN.fullmatch(re.sub(r"[\W_]", "", name))]
    if columns.study_id and columns.study_id not in studies:
        studies.insert(0, columns.study_id)
    keys = [(image, "image_id") for image in [columns.image_id or columns.image] if image]
    keys += [(study, field) for field in ("study_id", "accession") for study in studies]
    if not keys:
        raise CorpusError(_lacks(table, "image_id or study_id, nor like accession_number"))
    return keys


def _values(table: Table, column: str) -> set[str]:
    return {row[column].strip() for row in table.rows} - {""}


def _fields(records: Sequence[Record], field: str) -> set[str]:
    return {getattr(record, field) for record in records} - {""}


def _example(values: Set[str]) -> str:
    return min(values, default="blanks")


def _flag(record: Record, flag: str) -> Record:
    return replace(record, flags=(*record.flags, flag))


def _nothing_matches(
    records: Sequence[Record], table: Table, candidates: Sequence[tuple[str, str]]
) -> str:
    compared = [
        f"its {column} was compared with the {field} of the images "
        f"({_example(_values(table, column))} with {_example(_fields(records, field))})"
        for column, field in candidates
    ]
    return (
        f"no row of {table.path} matches an image: {'; '.join(compared)}; "
        "ids must be equal to the letter, with their leading zeros"
    )


def _lacks(table: Table, role: str) -> str:
    return (
        f"{table.path} has no column that looks like {role}; "
        f"its columns are: {', '.join(filter(None, table.header))}"
    )
