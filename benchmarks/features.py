"""Time the extraction of features against a bare forward loop of the same encoder.

The bare loop runs the network over batches that are ready in memory, and keeps nothing. Extraction
reads 8-bit images by their rows, normalises and resizes them, pools the grid, checks the features
and shows its progress; it takes nothing from a cache. The cost of the cache's key is measured too.
The figures are medians of interleaved rounds. The last line is one JSON object.
"""

import json
import statistics
import time
from collections.abc import Callable

import cyclopts
import numpy as np
import torch

from radtex.compute.allocation import keep_freed_memory
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolve import resolve_encoder
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.feature_cache import features_key
from radtex.transfer.contestants.features import BATCH, extracted_features


def main(
    backbone: str = "tf_efficientnet_lite0",
    size: int = 128,
    images: int = 512,
    rounds: int = 5,
    device: str = "cpu",
) -> None:
    """Run the comparison.

    Args:
        backbone: Name of the network in timm.
        size: Side of the images, in pixels.
        images: How many there are.
        rounds: Interleaved rounds.
        device: Where the network runs.
    """
    keep_freed_memory()
    takes = EncoderInput(size, 120.0, 60.0)
    resolved = resolve_encoder("random", backbone, takes, seed=0)
    encoder = resolved.encoder.to(device)
    contestant = Contestant("random", "random", encoder, takes, {})
    pixels = np.random.default_rng(0).integers(0, 256, (images, size, size), dtype=np.uint8)
    rows = np.random.default_rng(1).permutation(images)
    ready = [
        takes.prepare(pixels[start : start + BATCH]).to(device) for start in range(0, images, BATCH)
    ]

    @torch.inference_mode()
    def bare() -> None:
        for batch in ready:
            encoder(batch)

    work: dict[str, Callable[[], object]] = {
        "bare": bare,
        "features": lambda: extracted_features(contestant, pixels, rows),
        "key": lambda: features_key(encoder, pixels, rows),
    }
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, each in work.items():
            start = time.perf_counter()
            each()
            if device != "cpu":
                torch.cuda.synchronize()
            if number:  # the first round warms up
                seconds[name].append(time.perf_counter() - start)
    baseline, measured, key = (statistics.median(times) for times in seconds.values())
    print(
        json.dumps(
            {
                "name": "features",
                "baseline": round(images / baseline, 1),
                "measured": round(images / measured, 1),
                "unit": "images/s",
                "ratio": round(baseline / measured, 3),
                "key_share": round(key / measured, 4),
                "backbone": backbone,
                "size": size,
                "images": images,
                "device": device,
                "threads": torch.get_num_threads(),
            }
        )
    )


if __name__ == "__main__":
    cyclopts.run(main)
