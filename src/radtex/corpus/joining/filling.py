"""What an image lacks, such as the patient of a picture, from its rows in a table."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from radtex.corpus import normalise
from radtex.corpus.joining.known import Known
from radtex.corpus.joining.matching import cells
from radtex.corpus.record import Record
from radtex.corpus.tables import Columns, Table

_UNKNOWN_VIEW = "view not stated"


def fill(
    records: Sequence[Record],
    table: Table,
    columns: Columns,
    rows: Sequence[Sequence[int]],
    known: Known,
    kind: str,
) -> list[Record]:
    """Complete patient, study, accession number, age, sex and view where an image states none.

    Nothing that an image states is changed, and rows that disagree state nothing. An id is spelt
    as other images spell it, leading zeros included. An accession number that other images state
    brings their study, and their patient.

    Args:
        records: the images.
        table: the table.
        columns: which of its columns plays which role.
        rows: the numbers of the rows of each image.
        known: patients and studies so far; what is filled is added.
        kind: what the table holds, for the flags.
    """
    patients, studies, accessions, views, ages, sexes = (
        cells(table, column) if column else []
        for column in (
            columns.patient_id,
            columns.study_id,
            columns.accession,
            columns.view,
            columns.age,
            columns.sex,
        )
    )
    filled = []
    for record, own in zip(records, rows, strict=True):
        if not own or _is_whole(record):
            filled.append(record)
            continue
        accession = record.accession or _agreed(accessions, own, known.accession)
        own_patient = record.patient_id or _agreed(patients, own, known.patient)
        study, patient = known.of_accession(accession) if accession else ("", "")
        if own_patient and patient and not known.same_patient(own_patient, patient):
            study = ""
        new = replace(
            record,
            accession=accession,
            study_id=record.study_id or _agreed(studies, own, known.study) or study or accession,
            patient_id=own_patient or patient,
            age=_agreed(ages, own, normalise.age) if record.age is None else record.age,
            sex=record.sex or _agreed(sexes, own, normalise.sex),
            view=record.view or _agreed(views, own, normalise.view),
        )
        flags = [flag for flag in record.flags if flag != _UNKNOWN_VIEW or not new.view]
        flags += [f"patient id from the {kind}"] * (new.patient_id != record.patient_id)
        flags += [f"view from the {kind}"] * (new.view != record.view)
        new = replace(new, flags=tuple(flags))
        known.add(new)
        filled.append(new)
    return filled


def _is_whole(record: Record) -> bool:
    ids = record.patient_id and record.study_id and record.accession
    return bool(ids and record.view and record.sex and record.age is not None)


def _agreed(column: Sequence[str], rows: Sequence[int], parse: Callable[[str], Any]) -> Any:
    """Return what the rows state; the unknown value where none states any, or they differ."""
    parsed = [parse(column[row]) for row in rows if column and column[row]]
    stated = {value for value in parsed if value not in (None, "")}
    return stated.pop() if len(stated) == 1 else parse("")
