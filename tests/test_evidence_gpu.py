"""The script for a lent GPU, rehearsed in miniature on the CPU."""

import json
from pathlib import Path

import gpu
import pytest

MINIATURE = {
    "studies": 240,
    "size": 64,
    "backbone": "resnet10t",
    "batch_size": 8,
    "steps": 2,
    "budgets": [10],
    "repeats": 2,
}


@pytest.mark.soak
def test_four_objectives_are_trained_scored_and_compared_as_they_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu.main(out=tmp_path / "gpu", minutes=60, **MINIATURE)
    said = capsys.readouterr().out
    assert "CPU" in said.splitlines()[0]
    places = [said.index(f"] {name}: 2 steps") for name in gpu.OBJECTIVES]
    assert places == sorted(places)
    for name in (*gpu.OBJECTIVES, "all"):
        summary = json.loads((tmp_path / "gpu" / "results" / name / "summary.json").read_text())
        expected = {"random", "pixels", *gpu.OBJECTIVES} if name == "all" else {name}
        assert set(summary["mean_auc"]) == expected
    with pytest.raises(SystemExit, match="move it away"):
        gpu.main(out=tmp_path / "gpu", **MINIATURE)


def test_what_no_time_is_left_for_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu.main(out=tmp_path / "gpu", minutes=0, **MINIATURE)
    said = capsys.readouterr().out
    assert all(f"no time is left for {name}" in said for name in gpu.OBJECTIVES)
    assert "no time is left to compare" in said


def test_a_step_is_the_difference_of_two_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(gpu.time, "monotonic", lambda: clock[0])

    def train(length: int, folder: Path) -> None:
        first = folder.name == "0"
        clock[0] += 30 * first + 5 + 0.25 * length

    assert gpu.seconds_per_step(train, tmp_path) == pytest.approx(0.25)
