"""Inputs that must be there."""

from pathlib import Path

import pytest

from radtex.errors import CorpusError
from radtex.inputs import require_input


def test_what_is_there_is_taken_and_what_is_not_is_named(tmp_path: Path) -> None:
    require_input(tmp_path, CorpusError, "a folder")
    with pytest.raises(CorpusError, match=r"nowhere does not exist; expected a table$"):
        require_input(tmp_path / "nowhere", CorpusError, "a table")
