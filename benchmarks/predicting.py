"""Time predictions for DICOM files against the slower of its two parts alone.

Films of 2,500 × 3,000 pixels, as uncompressed DICOM and as lossless JPEG in it, are predicted by an
encoder with linear probes. The parts are reading the files by one reader, and the network's answers
for the pixels, ready in memory, on one thread. Together they are what `radtex predict` does with
both, in its own batches. So on two idle cores the ratio can reach 1, less what they take from each
other. Medians of interleaved rounds, after a short one that warms up; each round is printed as it
comes. The last line is one JSON object, for the kind of file with the lower ratio.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args
from unittest.mock import patch

import cyclopts
import numpy as np
import torch
from numpy.typing import NDArray

from corpus import KINDS, deep_film
from radtex.classifiers.predict import BATCH
from radtex.compute.allocation import keep_freed_memory
from radtex.images import Preprocessing, films
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolve import resolve_encoder

Kind = Literal["dicom", "dicom_lossless_jpeg"]


def main(
    backbone: str = "tf_efficientnet_lite0",
    size: int = 224,
    images: int = 768,
    rounds: int = 3,
    kinds: tuple[Kind, ...] = get_args(Kind),
) -> None:
    """Run the comparison.

    Args:
        backbone: Name of the network in timm.
        size: Side of its images, in pixels.
        images: Films of a round, of six different ones.
        rounds: Interleaved rounds.
        kinds: Kinds of files.
    """
    keep_freed_memory()
    torch.set_num_threads(1)
    takes = EncoderInput(size, 120.0, 60.0)
    encoder = resolve_encoder("random", backbone, takes, seed=0).encoder
    preprocessing = Preprocessing(size)
    ready = np.random.default_rng(0).integers(0, 256, (images, size, size), dtype=np.uint8)

    @torch.inference_mode()
    def answer(pixels: NDArray[np.uint8]) -> None:
        encoder(takes.prepare(pixels))

    def network(names: list[str]) -> None:
        for start in range(0, len(names), BATCH):
            answer(ready[start : min(start + BATCH, len(names))])

    def reading(names: list[str]) -> None:
        for _ in _read(names, preprocessing):
            pass

    def together(names: list[str]) -> None:
        for batch in _read(names, preprocessing):
            answer(np.stack([film.pixels for film in batch if film.pixels is not None]))

    results = {}
    with tempfile.TemporaryDirectory(prefix="radtex-benchmark-") as folder:
        for kind in kinds:
            for number in range(6):
                file = Path(folder) / f"{kind}-{number}"
                file.write_bytes(KINDS[kind](deep_film(number)))
            names = [_link(Path(folder), kind, number) for number in range(images)]
            work = {"reading": reading, "network": network, "together": together}
            seconds: dict[str, list[float]] = {name: [] for name in work}
            for each in work.values():  # warms up
                each(names[: 2 * BATCH])
            for _ in range(rounds):
                for name, each in work.items():
                    start = time.perf_counter()
                    each(names)
                    seconds[name].append(time.perf_counter() - start)
                print(
                    kind,
                    {name: round(all_[-1], 2) for name, all_ in seconds.items()},
                    file=sys.stderr,
                    flush=True,
                )
            rates = {name: images / statistics.median(all_) for name, all_ in seconds.items()}
            slower = min(rates["reading"], rates["network"])
            results[kind] = {name: round(rate, 1) for name, rate in rates.items()}
            results[kind]["ratio"] = round(rates["together"] / slower, 3)
    worst = min(results.values(), key=lambda each: each["ratio"])
    print(
        json.dumps(
            {
                "name": "predicting",
                "baseline": min(worst["reading"], worst["network"]),
                "measured": worst["together"],
                "unit": "images/s",
                "ratio": worst["ratio"],
                "kinds": results,
                "size": size,
                "images": images,
                "rounds": rounds,
                "cores": os.cpu_count(),
            }
        )
    )


def _link(folder: Path, kind: str, number: int) -> str:
    link = folder / f"{kind}-as-{number}"
    link.symlink_to(f"{kind}-{number % 6}")
    return str(link)


def _read(names: list[str], preprocessing: Preprocessing) -> Iterator[list[films.Film]]:
    with patch.object(films, "_READERS", 1):
        yield from films.read_films(names, preprocessing).batches("predicting", BATCH)


if __name__ == "__main__":
    cyclopts.run(main)
