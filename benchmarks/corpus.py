"""How fast a corpus is built, against the loop that everybody writes first.

Baseline: one process opens each of the first 2,000 films, makes it grey, resizes and stacks it.
Measured: the whole build of 8,073 films with their reports: tables, hashes, decoding, writing.
Both in images per second, in interleaved rounds, medians. RADTEX_DATA names the folder with
`nih128/`.
"""

import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from radtex.corpus.build import build
from radtex.corpus.sources import open_source

ROUNDS, SIZE, SAMPLE = 3, 128, 2_000


def naive_rate(films: list[Path]) -> float:
    """Return images per second of the serial loop."""
    start = time.perf_counter()
    np.stack([np.asarray(Image.open(film).convert("L").resize((SIZE, SIZE))) for film in films])
    return len(films) / (time.perf_counter() - start)


def build_rate(root: Path, out: Path) -> float:
    """Return images per second of a build from start to end."""
    start = time.perf_counter()
    source = open_source("nih", root=root)
    corpus = build(source, out, size=SIZE, reports=root / "reports.csv")
    return len(corpus.index) / (time.perf_counter() - start)


def main() -> None:
    """Run the rounds and print one JSON object."""
    if "RADTEX_DATA" not in os.environ:
        raise SystemExit("RADTEX_DATA must name the folder that holds nih128/")
    root = Path(os.environ["RADTEX_DATA"]) / "nih128"
    films = sorted((root / "images").glob("*.png"))[:SAMPLE]
    baseline, measured = [], []
    folder = Path(tempfile.mkdtemp(prefix="radtex-benchmark-"))
    try:
        for number in range(ROUNDS):
            baseline.append(naive_rate(films))
            measured.append(build_rate(root, folder / str(number)))
    finally:
        shutil.rmtree(folder)
    slow, fast = statistics.median(baseline), statistics.median(measured)
    result = {
        "name": "corpus",
        "baseline": round(slow, 1),
        "measured": round(fast, 1),
        "unit": "images/s",
        "ratio": round(fast / slow, 3),
        "rounds": ROUNDS,
        "baseline_images": SAMPLE,
        "cores": os.cpu_count(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
