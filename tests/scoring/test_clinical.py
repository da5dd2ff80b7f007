"""Clinical scores come from a process of its own, or are refused in one line."""

import sys
from pathlib import Path

import numpy as np
import pytest

from radtex.errors import RunError
from radtex.findings import CHEXPERT_LABELS
from radtex.scoring import clinical
from radtex.scoring.clinical import (
    CLINICAL_METRICS,
    clinical_metrics,
    clinical_statistics,
)

STAND_IN = {
    "nltk.py": "def download(*a, **k): raise OSError('no network')\n",
    "radeval/__init__.py": "import nltk\nnltk.download('punkt')\n",
    "radeval/metrics/__init__.py": "",
    "radeval/metrics/f1chexbert/__init__.py": "",
    "radeval/metrics/f1chexbert/f1chexbert.py": f"""
import os
class F1CheXbert:
    TARGET_NAMES = {[*reversed(CHEXPERT_LABELS)]!r}
    def __init__(self, device):
        assert device in ("cpu", "cuda")
    def get_labels(self, texts):
        assert os.environ["HF_HUB_OFFLINE"] == "1"
        assert os.path.isdir(os.path.join(os.environ["XDG_CACHE_HOME"], "chexbert"))
        return [[int(name in text) for name in self.TARGET_NAMES] for text in texts]
""",
    "radeval/metrics/radgraph/__init__.py": """
import RadEval.metrics
class F1RadGraph:
    def __init__(self, reward_level, model_type):
        pass
    def __call__(self, refs, hyps):
        if "fail" in refs:
            raise ValueError("weights.th is damaged")
        return None, ([0] * len(refs), [float(a == b) for a, b in zip(refs, hyps)], None)
""",
}
"""RadEval's names with trivial scorers: a label is said where its name is in the text."""


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    for name in ("chexbert", "huggingface", "radgraph"):
        (tmp_path / "weights" / name).mkdir(parents=True)
    return tmp_path / "weights"


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in STAND_IN.items():
        path = tmp_path / "packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "packages"), *sys.path])


@pytest.mark.usefixtures("stand_in")
def test_labels_and_graphs_become_scores(weights: Path) -> None:
    references = ["Edema", "Edema Fracture", "none"]
    found = clinical_statistics(
        weights, references, {"same": references, "none": ["", "", "Fracture"]}
    )
    assert clinical_metrics(found["same"].sum(0)).tolist() == [1, 1, 1, 1, 1]
    assert clinical_metrics(found["none"].sum(0)).tolist() == [0, 0, 0, 0, 0]
    fracture = found["none"].sum(0)[2:].reshape(14, 3)[CHEXPERT_LABELS.index("Fracture")]
    assert fracture.tolist() == [0, 1, 1]


@pytest.mark.usefixtures("stand_in")
def test_a_failing_process_is_one_line(weights: Path) -> None:
    with pytest.raises(RunError, match=r"RadEval failed with the weights in .*damaged"):
        clinical_statistics(weights, ["fail"], {"a": [""]})


@pytest.mark.usefixtures("stand_in")
def test_absent_weights_are_named(weights: Path) -> None:
    (weights / "radgraph").rmdir()
    with pytest.raises(RunError, match="lacks radgraph; expected"):
        clinical_statistics(weights, ["a"], {"a": ["a"]})


def test_an_absent_package_is_named(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clinical.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RunError, match=r"pip install 'radtex\[clinical\]'"):
        clinical_statistics(weights, ["a"], {"a": ["a"]})


def test_sums_of_many_replicates_are_scored_at_once() -> None:
    sums = np.random.default_rng(0).integers(1, 9, (4, 2 + 14 * 3)).astype(float)
    together = clinical_metrics(sums)
    assert together.shape == (4, len(CLINICAL_METRICS))
    assert together[2].tolist() == pytest.approx(clinical_metrics(sums[2]).tolist())
