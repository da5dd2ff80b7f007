"""Time a training step of radtex against the same model written naively.

ResNet-50, H 1024, feed-forward 4096, vocabulary 10,000, batches of 8 images of 224 px. Naively:
contiguous NCHW with three channels, `nn.TransformerDecoder` for either direction, every text
padded to 100 tokens, the output layer over the padding too. Two cases: texts of 100 tokens all,
and texts as long as the reports given (by default those of the phantom). The last line is one JSON
object; `ratio` is of the second case, `padded` holds the first. `input_share` is the share of a
step that reading, augmenting and collating take; `parts` has seconds, GFLOP/s and share of the
matrix rate of the encoder, the decoder and the output layer, each run forwards and backwards by
itself, and the seconds of the rest of the step (optimiser, sums of gradients).
"""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cyclopts
import numpy as np
import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from radtex import phantom
from radtex.corpus.tables import Columns, read_table
from radtex.models.allocation import keep_freed_memory
from radtex.models.decoder import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.storage import DecoderDescription
from radtex.models.tokenizer import PAD, Tokenizer
from radtex.pretraining.augmentation import AugmentationOptions
from radtex.pretraining.batches import epoch_batches
from radtex.pretraining.captions import Captions
from radtex.pretraining.objectives.captioning import Captioning
from radtex.pretraining.optimizers import Optimizer, OptimizerOptions
from radtex.pretraining.passes import Passes, Pixels
from radtex.pretraining.processes import join_processes
from radtex.reports import training_text

BATCH, SIZE, TOKENS, VOCABULARY, HIDDEN = 8, 224, 100, 10_000, 1024
OPTIONS = DecoderOptions(hidden=HIDDEN, layers=1, heads=16, feedforward=4096)
Step = Callable[[int], object]
Part = tuple[float, float]
Measures = dict[str, dict[str, float]]
Profile = Callable[[float, float], Measures]


