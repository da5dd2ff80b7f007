"""Texts from the rows of a table."""

from pathlib import Path

from radtex.corpus.flow import Flow
from radtex.corpus.joining.texts_of_rows import give_texts
from radtex.corpus.record import Record, Texts
from radtex.corpus.tables import Columns, Table


def given(rows: list[int], *texts: str) -> tuple[Record, dict[str, int]]:
    table = Table(Path("t.csv"), ("t",), [{"t": text} for text in texts])
    names = [f"row {number}" for number in range(len(texts))]
    flow = Flow(1)
    record = Record("i", "s", "p", "i.png", texts=Texts(findings="Own."))
    (record,) = give_texts([record], table, Columns(findings="t"), [rows], names, flow)
    return record, {step["reason"]: step["rows"] for step in flow.steps() if "reason" in step}


def test_the_first_row_with_a_text_gives_it_and_others_are_counted():
    again = {"reports: key appears again, its first row was taken": 1}
    assert given([1, 2], "A.", "", "C.")[0].texts.findings == "C."
    assert given([0, 2], "A.", "", "C.")[1] == again
    assert given([0, 1], "A.", "A.") == (
        Record("i", "s", "p", "i.png", texts=Texts(findings="A.")),
        {},
    )


def test_an_image_whose_rows_say_nothing_keeps_its_own_text():
    record, _ = given([0], "")
    assert (record.texts.findings, record.flags) == ("Own.", ("reports: row has no text",))
    assert given([], "A.")[0].texts.findings == "Own."
