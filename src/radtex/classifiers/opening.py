"""Any folder that predicts: a classifier that `transfer --save` made, or one exported to ONNX.

An export needs onnxruntime and no torch: a machine that only predicts starts faster without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from radtex.classifiers.limit import Limit
from radtex.classifiers.onnx_folder import is_onnx_folder
from radtex.images.preprocessing import Preprocessing
from radtex.statistics.thresholds import Thresholds


class Finding(Protocol):
    """A target of a classifier."""

    @property
    def name(self) -> str:
        """As the corpus calls it."""

    @property
    def thresholds(self) -> Thresholds:
        """From probabilities to yes or no."""


class Answering(Protocol):
    """What answers: T targets, and a limit of abstention."""

    @property
    def targets(self) -> Sequence[Finding]:
        """The T findings."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What makes a file the image that it takes."""

    @property
    def abstention(self) -> Limit:
        """Which distances are given no answer."""

    def answer(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities (B, T) and distances (B,) of grey images: uint8 (B, S, S)."""


@dataclass(frozen=True)
class Opened:
    """A classifier that was opened, and who it is."""

    classifier: Answering
    """What answers."""
    name: str
    """Of its encoder."""
    digest: str
    """SHA-256, in hex, of the description and weights that `transfer --save` wrote."""


def open_classifier(path: Path) -> Opened:
    """Open the folder of a classifier or of its export, or `hf:ORG/NAME` of one on the hub.

    Raises:
        RunError: if `path` is neither, or its files are missing, damaged or do not fit.
        RadtexError: if it is an export, and onnxruntime is missing.
    """
    if str(path).startswith("hf:"):
        from radtex.models.exported_run import local_folder

        path = local_folder(path)
    if is_onnx_folder(path):
        from radtex.classifiers.onnx_classifier import load_onnx_classifier

        exported = load_onnx_classifier(path)
        return Opened(exported, exported.name, exported.digest)
    from radtex.classifiers.classifier import digest_of, load_classifier, read_facts

    classifier = load_classifier(path)
    name = str(read_facts(path).get("encoder", {}).get("name", path.name))
    return Opened(classifier, name, digest_of(path))