class NaiveCaptioner(nn.Module):
    """The same architecture from stock parts, one decoder per direction."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = timm.create_model("resnet50", num_classes=0, global_pool="")
        self.project = nn.Linear(2048, HIDDEN)
        self.tokens = nn.Embedding(VOCABULARY, HIDDEN, padding_idx=PAD)
        self.positions = nn.Embedding(TOKENS, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN)
        layer = nn.TransformerDecoderLayer(HIDDEN, 16, 4096, 0.1, "gelu", batch_first=True)
        self.directions = nn.ModuleList(nn.TransformerDecoder(layer, 1) for _ in range(2))
        self.bias = nn.Parameter(torch.zeros(VOCABULARY))

    def forward(self, images: Tensor, streams: tuple[Tensor, Tensor]) -> Tensor:
        """Images (B, 3, S, S) and both token streams (B, 101) → the loss."""
        memory = self.project(self.encoder(images).flatten(2).transpose(1, 2))
        mask = nn.Transformer.generate_square_subsequent_mask(TOKENS)
        loss = torch.zeros(())
        for decoder, stream in zip(self.directions, streams, strict=True):
            embedded = self.tokens(stream[:, :-1]) + self.positions(torch.arange(TOKENS))
            states = decoder(F.dropout(self.norm(embedded), 0.1), memory, tgt_mask=mask)
            scores = F.linear(states, self.tokens.weight, self.bias)
            loss = loss + F.cross_entropy(
                scores.flatten(0, 1), stream[:, 1:].flatten(), ignore_index=PAD
            )
        return loss


def main(reports: Path | None = None, steps: int = 4, rounds: int = 3) -> None:
    """Run the comparison.

    Parameters
    ----------
    reports
        A table with reports whose lengths are taken.
    steps
        Of each case, in each of `rounds` interleaved rounds.
    """
    keep_freed_memory()
    torch.manual_seed(0)
    texts = _texts(reports)
    rate = _matrix_rate()
    results = {name: _compare(name, each, steps, rounds, rate) for name, each in texts.items()}
    real = results["lengths"]
    print(
        json.dumps(
            {
                "name": "pretraining",
                **real,
                "padded": results["padded"],
                "matrix_gflop_per_s": round(rate, 1),
                "threads": torch.get_num_threads(),
                "reports": "phantom" if reports is None else reports.name,
            }
        )
    )


def _texts(reports: Path | None) -> dict[str, list[str]]:
    if reports is None:
        written = [phantom.sample_study(0, number).report for number in range(2000)]
        sections = [(report.findings, report.impression) for report in written]
    else:
        table = read_table(reports)
        columns = table.guess_columns(Columns())
        texts = [columns.texts(row) for row in table.rows]
        sections = [(text["findings"], text["impression"]) for text in texts]
    texts = [text for text in (training_text(*each) for each in sections) if text]
    return {"padded": [" ".join(texts)[: 40 * TOKENS]] * 800, "lengths": texts}


def _compare(
    name: str, texts: list[str], steps: int, rounds: int, rate: float
) -> dict[str, object]:
    tokenizer = Tokenizer.train(texts if name == "lengths" else texts[:1], VOCABULARY)
    captions = Captions(texts, tokenizer, TOKENS)
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (len(texts), SIZE, SIZE), dtype=np.uint8)
    rows = np.arange(len(texts))
    sorted_batches = epoch_batches(rows, captions.lengths, BATCH, 0, 0)
    random_batches = np.array_split(rng.permutation(rows), len(rows) // BATCH)
    ours, gflop, parts = _ours(images, captions, sorted_batches)
    naive = _naive(images, captions, [batch[:BATCH] for batch in random_batches])
    ours(0), naive(0)
    rates: dict[str, list[float]] = {"ours": [], "naive": []}
    for turn in range(rounds):
        for who, step in (("naive", naive), ("ours", ours)):
            start = time.perf_counter()
            for number in range(steps):
                step(1 + turn * steps + number)
            rates[who].append(BATCH * steps / (time.perf_counter() - start))
        print(f"{name}: naive {rates['naive'][-1]:.2f}, radtex {rates['ours'][-1]:.2f} images/s")
    measured, baseline = (statistics.median(rates[who]) for who in ("ours", "naive"))
    profile = parts(BATCH / measured, rate)
    return {
        "baseline": round(baseline, 3),
        "measured": round(measured, 3),
        "unit": "images/s",
        "ratio": round(measured / baseline, 3),
        "mean_tokens": round(float(captions.lengths.mean()), 1),
        "gflop_per_image": round(gflop, 1),
        "share_of_matrix_rate": round(measured * gflop / rate, 3),
        "input_share": round(profile.pop("input")["seconds"] * measured / BATCH, 4),
        "parts": profile,
    }


def _ours(
    images: np.ndarray, captions: Captions, batches: list[np.ndarray]
) -> tuple[Step, float, Profile]:
    encoder = Encoder("resnet50", SIZE)
    description = DecoderDescription(VOCABULARY, TOKENS, ("forward", "backward"), OPTIONS)
    objective = Captioning(encoder, description, captions)
    objective.encoder.to(memory_format=torch.channels_last)
    optimizer = Optimizer(objective, OptimizerOptions(optimizer="sgd"), 10_000)
    with join_processes() as processes:
        passes = Passes(
            objective,
            Pixels(images, SIZE, 127.0, 64.0),
            AugmentationOptions(),
            1,
            "float32",
            0,
            processes,
        )

    def step(number: int) -> object:
        losses = passes.train(number, batches[number % len(batches)])
        optimizer.step(number)
        return losses

    counted = batches[: min(len(batches), 8)]
    with FlopCounterMode(display=False) as counter:
        for number, batch in enumerate(counted):
            passes.train(number, batch)
    optimizer.torch.zero_grad()

    def parts(step_seconds: float, rate: float) -> Measures:
        each = [_parts(objective, passes.pixels, batch) for batch in counted]
        optimizer.torch.zero_grad()
        return _profile(each, step_seconds, rate)

    return step, counter.get_total_flops() / 1e9 / sum(map(len, counted)), parts


def _parts(objective: Captioning, pixels: Pixels, batch: np.ndarray) -> dict[str, Part]:
    """Seconds and GFLOP of each part of a step on `batch`, forwards and backwards."""
    decoder, directions = objective.decoder, objective.decoder.directions
    inputs: list[tuple[Tensor, dict[str, Tensor]]] = []
    targets = objective.targets(batch)
    with torch.no_grad():
        grid = objective.encoder(pixels.plain(batch))
    real = {way: targets[way][:, 1:] != PAD for way in directions}
    states = {way: torch.randn(int(real[way].sum()), HIDDEN) for way in directions}

    def read() -> None:
        images = pixels.augmented(batch, AugmentationOptions(), 0)
        inputs.append((images, objective.targets(batch)))

    def encode() -> None:
        objective.encoder(inputs[0][0]).sum().backward()

    def decode() -> None:
        memory = decoder.memory(grid.requires_grad_())
        torch.stack(
            [decoder(targets[w][:, :-1], memory, w).sum() for w in directions]
        ).sum().backward()

    def output() -> None:
        for way in directions:
            scores = decoder.logits(states[way].requires_grad_())
            F.cross_entropy(scores, targets[way][:, 1:][real[way]]).backward()

    named = {"input": read, "encoder": encode, "decoder": decode, "output layer": output}
    return {name: (_seconds(work), _gflop(work)) for name, work in named.items()}


def _profile(each: list[dict[str, Part]], step_seconds: float, rate: float) -> Measures:
    """Means over batches, beside the seconds of a whole step."""
    profile: Measures = {}
    for name in each[0]:
        seconds, gflop = (float(np.mean([parts[name][i] for parts in each])) for i in (0, 1))
        profile[name] = {"seconds": round(seconds, 4)}
        if gflop:
            speed = {"gflop_per_s": gflop / seconds, "share_of_matrix_rate": gflop / seconds / rate}
            profile[name] |= {key: round(value, 3) for key, value in speed.items()}
    rest = step_seconds - sum(part["seconds"] for part in profile.values())
    return profile | {"rest": {"seconds": round(rest, 4)}}


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _gflop(work: Callable[[], None]) -> float:
    with FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops() / 1e9


def _naive(images: np.ndarray, captions: Captions, batches: list[np.ndarray]) -> Step:
    model = NaiveCaptioner().train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9, weight_decay=1e-4)

    def step(number: int) -> object:
        rows = batches[number % len(batches)]
        pixels = torch.from_numpy(images[rows]).float().sub(127).div(64)
        streams = tuple(_padded(captions.streams(rows, backward)) for backward in (False, True))
        loss = model(pixels[:, None].repeat(1, 3, 1, 1), streams)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        return loss.item()

    return step


def _padded(stream: Tensor) -> Tensor:
    return F.pad(stream, (0, TOKENS + 1 - stream.shape[1]), value=PAD)


def _matrix_rate() -> float:
    """GFLOP/s of a float32 product of 2048 × 2048 matrices, the best of five."""
    a = torch.randn(2048, 2048)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - start)
    return 2 * 2048**3 / 1e9 / min(seconds)


if __name__ == "__main__":
    cyclopts.run(main)
