"""Time a classifier's answers by torch, as `predict` asks it, against its exports to ONNX.

The weights and films are random, which costs as much as any others. Each way gives probabilities,
distances and features of grey levels, on one thread: of batches, and of one film alone. Times are
those of the processor, so other programs on the machine hardly count; figures are medians of
interleaved rounds. `measured` is the graph in floats. The last line is one JSON object.
"""

import json
import os
import statistics
import time
from collections.abc import Callable

import cyclopts
import numpy as np
import torch

from radtex.classifiers.abstention import fit_abstention
from radtex.classifiers.classifier import Classifier, Target
from radtex.classifiers.onnx_folder import session_of
from radtex.classifiers.platt import Platt
from radtex.compute.allocation import keep_freed_memory
from radtex.images import Preprocessing
from radtex.interchange.int8 import quantised
from radtex.interchange.onnx_graphs import Port, draw
from radtex.interchange.onnx_parts import Answers
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.statistics.thresholds import Thresholds

NAMES = ("probabilities", "distance", "features")
TARGETS = 9
POOL = 64


def main(
    backbone: str = "tf_efficientnet_lite0", size: int = 64, batch: int = 32, rounds: int = 9
) -> None:
    """Run the comparison.

    Args:
        backbone: Name of the network in timm.
        size: Side of the films, in pixels.
        batch: Films that are given at once.
        rounds: Interleaved rounds.
    """
    os.environ["OMP_NUM_THREADS"] = "1"  # of onnxruntime
    torch.set_num_threads(1)
    keep_freed_memory()
    films = np.random.default_rng(0).integers(0, 256, (batch, size, size), dtype=np.uint8)
    classifier = _classifier(backbone, size)
    images = torch.zeros(2, size, size, dtype=torch.uint8)
    ports = [Port(name, "") for name in NAMES]
    floats = draw(Answers(classifier), [images], [{0: "N"}], [Port("images", "")], ports).model
    sessions = {
        "floats": session_of(floats.SerializeToString(), "the graph in floats"),
        "int8": session_of(quantised(floats, films).SerializeToString(), "the graph in int8"),
    }
    ways: dict[str, Callable[[np.ndarray], object]] = {"torch": classifier.answer}
    for name, session in sessions.items():
        ways[name] = lambda given, run=session.run: run(None, {"images": given})
    found = sessions["floats"].run(None, {"images": films})
    expected = classifier.answer(films)
    of_batch: dict[str, list[float]] = {name: [] for name in ways}
    of_one: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            for given, seconds in ((films, of_batch), (films[:1], of_one)):
                start = time.process_time()
                for _ in range(3):
                    way(given)
                if number:  # the first round warms up
                    seconds[name].append((time.process_time() - start) / 3)
    rates = {name: batch / statistics.median(times) for name, times in of_batch.items()}
    alone = {name: 1000 * statistics.median(times) for name, times in of_one.items()}
    print(
        json.dumps(
            {
                "name": "export",
                "baseline": round(rates["torch"], 1),
                "measured": round(rates["floats"], 1),
                "unit": "images/s",
                "ratio": round(rates["floats"] / rates["torch"], 2),
                "int8": round(rates["int8"], 1),
                "int8_ratio": round(rates["int8"] / rates["torch"], 2),
                "ms_of_one_film": {name: round(each, 2) for name, each in alone.items()},
                "largest_difference": float(np.abs(found[0] - expected[0]).max()),
                "backbone": backbone,
                "size": size,
                "batch": batch,
                "clock": "processor",
                "threads": torch.get_num_threads(),
            }
        )
    )


def _classifier(backbone: str, size: int) -> Classifier:
    torch.manual_seed(0)
    encoder = Encoder(backbone, size).eval()
    features = torch.rand(POOL, encoder.width)
    targets = [Target(f"target {n}", Platt(1.0, 0.0), Thresholds(0.5, 0.2)) for n in range(TARGETS)]
    return Classifier(
        encoder=encoder,
        takes=EncoderInput(size, 120.0, 60.0),
        preprocessing=Preprocessing(size),
        targets=tuple(targets),
        weights=torch.randn(TARGETS, encoder.width) / encoder.width,
        intercepts=torch.zeros(TARGETS),
        abstention=fit_abstention(features, np.arange(POOL), np.random.default_rng(0)),
    )


if __name__ == "__main__":
    cyclopts.run(main)
