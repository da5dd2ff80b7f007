"""Names of columns are shown, contents of rows are not."""

import pytest

from radtex.corpus.tables import read_table
from radtex.corpus.tables.shown_names import shown_columns
from radtex.errors import CorpusError


@pytest.mark.parametrize(
    "header",
    [
        ["image", "patient_id", "Edema"],
        ["Pneumonia/Infiltration", "T4 N2", "Fractures, Bone", "\u00d6dem", "No. of films"],
        ["label.1", "AP/PA", "Lung Opacity (2 readers)"],
    ],
)
def test_names_are_shown(header: list[str]) -> None:
    assert shown_columns(["", *header]) == ", ".join(header)


@pytest.mark.parametrize(
    "cell",
    [
        "films/1.png",
        "C:\\films\\1.png",
        "MRN4711",
        "4711",
        "1957-03-02",
        "02.03.57",
        "Smith^John",
        "j.smith@example.org",
        "The lungs are clear. No effusion",
        "x" * 41,
        "a\nb",
        "a\x1b[2J",
    ],
)
def test_one_cell_with_contents_hides_all(cell: str) -> None:
    shown = shown_columns(["Smith", cell, "John"])
    assert shown.startswith("3 that look like a row (a text of 5 characters, a ")
    assert "Smith" not in shown
    assert cell not in shown


def test_a_text_of_a_megabyte_costs_no_time() -> None:
    for cell in ("a" * 2**20, "1a" * 2**19, "/" * 2**20, "a. " * 2**18):
        assert "1 that look like a row" in shown_columns([cell])


def test_no_error_about_columns_shows_a_row(tmp_path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("films/1.png,Smith,Smith\n")
    with pytest.raises(CorpusError, match="twice: 1 of 3") as error:
        read_table(file)
    assert "Smith" not in str(error.value)
    file.write_text("films/1.png,Smith,7\n")
    with pytest.raises(CorpusError, match="its columns are: 3 that look like a row") as error:
        read_table(file).require(["image"])
    assert "Smith" not in str(error.value)
