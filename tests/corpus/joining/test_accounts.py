"""What became of the rows of a joined table."""

from pathlib import Path

from radtex.corpus.flow import Flow
from radtex.corpus.joining.accounts import count_rows, patient_warnings, row_names, summary_line
from radtex.corpus.joining.joinable import JoinedTable
from radtex.corpus.joining.matching import Match, match_rows
from radtex.corpus.joining.own_rows import OTHER, OwnRows
from radtex.corpus.record import Record
from radtex.corpus.tables import Columns, Table

FILMS = [Record(f"i{key}", f"s{key}", "p", f"{key}.png", accession=key) for key in ("07", "8", "9")]


def accounted(*keys: str) -> tuple[JoinedTable, Match, list[str], dict[str, int]]:
    rows = [{"accession": key, "report": "Clear."} for key in keys]
    joined = JoinedTable.of_reports(Table(Path("r.csv"), tuple(rows[0]), rows), Columns())
    match = match_rows(FILMS, joined.table, joined.keys, (), Match([()] * len(FILMS), ()))
    names, flow = row_names(joined), Flow(3)
    count_rows(joined, match, names, flow)
    return joined, match, names, {s["reason"]: s["rows"] for s in flow.steps() if "reason" in s}


def test_rows_are_counted_by_what_became_of_them():
    *_, names, counts = accounted("8", "", "77", "1.23457E+11", "007", "7")
    assert names == [f"line {number}" for number in range(2, 8)]
    assert counts == {
        "reports: key is empty": 1,
        "reports: row matches no image": 1,
        "reports: key was rounded by a spreadsheet": 1,
        "reports: key is one of ids that differ in leading zeros alone": 2,
    }


def test_a_key_that_is_joined_but_for_a_difference_is_counted_once():
    *_, counts = accounted("7", "7", "8")
    assert counts == {
        "reports: key joined but for leading zeros or decimals, as spreadsheets change them": 1
    }


def test_the_summary_says_how_many_by_what():
    joined, match, *_ = accounted("7", "8", "77")
    assert summary_line(joined, match) == (
        "2 of 3 images by accession number (column accession); 1 row matches no image"
    )
    refused = OwnRows([[0], [], []], ["", OTHER, ""], 2)
    assert summary_line(joined, match, refused) == (
        "2 of 3 images by accession number (column accession); NOT TAKEN for 1 of them "
        "(row names another patient for 1); 1 row matches no image"
    )
    joined, match, *_ = accounted("7", "8", "77", "78")
    assert summary_line(joined, match).endswith("; 2 rows match no image")
    joined, match, *_ = accounted("8")
    assert summary_line(joined, match).endswith("; every row matches an image")


def test_most_rows_of_other_patients_are_one_warning():
    joined, *_ = accounted("8")
    few = OwnRows([[], [0], [0]], [OTHER, "", ""], 3)
    assert patient_warnings(joined, few) == []
    (warning,) = patient_warnings(joined, OwnRows([[], []], [OTHER, OTHER], 2))
    assert warning.startswith("reports: every row that names a patient (for 2 of 2 images) names A")
