"""Cells that a spreadsheet would run as a formula are shielded, and read back as they were."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import radtex
from radtex.corpus.tables import read_table
from radtex.spreadsheet_cells import shielded, shielded_table, unshielded

ROOT = Path(radtex.__file__).parent


@pytest.mark.parametrize("text", ["=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert shielded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-0.5", "+3", "-1e-05", "-inf", "Edema", "", "a=b", "'quoted'"])
def test_numbers_and_plain_text_stay(text: str) -> None:
    assert shielded(text) == text


@given(st.text("'=+-@\t1.e ab"))
def test_every_text_is_read_back(text: str) -> None:
    assert unshielded(shielded(text)) == text


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_table_is_read_back_as_it_was(tmp_path: Path, suffix: str) -> None:
    cells = ["=1+1", "-", "'=x", "''@", "plain", "-0.25"]
    table = pd.DataFrame({"image_id": cells, "=label": np.linspace(-1, 1, 6)})
    path = tmp_path / f"table.{suffix}"
    if suffix == "csv":
        shielded_table(table).to_csv(path, index=False)
        assert b"\n-," not in path.read_bytes()
        assert path.read_bytes().count(b"'") > cells.count("'")
    else:
        shielded_table(table).to_excel(path, index=False)
    read = read_table(path)
    assert read.header == ("image_id", "=label")
    assert [row["image_id"] for row in read.rows] == cells
    assert [float(row["=label"]) for row in read.rows] == pytest.approx(table["=label"].tolist())


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda f: str(f.relative_to(ROOT)))
def test_no_table_is_written_unless_shielded(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            line = ast.get_source_segment(source, call) or ""
            if call.func.attr in ("to_csv", "to_excel"):
                assert "shielded_table(" in line or line.startswith("table.to_csv("), line
            if call.func.attr in ("writerow", "writerows"):
                assert "shielded" in line, line
