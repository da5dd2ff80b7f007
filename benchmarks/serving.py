"""Time the server against decoding and reading the same films without it.

The server has one core, and so has the baseline: a loop that decodes films and gives them to the
models in batches, as large as the server's, with nothing between. The clients have another core, in
both. Films are drawn, and their classifier has random weights, which costs as much as any other.
`measured` are films per second for most clients; `per_processor` compares the films that a second
of the processor is enough for, which other programs on the machine hardly change. Figures are
medians of interleaved rounds. The last line is one JSON object.
"""

import asyncio
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.request import urlopen

import cyclopts
import numpy as np
import psutil
import torch
from PIL import Image

from radtex.classifiers.abstention import fit_abstention
from radtex.classifiers.classifier import Classifier, Target, write_classifier
from radtex.classifiers.platt import Platt
from radtex.images import Preprocessing
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput
from radtex.serving.answering.film_reading import Reading, read_films
from radtex.serving.answering.opened_models import ModelHolder, OpenedModels
from radtex.serving.settings import Limits
from radtex.statistics.thresholds import Thresholds

TARGETS = 9
POOL = 64
FILMS = 32
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
CLIENTS_CORE, SERVERS_CORE = {_CORES[0]}, {_CORES[-1]}


@dataclass(frozen=True)
class Answered:
    """What a client got."""

    film: int
    """Its place among those sent."""
    status: int
    """Of HTTP."""
    seconds: float
    """From the first byte sent to the last received."""
    retry_after: str
    """The header; "" without it."""
    body: bytes
    """The answer."""


@dataclass
class Rate:
    """Films, and what they took."""

    films: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return self.films / self.seconds

    @property
    def per_processor_second(self) -> float:
        return self.films / self.processor_seconds

    def latency(self, share: float) -> float:
        """A quantile of the latencies, in seconds."""
        return sorted(self.latencies)[
            min(len(self.latencies) - 1, int(share * len(self.latencies)))
        ]


def main(
    clients: tuple[int, ...] = (1, 8, 50),
    seconds: float = 10.0,
    rounds: int = 3,
    backbone: str = "tf_efficientnet_lite0",
    size: int = 128,
    side: int = 1024,
    run: Path | None = None,
) -> None:
    """Run the comparison.

    Args:
        clients: Numbers of clients at a time.
        seconds: For each of them, and for the baseline, in each round.
        rounds: Interleaved rounds.
        backbone: Name of the classifier's network in timm.
        size: Side of the images that the classifier takes, in pixels.
        side: Side of the films that are sent, in pixels.
        run: A run that writes reports, to be served beside the classifier.
    """
    torch.set_num_threads(1)
    films = drawn_films(side)
    with tempfile.TemporaryDirectory() as folder:
        make_classifier(Path(folder) / "classifier", backbone, size)
        paths = [Path(folder) / "classifier", *([run] if run else [])]
        models = opened(paths)
        with serving(paths) as (where, process):
            requests = [request_of(film) for film in films]
            alone(models, films, 0.0)  # warms up
            alone_rates: list[Rate] = []
            rates: dict[int, list[Rate]] = {number: [] for number in clients}
            for _ in range(rounds):
                alone_rates.append(alone(models, films, seconds))
                for number in clients:
                    answers, rate = load(where, requests, number, seconds, process)
                    assert {each.status for each in answers} <= {200, 429}
                    rates[number].append(rate)
    baseline = statistics.median(each.per_second for each in alone_rates)
    of_processor = statistics.median(each.per_processor_second for each in alone_rates)
    table = {}
    for number, found in rates.items():
        per_second = statistics.median(each.per_second for each in found)
        per_processor = statistics.median(each.per_processor_second for each in found)
        table[number] = {
            "requests_per_second": round(per_second, 1),
            "ratio": round(per_second / baseline, 3),
            "per_processor_second": round(per_processor, 1),
            "per_processor": round(per_processor / of_processor, 3),
            "p50_ms": round(1000 * statistics.median(each.latency(0.5) for each in found), 1),
            "p99_ms": round(1000 * statistics.median(each.latency(0.99) for each in found), 1),
        }
        print(f"{number} clients: {table[number]}", flush=True)
    most = table[max(clients)]
    print(
        json.dumps(
            {
                "name": "serving",
                "baseline": round(baseline, 1),
                "measured": most["requests_per_second"],
                "unit": "films/s",
                "ratio": most["ratio"],
                "per_processor": most["per_processor"],
                "clients": table,
                "backbone": backbone,
                "size": size,
                "film_side": side,
                "film_bytes": round(statistics.mean(map(len, films))),
                "writes_reports": run is not None,
                "cores": len(SERVERS_CORE),
            }
        )
    )


