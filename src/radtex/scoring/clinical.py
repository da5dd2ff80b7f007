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
from radtex.scoring.label_f1 import COMPETITION, macro_f1, micro_f1, outcomes

CLINICAL_METRICS = (
    "RadGraph F1",
    "CheXbert F1 macro, 14",
    "CheXbert F1 micro, 14",
    "CheXbert F1 macro, 5",
    "CheXbert F1 micro, 5",
)
"""RadGraph F1 is the "partial" one: entities, and whether they have a relation."""

_FOLDERS = ("chexbert", "huggingface", "radgraph")


def clinical_statistics(
    folder: Path, references: Sequence[str], texts: Mapping[str, Sequence[str]]
) -> dict[str, NDArray[np.float64]]:
    """Score each set of `texts` against the references: additive statistics (N, 2 + 14 · 3).

    They are what `clinical_metrics` needs. RadEval runs in a process of its own that is told to
    stay off the network.

    folder: the `chexbert`, `huggingface` and `radgraph` of `~/.cache` on a machine where RadEval's
        f1chexbert and radgraph have run once.

    Raises `RunError` if RadEval or a folder is missing, or RadEval fails.
    """
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
    found = _radeval_scores(folder, {"references": references, "texts": texts})
    columns = [found["labels"].index(name) for name in CHEXPERT_LABELS]
    known = np.array(found["of_references"], dtype=bool)[:, columns]
    return {
        name: np.column_stack(
            [
                np.ones(len(references)),
                of_text["radgraph"],
                outcomes(np.array(of_text["chexbert"], dtype=bool)[:, columns], known).reshape(
                    len(references), -1
                ),
            ]
        )
        for name, of_text in found["of_texts"].items()
    }


def clinical_metrics(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The `CLINICAL_METRICS` of summed statistics: (…, 2 + 14 · 3) → (…, 5)."""
    labels = sums[..., 2:].reshape(*sums.shape[:-1], len(CHEXPERT_LABELS), 3)
    five = labels[..., COMPETITION, :]
    return np.stack(
        [
            sums[..., 1] / sums[..., 0],
            macro_f1(labels),
            micro_f1(labels),
            macro_f1(five),
            micro_f1(five),
        ],
        axis=-1,
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
