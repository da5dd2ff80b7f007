"""Clinical scores come from a process of its own, or are refused in one line."""

from pathlib import Path

import numpy as np
import pytest

from radtex.errors import RunError
from radtex.findings import CHEXPERT_LABELS
from radtex.scoring import clinical
from radtex.scoring.clinical import Clinical


@pytest.mark.usefixtures("radeval_stand_in")
def test_labels_and_graphs_become_scores(radeval_weights: Path) -> None:
    references = ["Edema", "Edema Fracture", "none"]
    score = Clinical(radeval_weights)
    found = score.statistics({"same": references, "none": ["", "", "Fracture"]}, references)
    same = score.values(found["same"].sum(0)).tolist()
    assert same == pytest.approx([1, 1, 2 / 14, 1, 1, 1 / 5, 1])
    assert score.values(found["none"].sum(0)).tolist() == [0] * 7
    fracture = found["none"].sum(0)[2:].reshape(14, 3)[CHEXPERT_LABELS.index("Fracture")]
    assert fracture.tolist() == [0, 1, 1]


@pytest.mark.usefixtures("radeval_stand_in")
def test_a_failing_process_is_one_line(radeval_weights: Path) -> None:
    with pytest.raises(RunError, match=r"RadEval failed with the weights in .*damaged"):
        Clinical(radeval_weights).statistics({"a": [""]}, ["fail"])


@pytest.mark.usefixtures("radeval_stand_in")
def test_absent_weights_are_named(radeval_weights: Path) -> None:
    (radeval_weights / "radgraph").rmdir()
    with pytest.raises(RunError, match="lacks radgraph; expected"):
        Clinical(radeval_weights).statistics({"a": ["a"]}, ["a"])


def test_an_absent_package_is_named(radeval_weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clinical.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RunError, match=r"pip install 'radtex\[clinical\]'"):
        Clinical(radeval_weights).statistics({"a": ["a"]}, ["a"])


def test_sums_of_many_replicates_are_scored_at_once() -> None:
    sums = np.random.default_rng(0).integers(1, 9, (4, 2 + 14 * 3)).astype(float)
    score = Clinical(Path("unread"))
    together = score.values(sums)
    assert together.shape == (4, len(score.names))
    assert together[2].tolist() == pytest.approx(score.values(sums[2]).tolist())
