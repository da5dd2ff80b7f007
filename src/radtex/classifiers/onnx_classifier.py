"""A classifier that was exported to ONNX: grey levels in, probabilities and distances out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radtex.classifiers.limit import Limit
from radtex.classifiers.onnx_folder import Graph, OnnxFolder, number
from radtex.images import Preprocessing
from radtex.statistics.thresholds import Thresholds

GRAPH = "classifier"
"""Of the grey levels: probabilities, distances and features."""
_BATCH = 32


@dataclass(frozen=True)
class OnnxTarget:
    """A finding: its probability comes out of the graph."""

    name: str
    """As the corpus called it."""
    thresholds: Thresholds
    """From probabilities to yes or no."""


@dataclass(frozen=True)
class OnnxLimit(Limit):
    """The limit; its distance comes out of the graph."""

    limit: float
    """The greatest distance that is answered."""
    held_out: int
    """Number of distances that the limit was chosen among."""
    refused: Mapping[str, float]
    """Share refused of each kind of images that are no radiographs; empty if never tried."""
    wrong_refused: Mapping[str, float]
    """The same of films that are inverted or turned."""


@dataclass(frozen=True)
class OnnxClassifier:
    """T heads and their encoder in one graph."""

    graph: Graph
    """`images` uint8 (B, S, S) → `probabilities` (B, T), `distance` (B,), `features` (B, D)."""
    preprocessing: Preprocessing
    """What makes a file the image that it takes."""
    targets: tuple[OnnxTarget, ...]
    """The T findings."""
    abstention: OnnxLimit
    """Which images are given no answer."""
    name: str
    """Of its encoder."""
    digest: str
    """SHA-256, in hex, of the classifier that was exported."""
    graph_sha256: str
    """SHA-256, in hex, of the graph's file."""

    def answer(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities (B, T) and distances (B,) of grey images: uint8 (B, S, S)."""
        probabilities, distances, _ = self.graph(images=images)
        return probabilities.astype(np.float64), distances.astype(np.float64)

    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Compute the pooled features of grey images: uint8 (N, S, S) → float32 (N, D)."""
        batches = [
            self.graph(images=images[start : start + _BATCH])[2]
            for start in range(0, len(images), _BATCH)
        ]
        return np.concatenate(batches)


def load_onnx_classifier(path: Path) -> OnnxClassifier:
    """Load the folder that `radtex export CLASSIFIER --to onnx` made.

    Raises:
        RunError: if `path` is no such folder, or its files are missing, damaged or do not fit.
        RadtexError: if onnxruntime is missing.
    """
    folder = OnnxFolder.open(path, "classifier")
    values = folder.description
    with folder.explain_damage():
        targets = tuple(_target(each) for each in values["targets"])
        names = [target.name for target in targets]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"the targets {names}")
        told = values["abstention"]
        limit = OnnxLimit(
            number(told["limit"]),
            int(told["held_out"]),
            {str(kind): number(share) for kind, share in told["refused"].items()},
            {str(kind): number(share) for kind, share in told["wrong_refused"].items()},
        )
        name, digest = str(values["name"]), str(values["original_sha256"])
        graph_sha256 = str(values["graphs"][GRAPH]["sha256"])
    preprocessing, graph = folder.preprocessing, folder.graph(GRAPH)
    with folder.explain_damage():
        (taken,), given = graph.session.get_inputs(), graph.session.get_outputs()
        side = preprocessing.size
        if taken.name != "images" or taken.shape[1:] != [side, side]:
            raise ValueError(f"the graph takes {taken.name} {taken.shape}")
        if given[0].shape[1:] != [len(targets)]:
            raise ValueError(f"the graph has {given[0].shape[1:]} heads for {len(targets)} targets")
    return OnnxClassifier(graph, preprocessing, targets, limit, name, digest, graph_sha256)


def _target(values: Mapping[str, Any]) -> OnnxTarget:
    points = values["thresholds"]
    return OnnxTarget(
        str(values["name"]), Thresholds(number(points["youden"]), number(points["sensitive"]))
    )
