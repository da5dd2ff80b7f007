"""The labeler against human coding, on the half of Open-i that its rules were developed on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "labeling.py"


@pytest.mark.skipif("RADTEX_DATA" not in os.environ, reason="RADTEX_DATA is not set")
def test_labels_agree_with_the_human_coding_of_openi():
    run = subprocess.run([sys.executable, BENCHMARK], capture_output=True, text=True, check=True)
    result = json.loads(run.stdout.splitlines()[-1])
    assert result["rules"]["micro_f1"][0] >= 0.92
    assert result["rules"]["macro_f1"][0] >= 0.85
    assert result["baseline"] < result["measured"]
    assert result["reports"] == 1976
