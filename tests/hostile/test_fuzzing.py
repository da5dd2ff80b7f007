"""Readers of other people's bytes end with a result or their own error, on any input."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from hostile.fuzzing import TARGETS, changed, seeds

MINUTES = 10


@pytest.mark.parametrize("name", TARGETS)
def test_changed_inputs_are_read_or_refused(name: str) -> None:
    for seed in seeds(name):
        for data in changed(seed, 25):
            TARGETS[name](data)


@pytest.mark.soak
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", TARGETS)
def test_fuzzing_finds_no_crash_and_no_hang(name: str, tmp_path: Path) -> None:
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    ended = subprocess.run(
        [sys.executable, "-m", "hostile.fuzzing", name, str(60 * MINUTES)],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
        },
        capture_output=True,
        text=True,
        timeout=60 * (MINUTES + 10),
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
