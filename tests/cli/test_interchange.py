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


def test_the_flags_of_int8_reach_it_too(
    monkeypatch: pytest.MonkeyPatch, radtex_command: Radtex
) -> None:
    made = Recorder(Path("out"))
    monkeypatch.setattr(export, "export", made)
    words = ["--to", "onnx", "--int8", "--calibrate", "corpus:pool", "--out", "out"]
    assert radtex_command("export", "run", *words).status == 0
    assert made.calls[0][1] == {"int8": True, "calibrate": "corpus:pool"}
