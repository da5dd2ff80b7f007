from importlib import import_module
from pathlib import Path

import pytest
from PIL import Image

from radtex.errors import OutputError

demo = import_module("radtex.demo")
"""The module: `radtex.demo` is the function."""


def test_the_demo_in_miniature(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(demo, "STUDIES", 400)
    monkeypatch.setattr(demo, "BUDGETS", (20, 40))
    monkeypatch.setattr(demo, "REPEATS", 2)
    monkeypatch.setattr(demo, "TARGETS", ("Cardiomegaly", "Pleural Effusion"))
    monkeypatch.setattr(demo, "STEPS", 2)
    monkeypatch.setattr(demo, "TRAINING", {"batch_size": 16, "backbone": "resnet10t"})
    demo.demo(out=tmp_path / "demo")
    printed = capsys.readouterr().out
    assert "SEEN" in printed
    assert "UNSEEN" in printed
    assert "Its own report" in printed
    assert "the first film of the test with a finding that it misses" in printed
    assert "Not named: " in printed
    assert (tmp_path / "demo" / "missed.png").is_file()
    with Image.open(tmp_path / "demo" / "explained.png") as picture:
        assert picture.format == "PNG"
    for scenario in ("seen", "unseen"):
        text = (tmp_path / "demo" / scenario / "summary.json").read_text()
        assert all(f'"{name}"' in text for name in ("random", "supervised", "radtex"))
    with pytest.raises(OutputError, match="finished demonstration"):
        demo.demo(out=tmp_path / "demo")
