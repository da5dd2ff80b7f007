"""Promises about the code itself: where a thing lies, how large it is, what it is called."""

from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "radtex"
FILES = sorted(SOURCE.rglob("*.py"))
MOST_LINES, MOST_MODULES = 400, 20


def short(file: Path) -> str:
    return file.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("file", FILES, ids=short)
def test_a_file_fits_in_the_head(file: Path) -> None:
    lines = len(file.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{lines} lines; split it by concept, {MOST_LINES} are the most"


def test_a_folder_can_be_seen_at_a_glance() -> None:
    modules = Counter(file.parent for file in FILES if file.name != "__init__.py")
    full = {short(folder): count for folder, count in modules.items() if count > MOST_MODULES}
    assert not full, f"folders of more than {MOST_MODULES} modules, make subfolders: {full}"


def test_nothing_is_unpickled_or_evaluated() -> None:
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert "import pickle" not in text, short(file)
        assert "eval(" not in text.replace(".eval(", ""), short(file)
        assert text.count("torch.load(") == text.count("weights_only=True"), short(file)
