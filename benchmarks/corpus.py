"""Time the building of a corpus against the loop that everybody writes first.

The baseline opens each of the first 2,000 films in one process, makes it grey, resizes and stacks
it. Measured is the whole build of 8,073 films with their reports: tables, hashes, decoding,
writing. Both are medians of images per second in interleaved rounds. RADTEX_DATA names the folder
that holds `nih128/`.

Then films of 2,500 × 3,000 pixels, phantoms with noise, become 256 pixels: JPEG of quality 95, and
DICOM of 12 bits in 16, uncompressed, as lossless JPEG and as lossless JPEG 2000. Each kind gives
milliseconds per image in one process, the codec's share of them, and the time against that of a
full decode. JPEG and uncompressed DICOM also give whole builds with one worker and with two, in
interleaved rounds: medians of images per second, the processor's seconds, and the hours that the
377,110 images of MIMIC-CXR would take with two. The workers of each build are started anew.
`--only KIND` measures large films of one kind and nothing else. The last line is one JSON object.
"""

import io
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

import cyclopts
import imagecodecs
import numpy as np
import pandas as pd
from joblib.externals.loky import get_reusable_executor
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLosslessSV1

from radtex.corpus.build import build
from radtex.corpus.sources import open_source
from radtex.images import Preprocessing, dicom, reading
from radtex.phantom import render, sample_study

ROUNDS, SIZE, SAMPLE = 3, 128, 2_000
WIDTH, HEIGHT, LARGE_SIZE = 2_500, 3_000, 256
FILMS, LINKS = 6, 768
"""Different large films, and rows of a build, which reads each of the films many times."""
MIMIC_CXR = 377_110


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


def deep_film(number: int) -> NDArray[np.uint16]:
    """Return a film of 12 bits, uint16 (HEIGHT, WIDTH), with a detector's noise."""
    small = render(sample_study(seed=0, number=number), 512)
    large = Image.fromarray(small).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(number).normal(0, 12, (HEIGHT, WIDTH))
    return np.clip(np.asarray(large) * 15.0 + 100 + noise, 0, 4095).astype(np.uint16)


def jpeg(film: NDArray[np.uint16]) -> bytes:
    """Return the film as a JPEG of quality 95."""
    return encoded_by_pillow((film >> 4).astype(np.uint8), "JPEG", quality=95)


def encoded_by_pillow(pixels: NDArray[Any], format: str, **options: Any) -> bytes:
    """Return the bytes that Pillow would write to a file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def dicom_file(film: NDArray[np.uint16], syntax: UID, pixels: bytes) -> bytes:
    """Return the film as DICOM with a window.

    Args:
        film: The film.
        syntax: The transfer syntax.
        pixels: The film's pixels, encoded in that syntax.
    """
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1", "1.2.3"
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.Rows, dataset.Columns = film.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.WindowCenter, dataset.WindowWidth = 2048, 4096
    dataset.PixelData = encapsulate([pixels]) if syntax.is_encapsulated else pixels
    dataset["PixelData"].VR = "OW"
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def lossless_jpeg(film: NDArray[np.uint16]) -> bytes:
    """Return the film as DICOM with lossless JPEG, the form most compressed archives have."""
    stream = imagecodecs.jpeg8_encode(film, lossless=True, predictor=1, bitspersample=16)
    return dicom_file(film, JPEGLosslessSV1, stream)


def jpeg_2000(film: NDArray[np.uint16]) -> bytes:
    """Return the film as DICOM with lossless JPEG 2000."""
    stream = encoded_by_pillow(film, "JPEG2000", irreversible=False, no_jp2=True)
    return dicom_file(film, JPEG2000Lossless, stream)


KINDS: dict[str, Callable[[NDArray[np.uint16]], bytes]] = {
    "jpeg": jpeg,
    "dicom": lambda film: dicom_file(film, ExplicitVRLittleEndian, film.tobytes()),
    "dicom_lossless_jpeg": lossless_jpeg,
    "dicom_jpeg_2000": jpeg_2000,
}


@contextmanager
def codec_watch() -> Iterator[list[float]]:
    """Yield a list that collects the seconds of each decoding within the block."""
    seconds: list[float] = []

    def timed(decode: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            start = time.perf_counter()
            result = decode(*arguments)
            seconds.append(time.perf_counter() - start)
            return result

        return run

    with (
        patch.object(reading, "decode_picture", timed(reading.decode_picture)),
        patch.object(dicom, "decode", timed(dicom.decode)),
    ):
        yield seconds


def measure_kind(files: list[bytes]) -> dict[str, float]:
    """Return what one image of a kind costs in one process."""
    preprocessing = Preprocessing(LARGE_SIZE)
    whole, codec, full = [], [], []
    for _ in range(ROUNDS):
        for data in files:
            with codec_watch() as seconds:
                start = time.perf_counter()
                preprocessing.apply(data)
                whole.append(time.perf_counter() - start)
                reading.read_image(data)
            codec.append(seconds[0])
            full.append(seconds[1])
    return {
        "ms": round(1000 * statistics.median(whole), 1),
        "codec_share": round(statistics.median(codec) / statistics.median(whole), 3),
        "of_full_decode": round(statistics.median(codec) / statistics.median(full), 3),
    }


def large_build(folder: Path, names: list[str], workers: int) -> tuple[float, float]:
    """Return the seconds of a build of `LINKS` rows over the named files, and the processor's."""
    rows = [(f"i{row}", names[row % len(names)], f"p{row}", "a text") for row in range(LINKS)]
    table = folder / "studies.csv"
    pd.DataFrame(rows, columns=["image_id", "path", "patient_id", "report"]).to_csv(
        table, index=False
    )
    out = folder / "corpus"
    get_reusable_executor().shutdown(wait=True)
    start, before = time.perf_counter(), processor_seconds()
    build(open_source("table", root=table), out, size=LARGE_SIZE, workers=workers)
    seconds = time.perf_counter() - start
    get_reusable_executor().shutdown(wait=True)
    work = processor_seconds() - before
    shutil.rmtree(out)
    print(f"{workers} workers: {seconds:.1f} s, {work:.1f} s of the processor", file=sys.stderr)
    return seconds, work


