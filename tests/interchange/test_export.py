"""Exports of every format: whole or not at all, and nothing of patients in them."""

from pathlib import Path

import pytest

from radtex.errors import OutputError, ProtocolError, RunError
from radtex.interchange.export import FORMATS, export


def test_a_folder_that_is_there_is_refused(writing_run: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="already exists"):
        export(writing_run, "timm", tmp_path)


def test_an_unknown_format_is_refused(writing_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=f"expected {', '.join(FORMATS)}"):
        export(writing_run, "tflite", tmp_path / "out")  # type: ignore[arg-type]


@pytest.mark.parametrize("to", FORMATS)
def test_nothing_is_left_of_an_export_that_fails(to, kept: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError):
        export(kept / "corpus", to, tmp_path / "out")
    assert not any(tmp_path.iterdir())
