"""What images lack, from the rows of a table."""

from pathlib import Path

from radtex.corpus.joining.filling import fill
from radtex.corpus.joining.known import Known
from radtex.corpus.record import Record
from radtex.corpus.tables import Columns, Table

HEADER = ("patient_id", "study_id", "accession", "age", "sex", "view")


def filled(records: list[Record], *rows: tuple[str, ...], of: list[list[int]]) -> list[Record]:
    table = Table(Path("t.csv"), HEADER, [dict(zip(HEADER, row, strict=True)) for row in rows])
    columns = table.guess_columns(Columns())
    return fill(records, table, columns, of, Known(records), "labels")


def test_a_picture_gets_all_that_its_row_states():
    (picture,) = filled(
        [Record("1.png", "", "", "1.png", flags=("view not stated",))],
        ("p", "s", "7", "063Y", "female", "PA"),
        of=[[0]],
    )
    assert picture == Record(
        *("1.png", "s", "p", "1.png", "PA", 63.0, "F"),
        accession="7",
        flags=("patient id from the labels", "view from the labels"),
    )


def test_a_header_is_never_overruled():
    film = Record("1", "s", "p", "1", view="AP", age=1.0, sex="M", accession="7")
    assert filled([film], ("q", "t", "8", "63", "F", "PA"), of=[[0]]) == [film]


def test_rows_that_disagree_state_nothing():
    (picture,) = filled(
        [Record("1", "", "", "1")],
        ("p", "s", "", "63", "F", "PA"),
        ("p", "t", "", "64", "", "LATERAL"),
        of=[[0, 1]],
    )
    assert (picture.patient_id, picture.study_id, picture.age) == ("p", "", None)
    assert (picture.sex, picture.view) == ("F", "")


def test_ids_are_spelt_as_other_images_spell_them():
    film = Record("1", "1.2", "0012", "1", accession="0007")
    picture = Record("2", "", "", "2")
    _, by_patient = filled([film, picture], ("12", "", "", "", "", ""), of=[[], [0]])
    assert by_patient.patient_id == "0012"
    _, by_accession = filled([film, picture], ("", "", "7", "", "", ""), of=[[], [0]])
    assert (by_accession.patient_id, by_accession.study_id) == ("0012", "1.2")


def test_a_study_of_another_patient_is_not_shared():
    film = Record("1", "1.2", "0012", "1", accession="0007")
    _, other = filled([film, Record("2", "", "", "2")], ("77", "", "7", "", "", ""), of=[[], [0]])
    assert (other.patient_id, other.study_id) == ("77", "0007")


def test_pictures_of_one_patient_are_spelt_alike_though_one_row_lost_its_zeros():
    pictures = [Record("1", "", "", "1"), Record("2", "", "", "2")]
    rows = (("007", *[""] * 5), ("7", *[""] * 5))
    assert [p.patient_id for p in filled(pictures, *rows, of=[[0], [1]])] == ["007", "007"]


def test_an_accession_number_is_the_study_where_nothing_else_is():
    (picture,) = filled([Record("1", "", "p", "1")], ("", "", "7", "", "", ""), of=[[0]])
    assert picture.study_id == "7"
