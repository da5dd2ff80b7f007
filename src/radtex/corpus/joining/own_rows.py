"""Rows that may speak for an image: those that do not name another patient."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from radtex.corpus.joining.ids import unpadded
from radtex.corpus.joining.known import Known
from radtex.corpus.joining.matching import Match, cells
from radtex.corpus.record import Record
from radtex.corpus.tables import Columns, Table

OTHER = "row names another patient"
SEVERAL = "rows name several patients"
SHARED = "key stands for more than one patient"


@dataclass(frozen=True)
class OwnRows:
    """For each record its rows, or why none of its rows is taken."""

    rows: Sequence[Sequence[int]]
    """The numbers of the rows that speak for it."""
    refusals: Sequence[str]
    """Why no row does although some have its key; else ""."""
    named: int
    """Images whose patient is known and whose rows name one."""


def own_rows(
    records: Sequence[Record], table: Table, columns: Columns, match: Match, known: Known
) -> OwnRows:
    """Leave out rows that name another patient than the image does.

    A row without a patient speaks for no image if its images are of several patients. Where the
    image states no patient, its rows must name one at most. A patient that the source made up from
    the image's own name is not compared.

    Args:
        records: the images.
        table: the table.
        columns: which of its columns names the patient.
        match: the rows of each image.
        known: how the images spell their patients.
    """
    names = cells(table, columns.patient_id) if columns.patient_id else [""] * len(table.rows)
    patients: dict[int, set[str]] = defaultdict(set)
    for record, rows in zip(records, match.rows, strict=True):
        for row in rows if record.patient_id else ():
            patients[row].add(record.patient_id)
    named = 0
    kept: list[Sequence[int]] = []
    refusals = []
    for record, rows in zip(records, match.rows, strict=True):
        own = rows
        refusal = ""
        stated = bool(record.patient_id) and not _is_made_up(record)
        if stated:
            own = [
                r for r in rows if not names[r] or known.same_patient(names[r], record.patient_id)
            ]
            named += any(names[row] for row in rows)
            refusal = OTHER if rows and not own else ""
        elif not record.patient_id and len({unpadded(names[row]) for row in rows} - {""}) > 1:
            own, refusal = (), SEVERAL
        if any(len(patients[row]) > 1 and not (names[row] and stated) for row in own):
            own, refusal = (), SHARED
        kept.append(own)
        refusals.append(refusal)
    return OwnRows(kept, refusals, named)


def _is_made_up(record: Record) -> bool:
    return record.patient_id in (record.image_id, record.source_path)
