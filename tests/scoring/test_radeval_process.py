"""The process that imports RadEval answers with the labels and graphs of all reports."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from radtex.findings import CHEXPERT_LABELS


@pytest.mark.usefixtures("radeval_stand_in")
def test_the_answer_holds_labels_and_graphs_of_each_system(
    radeval_weights: Path, tmp_path: Path
) -> None:
    answer, given = tmp_path / "answer.json", {"references": ["Edema"], "texts": {"a": ["none"]}}
    subprocess.run(
        [sys.executable, "-m", "radtex.scoring.radeval_process", str(answer)],
        input=json.dumps(given),
        text=True,
        check=True,
        env=os.environ | {"XDG_CACHE_HOME": str(radeval_weights), "HF_HUB_OFFLINE": "1"},
    )
    found = json.loads(answer.read_text())
    assert found["labels"] == [*reversed(CHEXPERT_LABELS)]
    assert [dict(zip(found["labels"], row, strict=True)) for row in found["of_references"]] == [
        {name: int(name == "Edema") for name in CHEXPERT_LABELS}
    ]
    assert found["of_texts"] == {"a": {"chexbert": [[0] * 14], "radgraph": [0.0]}}
