"""Tables of text cells, and the roles of their columns."""

import csv
import gzip
import io

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.corpus.tables import Columns, Table, read_table
from radtex.errors import CorpusError

cells = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=50)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5))
def test_a_csv_gives_back_the_cells_that_were_written(tmp_path_factory, rows):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([("a", "b"), *rows])
    file = tmp_path_factory.mktemp("csv") / "table.csv"
    file.write_bytes(buffer.getvalue().encode())
    assert read_table(file).rows == [{"a": a, "b": b} for a, b in rows]


def test_parquet_gives_the_same_text_as_csv(tmp_path):
    frame = pd.DataFrame(
        {
            "patient": [1, 2],
            "age": [63.0, None],
            "label": pd.array([1, None], dtype="Int8"),
            "abnormal": [True, False],
            "text": ["clear", None],
        }
    )
    frame.to_parquet(tmp_path / "table.parquet")
    assert read_table(tmp_path / "table.parquet").rows == [
        {"patient": "1", "age": "63", "label": "1", "abnormal": "1", "text": "clear"},
        {"patient": "2", "age": "", "label": "", "abnormal": "0", "text": ""},
    ]


def test_trailing_commas_and_a_byte_order_mark_are_no_cells(tmp_path):
    file = tmp_path / "table.csv"
    file.write_bytes(b"\xef\xbb\xbfa,b,\n1,2,\n3,4\n\n")
    table = read_table(file)
    assert table.header == ("a", "b")
    assert table.rows == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_rows_with_more_or_fewer_fields_are_rejected_by_their_line(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("a,b\n1\n1,2\n1,2,3\n")
    table = read_table(file)
    assert table.rows == [{"a": "1", "b": "2"}]
    assert [rejection.row for rejection in table.rejections] == ["line 2", "line 4"]


def test_text_in_another_encoding_is_refused_with_a_suggestion(tmp_path):
    file = tmp_path / "table.csv"
    file.write_bytes("a\népanchement\n".encode("latin-1"))
    with pytest.raises(
        CorpusError, match=r"is not utf-8 text \(after line 0\).*--encoding latin-1"
    ):
        read_table(file)
    assert read_table(file, "latin-1").rows == [{"a": "épanchement"}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", "is empty"),
        ("t.csv", b"a,b,a\n", "names columns twice: a"),
        ("t.csv", b'a\n"' + b"x" * 200_000, "is no CSV near line"),
        ("t.parquet", b"PAR1", "is no Parquet table"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, content, message):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        read_table(file)


def test_a_missing_file_and_an_unknown_encoding_are_refused(tmp_path):
    with pytest.raises(CorpusError, match="is no file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "t.csv").write_text("a\n")
    with pytest.raises(CorpusError, match="unknown encoding 'utf-9'"):
        read_table(tmp_path / "t.csv", "utf-9")


def table_of(tmp_path, *header: str) -> Table:
    return Table(tmp_path / "t.csv", header, [])


def test_columns_are_guessed_in_any_spelling(tmp_path):
    header = ("Image Path", "PatientID", "ViewPosition", "Patient Age", "GENDER", "Text")
    assert table_of(tmp_path, *header).guess_columns(Columns()).named == {
        "image": "Image Path",
        "patient_id": "PatientID",
        "view": "ViewPosition",
        "age": "Patient Age",
        "sex": "GENDER",
        "report": "Text",
    }


def test_a_given_column_goes_before_a_guess_and_must_exist(tmp_path):
    table = table_of(tmp_path, "image", "patient_id", "mrn")
    assert table.guess_columns(Columns(patient_id="mrn")).patient_id == "mrn"
    with pytest.raises(CorpusError, match="no column who; its columns are: image, patient_id, mrn"):
        table.guess_columns(Columns(patient_id="who"))


def test_text_without_sections_goes_to_the_findings():
    columns = Columns(findings="f", impression="i", report="r")
    assert columns.texts({"f": "", "i": "", "r": " clear "})["findings"] == "clear"
    assert columns.texts({"f": "", "i": "normal", "r": "clear"})["findings"] == ""
    assert columns.texts({"f": "", "i": "normal", "r": "clear"})["report"] == "clear"


def test_a_packed_table_reads_as_the_plain_one(tmp_path):
    (tmp_path / "t.csv").write_bytes('\ufeff"a, b",c\n1,"é\n2"\n'.encode())
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((tmp_path / "t.csv").read_bytes()))
    table = read_table(tmp_path / "t.csv.gz")
    assert table.rows == read_table(tmp_path / "t.csv").rows == [{"a, b": "1", "c": "é\n2"}]


def test_packed_tables_that_are_damaged_or_bombs_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "t.csv.gz"
    packed = gzip.compress(b"a\n" + b"1\n" * 10_000)
    for damaged in (b"a\n1\n", packed[:-20], packed[:15] + b"\xff" * 8 + packed[23:]):
        file.write_bytes(damaged)
        with pytest.raises(CorpusError, match="is damaged or no gzip file"):
            read_table(file)
    file.write_bytes(packed)
    assert len(read_table(file).rows) == 10_000
    monkeypatch.setattr("radtex.corpus.tables.MAX_UNPACKED", 20_001)
    with pytest.raises(CorpusError, match="unpacks to more than 20,001 bytes"):
        read_table(file)


def test_a_table_with_whole_reports_only_has_them_split():
    columns = Columns(indication="i", report="r")
    texts = columns.texts({"i": " Fall. ", "r": "HISTORY: Cough. FINDINGS: Clear."})
    assert (texts["indication"], texts["findings"]) == ("Fall.", "Clear.")
    assert columns.texts({"i": "", "r": "HISTORY: Cough."})["indication"] == "Cough."