def drawn_films(side: int, number: int = FILMS) -> list[bytes]:
    """Return films as PNG: smooth, with the noise of a film."""
    rng = np.random.default_rng(0)
    films = []
    for _ in range(number):
        smooth = Image.fromarray(rng.integers(40, 200, (8, 8), dtype=np.uint8))
        grey = np.asarray(smooth.resize((side, side), Image.Resampling.BICUBIC), np.float32)
        noisy = np.clip(grey + rng.normal(0, 4, grey.shape), 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(noisy).save(file, "PNG")
        films.append(file.getvalue())
    return films


def make_classifier(folder: Path, backbone: str, size: int) -> None:
    """Write a classifier with random weights."""
    torch.manual_seed(0)
    encoder, takes = Encoder(backbone, size).eval(), EncoderInput(size, 120.0, 60.0)
    images = np.stack([Preprocessing(size).apply(film) for film in drawn_films(size, POOL)])
    with torch.inference_mode():
        features = pool(encoder(takes.prepare(images)))
    targets = [Target(f"target {n}", Platt(1.0, 0.0), Thresholds(0.5, 0.2)) for n in range(TARGETS)]
    folder.mkdir()
    classifier = Classifier(
        encoder=encoder,
        takes=takes,
        preprocessing=Preprocessing(size),
        targets=tuple(targets),
        weights=torch.randn(TARGETS, encoder.width) / encoder.width,
        intercepts=torch.zeros(TARGETS),
        abstention=fit_abstention(features, np.arange(POOL), np.random.default_rng(0)),
    )
    write_classifier(folder, classifier, {"encoder": {"name": "random"}})


def opened(paths: Sequence[Path]) -> OpenedModels:
    """Open models as a server does."""
    holder = ModelHolder(paths)
    holder.load()
    return holder.models


@contextmanager
def on(cores: set[int]) -> Iterator[None]:
    """Work on these cores while the block runs; processes that it starts stay there."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, _CORES)


def alone(models: OpenedModels, films: Sequence[bytes], seconds: float) -> Rate:
    """Decode and read films in batches, for so long, on the core that the server has else."""
    batch, rate = Limits().batch, Rate()
    with on(SERVERS_CORE):
        began, worked = time.perf_counter(), time.process_time()
        for start in count(0, batch):
            chosen = [films[place % len(films)] for place in range(start, start + batch)]
            read_films(
                [Reading(models, tuple(e.apply(film) for e in models.squares)) for film in chosen]
            )
            rate.films += batch
            if time.perf_counter() - began > seconds:
                break
        rate.seconds = time.perf_counter() - began
        rate.processor_seconds = time.process_time() - worked
    return rate


@contextmanager
def serving(paths: Sequence[Path]) -> Iterator[tuple[tuple[str, int], psutil.Process]]:
    """Start a server on its core; where it listens, and its process."""
    command = [sys.executable, "-m", "radtex", "serve", *map(str, paths), "--port", "0"]
    with (
        on(SERVERS_CORE),
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        ) as process,
    ):
        try:
            assert process.stdout is not None
            host, port = re.findall(r"//([^:]+):(\d+)/", process.stdout.readline())[0]
            until = time.monotonic() + 300
            while not _is_ready(f"http://{host}:{port}/readyz"):
                assert time.monotonic() < until, "the server does not get ready"
                time.sleep(0.1)
            yield (host, int(port)), psutil.Process(process.pid)
        finally:
            process.kill()


def _is_ready(address: str) -> bool:
    with suppress(OSError), urlopen(address, timeout=60) as answer:
        return bool(answer.status == 200)
    return False


def request_of(film: bytes, address: str = "/v1/studies") -> bytes:
    """Return a request of HTTP with a film."""
    part = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
    body = part + film + b"\r\n--b--\r\n"
    head = (
        f"POST {address} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    return head.encode() + body


def load(
    where: tuple[str, int],
    requests: Sequence[bytes],
    clients: int,
    seconds: float,
    process: psutil.Process,
    patient: bool = True,
) -> tuple[list[Answered], Rate]:
    """Let clients ask, each its next film when it has the answer, for so long.

    Args:
        where: the server listens.
        requests: one for each film.
        clients: at a time.
        seconds: after which none asks again.
        process: of the server.
        patient: whether those who are told to come back wait as long as they are told.

    Returns:
        All answers, and the rate of those that were accepted.
    """
    found: list[Answered] = []

    async def all_clients() -> None:
        until = time.monotonic() + seconds
        step = max(1, len(requests) // clients)
        await asyncio.gather(
            *(_client(where, requests, n * step, until, patient, found) for n in range(clients))
        )

    with on(CLIENTS_CORE):
        worked, began = _processor_seconds(process), time.perf_counter()
        asyncio.run(all_clients())
        took = time.perf_counter() - began
        worked = _processor_seconds(process) - worked
    latencies = [each.seconds for each in found if each.status == 200]
    return found, Rate(len(latencies), took, worked, latencies)


async def _client(
    where: tuple[str, int],
    requests: Sequence[bytes],
    first: int,
    until: float,
    patient: bool,
    found: list[Answered],
) -> None:
    reader, writer = await asyncio.open_connection(*where)
    for number in count(first):
        if time.monotonic() > until:
            break
        film = number % len(requests)
        began = time.perf_counter()
        writer.write(requests[film])
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        headers = dict(re.findall(r"(?m)^([\w-]+): *(.*?)\r$", head.lower()))
        body = await reader.readexactly(int(headers["content-length"]))
        took = time.perf_counter() - began
        wait = headers.get("retry-after", "")
        found.append(Answered(film, int(head.split()[1]), took, wait, body))
        if patient and wait:
            await asyncio.sleep(min(float(wait), max(0.0, until - time.monotonic())))
    writer.close()


def _processor_seconds(process: psutil.Process) -> float:
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


if __name__ == "__main__":
    cyclopts.run(main)
