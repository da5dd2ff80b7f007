"""The suffix of a file says how it is written, and every format says the same."""

import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from radtex.classifiers.prediction import Prediction
from radtex.classifiers.prediction_formats import Predictions, choose_format
from radtex.errors import OutputError
from radtex.images.films import Belonging

SHOWN = Predictions(
    ("Edema",),
    (
        Prediction("a.dcm", (0.25,), (False,), False, 1.5, "", Belonging("1.2", "p", "7"), ("a",)),
        Prediction("b.png", None, None, True, 9.0, "unlike", Belonging(), ("b",)),
    ),
)


@pytest.mark.parametrize(
    ("format", "out", "chosen"),
    [
        (None, None, "table"),
        ("json", None, "json"),
        (None, "x.csv", "csv"),
        (None, "x.JSON", "json"),
        (None, "x.xlsx", "xlsx"),
        (None, "x.txt", "table"),
        ("csv", "x.csv", "csv"),
        ("csv", "x.dat", "csv"),
    ],
)
def test_a_suffix_stands_for_a_format(format, out: str | None, chosen: str) -> None:
    assert choose_format(format, None if out is None else Path(out)) == chosen


@pytest.mark.parametrize(
    ("format", "out", "message"),
    [
        (None, "x.dat", r"expected .csv, .json, .txt, .xlsx, or --format table\|csv\|json\|xlsx"),
        (None, "x", "no suffix"),
        ("json", "x.csv", "looks like csv, and --format says json"),
        ("xlsx", None, "cannot be printed"),
    ],
)
def test_other_suffixes_are_one_line(format, out: str | None, message: str) -> None:
    with pytest.raises(OutputError, match=message):
        choose_format(format, None if out is None else Path(out))


def test_every_format_says_whose_a_file_is(tmp_path: Path) -> None:
    expected = [("a.dcm", "1.2", "p", "7"), ("b.png", "", "", "")]
    names = ["image", "study", "patient", "accession"]
    for each, row in zip(json.loads(SHOWN.text("json")), expected, strict=True):
        assert tuple(each[name] for name in names) == row
    SHOWN.write(tmp_path / "x.xlsx", "xlsx")
    assert zipfile.is_zipfile(tmp_path / "x.xlsx")
    for frame in (
        pd.read_csv(io.StringIO(SHOWN.text("csv")), dtype=str, keep_default_na=False),
        pd.read_excel(tmp_path / "x.xlsx", dtype=str, keep_default_na=False),
    ):
        assert list(map(tuple, frame[names].to_numpy())) == expected
        assert list(frame["Edema"]) == ["0.25", ""]
    table = SHOWN.text("table").splitlines()
    assert table[0].split() == ["image", "study", "patient", "accession", "Edema"]
    assert "abstains: unlike" in table[2]


def test_a_table_of_pictures_has_no_empty_columns() -> None:
    text = Predictions(("Edema",), SHOWN.predictions[1:]).text("table")
    assert text.split()[:2] == ["image", "Edema"]


def test_studies_and_urgencies_have_their_columns() -> None:
    shown = Predictions(("Edema",), SHOWN.predictions, per_study=True, worklist=True)
    first = shown.text("csv").splitlines()[0]
    assert first.startswith("image,study,patient,accession,images,answered,urgency,Edema")
    assert shown.text("table").split()[0] == "urgency"
