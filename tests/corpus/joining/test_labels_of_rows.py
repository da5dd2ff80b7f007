"""Labels from the rows of a table."""

from pathlib import Path

from radtex.corpus.flow import Flow
from radtex.corpus.joining.labels_of_rows import CONTRADICTION, REPLACED, give_labels
from radtex.corpus.record import Record
from radtex.corpus.tables import Table


def given(
    own: dict[str, int | None], rows: list[int], *cells: str, flow: Flow | None = None
) -> Record:
    table = Table(Path("t.csv"), ("Edema",), [{"Edema": cell} for cell in cells])
    records = [Record("i", "s", "p", "i.png", labels=own)]
    names = [f"row {number}" for number in range(len(cells))]
    (record,) = give_labels(records, table, ["Edema"], [rows], names, flow or Flow(1))
    return record


def test_rows_of_one_image_are_merged():
    assert given({}, [0, 1, 2], "1", "", "1.0").labels == {"Edema": 1}
    assert given({}, [], "1").labels == {"Edema": None}


def test_rows_that_contradict_each_other_leave_the_label_blank():
    record = given({"Edema": 1}, [0, 1], "1", "-1")
    assert (record.labels, record.flags) == ({"Edema": None}, (CONTRADICTION, REPLACED))
    assert given({}, [0, 1], "0", "1").flags == (CONTRADICTION,)


def test_a_label_of_the_source_is_replaced_where_the_table_states_it():
    record = given({"Edema": 0, "Mass": 1}, [0], "1")
    assert (record.labels, record.flags) == ({"Edema": 1, "Mass": 1}, (REPLACED,))
    assert given({"Edema": 1}, [0], "").labels == {"Edema": 1}
    assert given({"edema": 0}, [0], "1").labels == {"edema": 1}
    assert given({"Edema": 1}, [0], "1").flags == ()


def test_a_cell_that_is_no_label_is_blank_and_counted():
    flow = Flow(1)
    assert given({}, [0], "17", "x", flow=flow).labels == {"Edema": None}
    (step,) = [step for step in flow.steps() if step["step"] == "noted"]
    assert step["reason"].startswith("labels: Edema: ")
    assert step["rows"] == 1
