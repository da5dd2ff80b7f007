"""Roles of columns."""

from radtex.corpus.tables import Columns
from radtex.corpus.tables.columns import plain_name


def test_text_without_sections_goes_to_the_findings():
    columns = Columns(findings="f", impression="i", report="r")
    assert columns.texts({"f": "", "i": "", "r": " clear "}).findings == "clear"
    assert columns.texts({"f": "", "i": "normal", "r": "clear"}).findings == ""
    assert columns.texts({"f": "", "i": "normal", "r": "clear"}).report == "clear"


def test_a_table_with_whole_reports_only_has_them_split():
    columns = Columns(indication="i", report="r")
    texts = columns.texts({"i": " Fall. ", "r": "HISTORY: Cough. FINDINGS: Clear."})
    assert (texts.indication, texts.findings) == ("Fall.", "Clear.")
    assert columns.texts({"i": "", "r": "HISTORY: Cough."}).indication == "Cough."


def test_a_report_beside_a_column_of_impressions_gives_the_findings():
    columns = Columns(impression="i", report="r")
    texts = columns.texts({"i": "Normal.", "r": "HISTORY: Cough. FINDINGS: Clear."})
    assert (texts.findings, texts.impression) == ("Clear.", "Normal.")


def test_an_addendum_of_a_report_ends_the_texts_beside_it_unless_they_hold_it():
    columns = Columns(findings="f", impression="i", report="r")
    report = "FINDINGS: Clear.\nIMPRESSION: Normal.\n\nADDENDUM: Small pneumothorax."
    texts = columns.texts({"f": "Clear.", "i": "Normal.", "r": report})
    assert texts.impression == "Normal.\n\nADDENDUM: Small pneumothorax."
    again = columns.texts({"f": "Clear.", "i": texts.impression, "r": report})
    assert again.impression == texts.impression
    assert columns.texts({"f": "Clear.", "i": "", "r": report}).findings == (
        "Clear.\n\nADDENDUM: Small pneumothorax."
    )
    beside = Columns(impression="i", report="r").texts({"i": "Normal.", "r": report})
    assert (beside.findings, beside.impression) == ("Clear.", texts.impression)


def test_columns_within_a_header_are_those_that_the_table_has():
    assert Columns(image="a", report="b").within(("b", "c")) == Columns(report="b")


def test_cells_that_state_nothing_hide_no_report():
    columns = Columns(findings="f", impression="i", report="r")
    texts = columns.texts({"f": "nan", "i": "NULL", "r": "FINDINGS: Large effusion."})
    assert texts.findings == "Large effusion."
    assert columns.texts({"f": "N/A", "i": "-", "r": "."}).report == ""


def test_names_of_columns_are_compared_without_case_accents_and_signs():
    assert plain_name("Proyección ") == plain_name("PROYECCION") == "proyeccion"
    assert plain_name("Patient_ID") == plain_name("patient id") == "patientid"
