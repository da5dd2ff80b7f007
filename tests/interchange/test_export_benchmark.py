"""The benchmark of exports says what was asked, of answers that are equal."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "export.py"


@pytest.mark.soak
def test_the_last_line_compares_the_three_ways() -> None:
    options = ["--backbone", "test_resnet", "--size", "64", "--batch", "2", "--rounds", "1"]
    run = subprocess.run(
        [sys.executable, BENCHMARK, *options], capture_output=True, text=True, check=True
    )
    told = json.loads(run.stdout.splitlines()[-1])
    assert (told["name"], told["unit"], told["threads"]) == ("export", "images/s", 1)
    assert told["largest_difference"] < 1e-4
    assert min(told["baseline"], told["measured"], told["int8"]) > 0
    assert set(told["ms_of_one_film"]) == {"torch", "floats", "int8"}