def processor_seconds() -> float:
    """Return the seconds of the processor of this process and its ended children."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def measure_large(folder: Path, kinds: Iterable[str], rounds: int) -> dict[str, dict[str, float]]:
    """Return the figures for large films, by kind of file."""
    films = [deep_film(number) for number in range(FILMS)]
    results = {}
    for kind in kinds:
        files = [KINDS[kind](film) for film in films]
        results[kind] = measure_kind(files)
        if kind not in ("jpeg", "dicom"):
            continue
        names = [f"{kind}-{number}" for number in range(FILMS)]
        for name, data in zip(names, files, strict=True):
            (folder / name).write_bytes(data)
        builds: dict[int, list[tuple[float, float]]] = {1: [], 2: []}
        for _ in range(rounds):
            for workers, timed in builds.items():
                timed.append(large_build(folder, names, workers))
        (one, work_of_one), (two, work_of_two) = (
            map(statistics.median, zip(*timed, strict=True)) for timed in builds.values()
        )
        results[kind] |= {
            "images_per_s_1_worker": round(LINKS / one, 1),
            "images_per_s_2_workers": round(LINKS / two, 1),
            "scaling": round(one / two, 2),
            "processor_s_1_worker": round(work_of_one, 1),
            "processor_s_2_workers": round(work_of_two, 1),
            "hours_for_mimic_cxr": round(MIMIC_CXR * two / LINKS / 3600, 1),
        }
    return results


def main(only: Literal["jpeg", "dicom"] | None = None, rounds: int = ROUNDS) -> None:
    """Run the rounds and print one JSON object.

    Args:
        only: The kind of large films that alone is measured.
        rounds: Interleaved rounds.
    """
    if only is not None:
        with tempfile.TemporaryDirectory(prefix="radtex-benchmark-") as name:
            large = measure_large(Path(name), [only], rounds)
        slow, fast = (large[only][f"images_per_s_{n}"] for n in ("1_worker", "2_workers"))
        scaling = large[only]["scaling"]
        print_result(slow, fast, scaling, rounds=rounds, images=LINKS, large=large)
        return
    if "RADTEX_DATA" not in os.environ:
        raise SystemExit("RADTEX_DATA must name the folder that holds nih128/")
    root = Path(os.environ["RADTEX_DATA"]) / "nih128"
    films = sorted((root / "images").glob("*.png"))[:SAMPLE]
    baseline, measured = [], []
    folder = Path(tempfile.mkdtemp(prefix="radtex-benchmark-"))
    try:
        for number in range(rounds):
            baseline.append(naive_rate(films))
            measured.append(build_rate(root, folder / str(number)))
        large = measure_large(folder, KINDS, rounds)
    finally:
        shutil.rmtree(folder)
    slow, fast = statistics.median(baseline), statistics.median(measured)
    print_result(slow, fast, fast / slow, rounds=rounds, baseline_images=SAMPLE, large=large)


def print_result(slow: float, fast: float, ratio: float, **more: Any) -> None:
    """Print the JSON object of a benchmark."""
    result = {
        "name": "corpus",
        "baseline": round(slow, 1),
        "measured": round(fast, 1),
        "unit": "images/s",
        "ratio": round(ratio, 3),
        "cores": os.cpu_count(),
        **more,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    cyclopts.run(main)
