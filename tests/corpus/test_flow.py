"""The cohort flow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.flow import EXAMPLES, Flow, flow_table
from radtex.errors import CorpusError


@given(st.lists(st.sampled_from(["kept", "lateral", "damaged", "odd"]), max_size=80))
def test_every_row_in_is_kept_or_dropped_for_one_reason(fates):
    flow = Flow(len(fates))
    for number, fate in enumerate(fates):
        if fate == "lateral":
            flow.drop(f"i{number}", fate)
        elif fate == "damaged":
            flow.reject(f"i{number}", fate)
        elif fate == "odd":
            flow.note(f"i{number}", fate)
    steps = flow.steps()
    rows = {step.get("reason", step["step"]): step["rows"] for step in steps}
    dropped = sum(step["rows"] for step in steps if step["step"] == "dropped")
    assert rows["in"] == len(fates)
    assert rows["in"] == rows["kept"] + dropped
    assert rows["kept"] == flow.kept == fates.count("kept") + fates.count("odd")
    for fate in set(fates) - {"kept"}:
        assert rows[fate] == fates.count(fate)


def test_examples_are_the_first_rows_and_limited():
    flow = Flow(100)
    for number in range(50):
        flow.drop(f"i{number}", "lateral")
    assert flow.steps()[1]["examples"] == [f"i{number}" for number in range(EXAMPLES)]
    assert "50  dropped: lateral (i0, i1)" in flow_table(flow.steps())


def test_a_note_has_its_share_of_the_rows_that_are_kept():
    flow = Flow(5)
    flow.drop("i0", "lateral")
    flow.note("i1", "report not understood")
    assert "1  noted: report not understood, 25.0% (i1)" in flow_table(flow.steps())


def test_a_strict_flow_refuses_what_is_wrong_but_not_what_is_unwanted():
    flow = Flow(9, strict=True)
    flow.drop("i1", "lateral")
    flow.note("i2", "no report")
    with pytest.raises(CorpusError, match="i3: damaged; mend the row"):
        flow.reject("i3", "damaged")
    with pytest.raises(CorpusError, match="i4: key appears again"):
        flow.warn("i4", "key appears again")


def test_an_empty_cohort_is_refused_with_its_main_reason():
    flow = Flow(3)
    flow.drop("i1", "lateral")
    flow.refuse_empty()
    flow.reject("i2", "damaged")
    flow.reject("i3", "damaged")
    with pytest.raises(CorpusError, match=r"main reason: damaged \(2 rows, such as i2\)"):
        flow.refuse_empty()
    with pytest.raises(CorpusError, match="the source has none"):
        Flow(0).refuse_empty()


def test_names_that_would_steer_a_terminal_are_printed_escaped():
    flow = Flow(2)
    flow.drop("a\x1b[31m\0", "odd")
    flow.drop("Müller 1", "odd")
    assert flow_table(flow.steps()).splitlines()[1].endswith(r"(a\u001b[31m\u0000, Müller 1)")


def test_a_strict_flow_refuses_what_is_counted_elsewhere():
    Flow(1).refuse_if_strict("i1", "row is odd")
    with pytest.raises(CorpusError, match="i1: row is odd; mend the row, or build without"):
        Flow(1, strict=True).refuse_if_strict("i1", "row is odd")


def test_rows_of_a_table_have_no_share_of_the_images():
    flow = Flow(2)
    flow.note("i1", "odd")
    flow.note("7", "reports: row matches no image", of_table=True)
    assert flow.steps()[-1]["of"] == "table"
    assert flow_table(flow.steps()).splitlines()[2:] == [
        "        1  noted: odd, 50.0% (i1)",
        "        1  noted: reports: row matches no image (7)",
    ]


def test_names_are_not_shown_where_places_are_known():
    places = {"MRN1.png": "row 1", "MRN2.png": "line 7"}
    flow = Flow(4, places=places)
    for name in ("MRN2.png", "line 9", "MRN1.png", "MRN3.png"):
        flow.reject(name, "damaged")
    assert flow.steps()[1] == {
        "step": "dropped",
        "reason": "damaged",
        "rows": 4,
        "examples": ["line 7", "line 9", "row 1"],
    }
    assert flow.named() == ["damaged: MRN2.png, line 9, MRN1.png, MRN3.png"]
    with pytest.raises(CorpusError, match=r"damaged \(4 rows, such as line 7\)"):
        flow.refuse_empty()
    for name, shown in (("MRN1.png", "row 1"), ("MRN3.png", "a row"), ("row 3", "row 3")):
        with pytest.raises(CorpusError, match=f"^{shown}: damaged; mend"):
            Flow(4, strict=True, places=places).reject(name, "damaged")
    with pytest.raises(CorpusError, match=r"^MRN1\.png: damaged; mend"):
        Flow(4, strict=True, places=places, show_names=True).reject("MRN1.png", "damaged")
