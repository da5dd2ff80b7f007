"""Which rows belong to which image."""

from pathlib import Path

import pytest

from radtex.corpus.joining.matching import Match, keys_of, match_rows, nothing_matches
from radtex.corpus.record import Record
from radtex.corpus.tables import Columns, Table
from radtex.errors import CorpusError


def film(number: int, **fields: str) -> Record:
    ids = {"image_id": f"i{number}", "study_id": f"s{number}", "patient_id": f"p{number}"}
    return Record(**(ids | {"source_path": f"films/{number}.dcm"} | fields))


def picture(name: str) -> Record:
    return Record(name, "", "", name)


def matched(
    records: list[Record], header: str, *rows: str, named: Columns | None = None
) -> tuple[list[list[int]], list[str]]:
    names = header.split(",")
    cells = [dict(zip(names, row.split(","), strict=True)) for row in rows]
    table = Table(Path("t.csv"), tuple(names), cells)
    named = named or Columns()
    keys = keys_of(table, table.guess_columns(named), named)
    pictures = {n for n, record in enumerate(records) if not record.study_id}
    match = match_rows(records, table, keys, pictures, Match([()] * len(records), ()))
    return [list(rows) for rows in match.rows], [str(use) for use in match.uses]


def test_several_images_of_a_study_share_its_rows():
    films = [film(1, accession="7"), film(2, accession="7"), film(3, accession="8")]
    rows, uses = matched(films, "accession_number", "7", "9", "7")
    assert rows == [[0, 2], [0, 2], []]
    assert uses == ["by accession number (column accession_number)"]


@pytest.mark.parametrize(
    "column", ["Accession #", "Auftragsnummer", "exam number", "AccNo", "ACC_NUM", "Order No."]
)
def test_an_accession_number_has_many_names(column):
    assert matched([film(1, accession="7")], column, "7")[0] == [[0]]


@pytest.mark.parametrize(
    ("column", "key"),
    [("SOPInstanceUID", "i1"), ("StudyInstanceUID", "s1"), ("sop_uid", "i1"), ("study_uid", "s1")],
)
def test_uids_of_images_and_studies_are_keys(column, key):
    assert matched([film(1)], column, key)[0] == [[0]]


def test_a_few_ids_that_are_equal_by_chance_decide_nothing():
    films = [film(number, image_id=str(number), accession=f"A{number}") for number in range(40)]
    rows = [f"{number + 39},A{number}" for number in range(40)]
    found, uses = matched(films, "image_id,accession", *rows)
    assert found == [[number] for number in range(40)]
    assert uses == ["by accession number (column accession)"]


def test_images_that_one_column_leaves_are_joined_by_another():
    records = [film(1, accession="7"), picture("a/x.png"), picture("a/y.png")]
    rows, uses = matched(records, "accession,path", "7,", r",a\x.png", "9,a/z.png")
    assert rows == [[0], [1], []]
    assert uses == ["by path (column path)", "by accession number (column accession)"]


def test_pictures_that_are_named_by_study_are_joined_by_their_name_or_folder():
    records = [picture("a/0012.png"), picture("a/9.png")]
    assert matched(records, "accession", "12")[0] == [[0], []]
    records = [picture("a/A1/1.png"), picture("a/A1/2.png"), picture("a/A2/1.png")]
    rows, uses = matched(records, "accession", "A2", "A1")
    assert rows == [[1], [1], [0]]
    assert uses == ["by folder (column accession)"]


def test_a_folder_name_that_stands_twice_joins_nothing():
    records = [picture("a/1/x.png"), picture("b/1/y.png"), picture("b/2/z.png")]
    assert matched(records, "accession", "1", "2")[0] == [[], [], [1]]


def test_a_film_is_not_joined_by_the_name_of_its_file_to_a_study():
    assert matched([film(1)], "accession", "1")[0] == [[]]


def test_other_columns_join_what_has_no_id_for_the_one_that_is_named():
    records = [film(1, accession="7"), picture("a.png"), film(3, accession="")]
    rows, uses = matched(
        records, "path,order", "a.png,9", "films/1.dcm,8", ",7", "films/3.dcm,3",
        named=Columns(accession="order"),
    )  # fmt: skip
    assert rows == [[2], [0], [3]]
    assert uses == ["by accession number (column order)", "by path (column path)"]


def test_no_other_column_contradicts_one_that_is_named():
    records = [film(1, accession="7")]
    named = Columns(accession="order")
    assert matched(records, "study_id,order", "s1,8", named=named)[0] == [[]]
    assert matched(records, "study_id,order", "s2,7", named=named)[0] == [[0]]


def test_a_row_joined_to_one_film_speaks_for_its_study_where_the_rest_has_no_row():
    films = [film(1), film(2, study_id="s1"), film(3, study_id="s1")]
    rows, uses = matched(films, "image_id,study_id", "i1,s1", "i3,s1")
    assert rows == [[0], [0, 1], [1]]
    assert uses == ["by image id (column image_id)", "by study id (column study_id)"]


def test_a_row_whose_image_and_study_contradict_each_other_speaks_for_its_image_alone():
    assert matched([film(1), film(2)], "image_id,study_id", "i1,s2")[0] == [[0], []]


def refusal(column: str, *cells: str) -> str:
    table = Table(Path("t.csv"), (column,), [{column: cell} for cell in cells])
    films = [film(1, accession="0012"), film(2, accession="12")]
    return nothing_matches(films, table, keys_of(table, table.guess_columns(Columns()), Columns()))


def test_a_table_that_matches_nothing_is_told_why():
    assert "its accession was compared with the accession of the images (7 with 0012)" in refusal(
        "accession", "7", "8"
    )
    assert "a spreadsheet rounded, such as 1.23457E+11" in refusal("accession", "1.23457E+11")
    assert "ids that differ in leading zeros alone: 12" in refusal("accession", "12")


def test_a_table_without_a_key_is_answered_with_its_columns():
    table = Table(Path("t.csv"), ("case", "text"), [])
    with pytest.raises(CorpusError, match="--accession-column NAME; its columns are: case, text"):
        keys_of(table, Columns(), Columns())
