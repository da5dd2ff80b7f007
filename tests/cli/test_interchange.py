from pathlib import Path

import pytest

from fixtures.commands import Radtex, Recorder
from radtex.interchange import export


def test_the_flags_of_export_reach_its_function(
    monkeypatch: pytest.MonkeyPatch, radtex_command: Radtex
) -> None:
    made = Recorder(Path("out"))
    monkeypatch.setattr(export, "export", made)
    ended = radtex_command("export", "run", "--to", "timm", "--out", "out")
    assert ended == (0, "out\n", "")
    assert made.calls == [((Path("run"), "timm", Path("out")), {})]
