"""Time a training step of radtex against the same model written naively, and by one who tunes.

There are three settings:

- `cpu`: ResNet-50, H 1024, feed-forward 4096, vocabulary 10,000, batches of 8 images of 224 px in
  float32.
- `gpu`: the same model at batch 256 in bfloat16, all contestants on CUDA.
- `miniature`: the code of `gpu` on the CPU in seconds; its figures mean nothing.

The naive model has contiguous NCHW images with three channels, an `nn.TransformerDecoder` for each
direction, every text padded to 100 tokens, the output layer over the padding too, and memory as the
C library gives it. The tuned model is the same from stock parts too, with one channel,
channels-last, a causal mask that attention knows to be one, and texts padded to the longest of
their batch; it is compiled where radtex is. Each contestant has a process of its own, and they
compute in turns. There are two cases: all texts have 100 tokens, or texts are as long as the given
reports (by default those of the phantom).

The last line is one JSON object:

- `ratio` is of the second case, and `padded` holds the first. It is to the naive model;
  `ratio_to_tuned` is to the tuned one.
- `loss_difference` is by how much the losses of the other two differ from radtex's at most, as a
  share of it, on the same images and texts, with the same weights in float32, without dropout.
- `input_share` is the share of a step that reading (of a memory-mapped file), augmenting and
  collating take.
- `parts` has seconds, GFLOP/s and share of the matrix rate of the encoder, the decoder and the
  output layer, each run forwards and backwards by itself and uncompiled, and the seconds of the
  rest of the step (optimiser, sums of gradients). The matrix rate is the median rate of a product
  in the same precision, taken in radtex's process in every round.
- `kernels` are those that take longest.
"""

import json
import multiprocessing
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal, TypeVar

import cyclopts
import numpy as np
import torch
from pretraining_peers import Naive, Tuned, loss_difference
from pretraining_profile import matrix_rate, step_profile
from pretraining_steps import Case, Contestant, Ours, Setting

from radtex import phantom
from radtex.corpus.tables import Columns, read_table
from radtex.models.decoder_options import DecoderOptions
from radtex.pretraining.loop.training_options import Precision
from radtex.reports import training_text

CPU = Setting(
    backbone="resnet50",
    size=224,
    tokens=100,
    vocabulary=10_000,
    decoder=DecoderOptions(hidden=1024, layers=1, heads=16, feedforward=4096),
    batch=8,
    device="cpu",
    precision="float32",
    compile=False,
    steps=4,
    warmup=1,
    matrix=2048,
)
GPU = replace(
    CPU,
    batch=256,
    device="cuda",
    precision="bfloat16",
    compile=True,
    steps=20,
    warmup=10,
    matrix=8192,
)
MINIATURE = Setting(
    backbone="test_resnet",
    size=64,
    tokens=48,
    vocabulary=1000,
    decoder=DecoderOptions(hidden=64, layers=1, heads=4, feedforward=256),
    batch=8,
    device="cpu",
    precision="bfloat16",
    compile=False,
    steps=1,
    warmup=1,
    matrix=256,
)
SETTINGS = {"cpu": CPU, "gpu": GPU, "miniature": MINIATURE}
Result = TypeVar("Result")


