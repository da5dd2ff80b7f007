"""Roles of columns."""

from radtex.corpus.tables import Columns


def test_text_without_sections_goes_to_the_findings():
    columns = Columns(findings="f", impression="i", report="r")
    assert columns.texts({"f": "", "i": "", "r": " clear "})["findings"] == "clear"
    assert columns.texts({"f": "", "i": "normal", "r": "clear"})["findings"] == ""
    assert columns.texts({"f": "", "i": "normal", "r": "clear"})["report"] == "clear"


def test_a_table_with_whole_reports_only_has_them_split():
    columns = Columns(indication="i", report="r")
    texts = columns.texts({"i": " Fall. ", "r": "HISTORY: Cough. FINDINGS: Clear."})
    assert (texts["indication"], texts["findings"]) == ("Fall.", "Clear.")
    assert columns.texts({"i": "", "r": "HISTORY: Cough."})["indication"] == "Cough."
