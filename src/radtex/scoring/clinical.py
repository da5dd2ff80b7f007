"""CheXbert and RadGraph F1 by RadEval, from weight files that are already here."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radtex.errors import RunError
from radtex.findings import CHEXPERT_LABELS
from radtex.scoring.label_f1 import flat_outcomes, macro_and_micro
from radtex.scoring.text_score import TextScore

_FOLDERS = ("chexbert", "huggingface", "radgraph")


class Clinical(TextScore):
    """RadGraph F1, the mean over reports, and CheXbert F1 over 14 and five labels.

    RadGraph F1 is the "partial" one: entities, and whether they have a relation. RadEval runs in a
    process of its own, once for all systems, that is told to stay off the network.

    Args:
        folder: the `chexbert`, `huggingface` and `radgraph` of `~/.cache` on a machine where
            RadEval's f1chexbert and radgraph have run once.
    """

    names = (
        "RadGraph F1",
        "CheXbert F1 macro, 14",
        "CheXbert F1 macro, 14, absent as 0",
        "CheXbert F1 micro, 14",
        "CheXbert F1 macro, 5",
        "CheXbert F1 macro, 5, absent as 0",
        "CheXbert F1 micro, 5",
    )
    compares = "findings"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def statistics(
        self, systems: Mapping[str, Sequence[str]], references: Sequence[str]
    ) -> Mapping[str, NDArray[np.float64]]:
        """Score each report with RadGraph and count the outcomes of its CheXbert labels.

        Args:
            systems: by name, N written reports in the order of the references.
            references: the N references.

        Returns:
            By system, (N, 2 + 14 · 3): one for the report, its RadGraph F1, the outcomes.

        Raises:
            RunError: if RadEval or a folder is missing, or RadEval fails.
        """
        _refuse_missing(self._folder)
        found = _radeval_scores(self._folder, {"references": references, "texts": systems})
        columns = [found["labels"].index(name) for name in CHEXPERT_LABELS]
        known = np.array(found["of_references"], dtype=bool)[:, columns]
        return {
            name: np.column_stack(
                [
                    np.ones(len(references)),
                    of_text["radgraph"],
                    flat_outcomes(np.array(of_text["chexbert"], dtype=bool)[:, columns], known),
                ]
            )
            for name, of_text in found["of_texts"].items()
        }

    def values(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """The scores of sets: (…, 2 + 14 · 3) → (…, 7)."""
        reports, radgraph, labels = np.split(sums, [1, 2], axis=-1)
        return np.concatenate([radgraph / reports, macro_and_micro(labels)], axis=-1)


def _refuse_missing(folder: Path) -> None:
    if importlib.util.find_spec("radeval") is None:
        raise RunError(
            "the clinical scores need the package RadEval; pip install 'radtex[clinical]', or "
            "leave --clinical out"
        )
    missing = [name for name in _FOLDERS if not (folder / name).is_dir()]
    if missing:
        raise RunError(
            f"{folder} lacks {', '.join(missing)}; expected the folders {', '.join(_FOLDERS)} of "
            "~/.cache on a machine where RadEval's f1chexbert and radgraph have run once"
        )


def _radeval_scores(folder: Path, reports: Mapping[str, object]) -> dict[str, Any]:
    cache = folder.resolve()
    offline = {
        "XDG_CACHE_HOME": str(cache),
        "HF_HOME": str(cache / "huggingface"),
        "HF_HUB_CACHE": str(cache / "huggingface" / "hub"),
        "HF_HUB_OFFLINE": "1",
    }
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer.json"
        ended = subprocess.run(
            [sys.executable, "-m", "radtex.scoring.radeval_process", str(answer)],
            input=json.dumps(reports),
            capture_output=True,
            text=True,
            env=os.environ | offline,
            check=False,
        )
        if ended.returncode:
            last = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise RunError(f"RadEval failed with the weights in {folder}: {last}")
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found
