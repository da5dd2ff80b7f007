"""Lines of metrics, their copies and their length."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from radtex.errors import OutputError
from radtex.pretraining.loop.checkpoint import Progress
from radtex.pretraining.watching.loggers import Logger
from radtex.pretraining.watching.metrics_file import MetricsFile

ENTRIES = [{"step": 1, "loss": 2.5}, {"step": 2, "loss": 0.1, "skipped": True}]


class Copy(Logger):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.entries: list[Mapping[str, float]] = []

    def write(self, entry: Mapping[str, float]) -> None:
        self.entries.append(entry)

    def close(self) -> None: ...


def test_lines_are_added_and_copied_and_their_length_is_known(tmp_path: Path) -> None:
    file, copy = tmp_path / "metrics.jsonl", Copy()
    metrics = MetricsFile(file, [copy], writes=True)
    progress = Progress(step=7)
    for entry in ENTRIES:
        progress = metrics.add(progress, entry)
        assert progress == Progress(step=7, metrics_bytes=file.stat().st_size)
    assert [json.loads(line) for line in file.read_text().splitlines()] == ENTRIES
    assert copy.entries == ENTRIES


def test_a_process_that_does_not_write_counts_along(tmp_path: Path) -> None:
    written = MetricsFile(tmp_path / "a", [], writes=True).add(Progress(), ENTRIES[0])
    assert MetricsFile(tmp_path / "b", [], writes=False).add(Progress(), ENTRIES[0]) == written
    assert not (tmp_path / "b").exists()


def test_a_full_disk_is_said_in_one_line() -> None:
    with pytest.raises(OutputError) as caught:
        MetricsFile(Path("/dev/full"), [], writes=True).add(Progress(), ENTRIES[0])
    assert "\n" not in str(caught.value)
