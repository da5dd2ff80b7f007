"""Rows that may speak for an image."""

from pathlib import Path

from radtex.corpus.joining.known import Known
from radtex.corpus.joining.matching import Match
from radtex.corpus.joining.own_rows import OTHER, SEVERAL, SHARED, OwnRows, own_rows
from radtex.corpus.record import Record
from radtex.corpus.tables import Columns, Table


def owned(patients: list[str], names: list[str], rows: list[list[int]]) -> OwnRows:
    records = [Record(f"i{n}", "s", patient, f"{n}.png") for n, patient in enumerate(patients)]
    table = Table(Path("t.csv"), ("who",), [{"who": name} for name in names])
    columns = Columns(patient_id="who")
    return own_rows(records, table, columns, Match(rows, ()), Known(records))


def test_a_row_that_names_another_patient_speaks_for_no_image():
    own = owned(["0001", "0002"], ["9", "2"], [[0], [1]])
    assert own.rows == [[], [1]]
    assert own.refusals == [OTHER, ""]
    assert own.named == 2


def test_rows_of_two_patients_with_one_key_speak_each_for_its_own():
    own = owned(["a", "b"], ["b", "a"], [[0, 1], [0, 1]])
    assert own.rows == [[1], [0]]


def test_a_row_without_a_patient_speaks_for_no_image_of_several():
    own = owned(["a", "b"], [""], [[0], [0]])
    assert own.refusals == [SHARED, SHARED]
    assert owned(["a", "a"], ["unknown"], [[0], [0]]).refusals == ["", ""]


def test_an_image_without_a_patient_takes_rows_that_name_one():
    assert owned([""], ["a", "a", ""], [[0, 1, 2]]).rows == [[0, 1, 2]]
    assert owned([""], ["a", "b"], [[0, 1]]).refusals == [SEVERAL]


def test_a_patient_made_up_from_the_image_is_not_compared():
    assert owned(["0.png"], ["a"], [[0]]).refusals == [""]
