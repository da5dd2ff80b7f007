"""Promises about the code itself."""

from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "radtex"
FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SOURCE)))
def test_a_file_fits_in_the_head(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= (120 if file.parent.name == "sources" else 400)


def test_nothing_is_unpickled_or_evaluated() -> None:
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert "import pickle" not in text
        assert "eval(" not in text.replace(".eval(", "")
        assert text.count("torch.load(") == text.count("weights_only=True")
