"""Measure how the cost of a pretraining step grows: with its batch, its corpus and its texts.

A step of radtex, ResNet-10 at 64 pixels with a decoder of width 128, is taken with batches
of 64 to 1,024 images, from corpora of 1,000 to 1,000,000 rows (made here: their images are a file
of zeros that takes no room, and no two texts are alike), and on texts of 30 to 256 tokens. Each
point has a process of its own, on one thread. Costs are of the processor, so that other work on the
machine changes them little: medians of the timed steps. Points are printed as they come. The last
line is one JSON object; its ratio is what an image costs at the first point against the last.
"""

import json
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, get_args

import cyclopts
import numpy as np
import torch
from pretraining_steps import Case, Ours, Setting

from radtex.models.decoder_options import DecoderOptions

Axis = Literal["batch", "rows", "tokens"]

BATCHES = (64, 128, 256, 512, 1024)
ROWS = (1_000, 10_000, 100_000, 1_000_000)
TOKENS = (30, 64, 128, 256)
SIZE, WORDS = 64, 900
BATCH, CORPUS, LENGTH = 64, 10_000, 30
"""What the points have that differ in something else."""


def point(batch: int, rows: int, tokens: int, steps: int) -> dict[str, float]:
    """Return what a step of one point costs.

    Args:
        batch: images of a step.
        rows: of the corpus.
        tokens: of each text, with its start and end.
        steps: how many are timed.
    """
    torch.set_num_threads(1)
    setting = Setting(
        backbone="resnet10t",
        size=SIZE,
        tokens=tokens,
        vocabulary=1000 + 300,
        decoder=DecoderOptions(hidden=128, layers=1, heads=4, feedforward=512, dropout=0.0),
        batch=batch,
        device="cpu",
        precision="float32",
        compile=False,
        steps=steps,
        warmup=1,
        matrix=1024,
    )
    draw = np.random.default_rng(0)
    words = np.array([f"word{number}" for number in range(WORDS)])
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images.npy"
        with images.open("wb") as file:
            shape = (rows, SIZE, SIZE)
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            file.truncate(file.tell() + rows * SIZE**2)
        texts = [" ".join(words[draw.integers(WORDS, size=tokens)]) for _ in range(rows)]
        begun = time.process_time()
        ours = Ours(setting, Case(texts, images))
        set_up = time.process_time() - begun
        costs = []
        for number in range(1 + steps):
            start = time.process_time()
            ours.step(number)
            costs.append(time.process_time() - start)
        gib = ours.peak_gib()
    step = statistics.median(costs[1:])
    return {
        "step_s": round(step, 3),
        "image_ms": round(1000 * step / batch, 2),
        "set_up_s": round(set_up, 2),
        "gib": gib,
    }


def main(
    steps: int = 5, rows: list[int] | None = None, axes: tuple[Axis, ...] = get_args(Axis)
) -> None:
    """Measure all points.

    Args:
        steps: Timed steps of each point.
        rows: Rows of the corpora, in place of 1,000 to 1,000,000.
        axes: What grows.
    """
    every = {
        "batch": [(batch, max(CORPUS, 2 * batch), LENGTH) for batch in BATCHES],
        "rows": [(BATCH, count, LENGTH) for count in rows or ROWS],
        "tokens": [(BATCH, CORPUS, tokens) for tokens in TOKENS],
    }
    growth: dict[str, dict[str, dict[str, float]]] = {}
    for place, (axis, points) in enumerate(every.items()):
        if axis not in axes:
            continue
        growth[axis] = {}
        for each in points:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                found = pool.submit(point, *each, steps).result()
            growth[axis][str(each[place])] = found
            print(f"{axis} {each[place]}: {found}", file=sys.stderr, flush=True)
    costs = [found["image_ms"] for found in growth[axes[0]].values()]
    small, large = costs[0], costs[-1]
    result = {
        "name": "growth",
        "baseline": small,
        "measured": large,
        "unit": "ms/image",
        "ratio": round(small / large, 2),
        "growth": growth,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    cyclopts.run(main)