class Worker:
    """A contestant in a process of its own that computes only when asked."""

    def __init__(self, kind: type[Contestant], setting: Setting, case: Case) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        arguments = (theirs, kind, setting, case)
        self.process = context.Process(target=_serve, args=arguments, daemon=True)
        self.process.start()
        theirs.close()

    def ask(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Return the result of `function` on the contestant and `arguments`."""
        self.connection.send((function, arguments))
        try:
            result: Result = self.connection.recv()
        except EOFError:
            sys.exit("a contestant's process ended early; the reason stands above")
        return result

    def end(self) -> None:
        """End the process, which frees its memory."""
        self.connection.close()
        self.process.join()


def _serve(connection: Connection, kind: type[Contestant], setting: Setting, case: Case) -> None:
    contestant = kind(setting, case)
    while True:
        try:
            function, arguments = connection.recv()
        except EOFError:
            return
        connection.send(function(contestant, *arguments))


def main(
    reports: Path | None = None,
    setting: Literal["cpu", "gpu", "miniature"] = "cpu",
    steps: int | None = None,
    rounds: int = 3,
    compile: bool | None = None,
    precision: Precision | None = None,
) -> None:
    """Run the comparison.

    Args:
        reports: A table of reports whose lengths are used; those of the phantom by default.
        setting: Which model, and where.
        steps: Steps of each case in each round; the setting's by default.
        rounds: Interleaved rounds.
        compile: Compile radtex and the tuned model, or not; the setting's by default.
        precision: Precision of all contestants; the setting's by default.
    """
    chosen = SETTINGS[setting]
    chosen = replace(
        chosen,
        steps=chosen.steps if steps is None else steps,
        compile=chosen.compile if compile is None else compile,
        precision=chosen.precision if precision is None else precision,
    )
    if chosen.device == "cuda" and not torch.cuda.is_available():
        sys.exit(
            f"--setting {setting} needs a CUDA device and torch {torch.__version__} finds none; "
            "--setting miniature runs its code on the CPU"
        )
    texts = _texts(reports, chosen)
    results = {name: _compare(name, each, chosen, rounds) for name, each in texts.items()}
    device = torch.cuda.get_device_name() if chosen.device == "cuda" else "cpu"
    print(
        json.dumps(
            {
                "name": "pretraining",
                **results["lengths"],
                "padded": results["padded"],
                "setting": setting,
                "device": device,
                "precision": chosen.precision,
                "batch": chosen.batch,
                "compile": chosen.compile,
                "threads": torch.get_num_threads(),
                "reports": "phantom" if reports is None else reports.name,
            }
        )
    )


def _texts(reports: Path | None, setting: Setting) -> dict[str, list[str]]:
    if reports is None:
        written = [phantom.sample_study(0, number).report for number in range(2000)]
        sections = [(report.findings, report.impression) for report in written]
    else:
        table = read_table(reports)
        columns = table.guess_columns(Columns())
        read = [columns.texts(row) for row in table.rows]
        sections = [(text.findings, text.impression) for text in read]
    texts = [text for text in (training_text(*each) for each in sections) if text]
    padded = " ".join(texts)[: 40 * setting.tokens]
    return {"padded": [padded] * 4 * setting.batch, "lengths": texts}


def _compare(name: str, texts: list[str], setting: Setting, rounds: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        case = Case(texts, Path(folder) / "images.npy")
        _write_images(case.images, len(texts), setting.size)
        # In a process of its own, so that it weighs on nobody's peak memory.
        compared = Worker(Ours, setting, case)
        difference = compared.ask(loss_difference, setting, case)
        compared.end()
        kinds: dict[str, type[Contestant]] = {"naive": Naive, "tuned": Tuned, "radtex": Ours}
        workers = {who: Worker(kind, setting, case) for who, kind in kinds.items()}
        ours = workers["radtex"]
        for worker in workers.values():
            worker.ask(Contestant.run, 0, setting.warmup)
        spent: dict[str, list[float]] = {who: [] for who in kinds}
        matrix_rates = []
        for turn in range(rounds):
            matrix_rates.append(ours.ask(matrix_rate))
            first = setting.warmup + turn * setting.steps
            for who, worker in workers.items():
                total = worker.ask(Contestant.run, first, setting.steps)
                spent[who].append(total / setting.steps)
            print(
                f"{name}: "
                + ", ".join(f"{who} {setting.batch / spent[who][-1]:,.2f}" for who in spent)
                + f" images/s; matrix rate {matrix_rates[-1]:,.1f} GFLOP/s"
            )
        memory = {who: worker.ask(Contestant.peak_gib) for who, worker in workers.items()}
        for who in ("naive", "tuned"):
            workers[who].end()
        rate, each = statistics.median(matrix_rates), statistics.median(spent["radtex"])
        profile = ours.ask(step_profile, setting.warmup, setting.steps * rounds, rate, each)
        ours.end()
    rates = {who: setting.batch / statistics.median(seconds) for who, seconds in spent.items()}
    measured = rates["radtex"]
    return {
        "baseline": round(rates["naive"], 3),
        "tuned": round(rates["tuned"], 3),
        "measured": round(measured, 3),
        "unit": "images/s",
        "ratio": round(measured / rates["naive"], 3),
        "ratio_to_tuned": round(measured / rates["tuned"], 3),
        "loss_difference": round(difference, 7),
        **profile,
        "share_of_matrix_rate": round(measured * profile["gflop_per_image"] / rate, 3),
        "matrix_gflop_per_s": round(rate, 1),
        "peak_memory_gib": memory,
    }


def _write_images(path: Path, count: int, size: int) -> None:
    rng = np.random.default_rng(0)
    images = np.lib.format.open_memmap(path, "w+", np.uint8, (count, size, size))
    for start in range(0, count, 256):
        part = images[start : start + 256]
        part[:] = rng.integers(0, 256, part.shape, dtype=np.uint8)
    images.flush()


if __name__ == "__main__":
    cyclopts.run(main)
