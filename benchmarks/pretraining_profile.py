"""Where a training step of radtex spends its time: by part, by kernel, against the matrix rate."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from pretraining_steps import Contestant, Ours, seconds
from torch import Tensor
from torch._C._autograd import DeviceType
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from radtex.compute.devices import to_device
from radtex.compute.linear_layer import linear
from radtex.models.ragged import Ragged
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import Rows

COUNTED, PROFILED, LISTED = 8, 2, 10
Part = tuple[float, float]


def matrix_rate(contestant: Contestant) -> float:
    """Return GFLOP/s of a product of square matrices in the setting's precision, the best of five.

    The product is taken by the library that is faster for it on this processor.
    """
    setting, device = contestant.setting, contestant.device
    kind, side = getattr(torch, setting.precision), setting.matrix
    left, right = (torch.randn(side, side, device=device).to(kind) for _ in range(2))

    def multiply() -> None:
        linear(left, right, None)

    multiply()
    return 2 * side**3 / 1e9 / min(seconds(multiply, device) for _ in range(5))


def step_profile(ours: Ours, first: int, steps: int, rate: float, each: float) -> dict[str, Any]:
    """Return mean tokens, GFLOP per image, parts and kernels of the steps that were timed.

    Args:
        ours: radtex's contestant.
        first: Number of the first timed step.
        steps: How many were timed; some of them are looked at.
        rate: The matrix rate, GFLOP/s.
        each: Measured seconds of a step.
    """
    counted = [ours.batch(number) for number in range(first, first + min(steps, COUNTED))]
    gflop = sum(_gflop(partial(_whole, ours, batch)) for batch in counted)
    measured = [_parts(ours, batch) for batch in counted]
    ours.optimizer.torch.zero_grad()
    parts = _means(measured, rate)
    rest = each - sum(part["seconds"] for part in parts.values())
    share = parts.pop("input")["seconds"] / each
    return {
        "mean_tokens": round(float(ours.captions.lengths.mean()), 1),
        "gflop_per_image": round(gflop / sum(map(len, counted)), 2),
        "input_share": round(share, 4),
        "parts": parts | {"rest": {"seconds": round(rest, 5)}},
        "kernels": _kernels(ours, first, each),
    }


def _whole(ours: Ours, batch: Rows) -> None:
    """Run the passes of a step, uncompiled: the counter does not see into compiled ones."""
    images = ours.passes.forward.pixels.plain(batch, ours.device)
    targets = {way: stream.to(ours.device) for way, stream in ours.objective.targets(batch).items()}
    with ours.setting.autocast():
        terms = ours.objective(images, targets)
    terms.sum().backward()


def _parts(ours: Ours, batch: Rows) -> dict[str, Part]:
    """Return seconds and GFLOP of each part of a step, forwards and backwards, uncompiled."""
    objective, pixels, device = ours.objective, ours.passes.forward.pixels, ours.device
    decoder, directions = objective.decoder, objective.decoder.directions
    autocast = ours.setting.autocast
    targets = {way: stream.to(device) for way, stream in objective.targets(batch).items()}
    images = pixels.plain(batch, device)
    with torch.no_grad(), autocast():
        grid = objective.encoder(images)
    wanted = {way: targets[way][:, 1:] for way in directions}
    texts = Ragged(targets["places"], targets["numbers"])
    tokens, hidden = len(targets["places"]), ours.setting.decoder.hidden
    states = torch.randn(tokens, hidden, device=device, requires_grad=True)

    def read() -> list[Tensor]:
        texts = [to_device(stream, device) for stream in objective.targets(batch).values()]
        return [pixels.augmented(batch, AugmentationOptions(), 0, device), *texts]

    def encode() -> None:
        with autocast():
            total = objective.encoder(images).sum()
        total.backward()

    def decode() -> None:
        with autocast():
            memory = decoder.memory(grid.requires_grad_())
            sums = [
                decoder.real_states(targets[way][:, :-1], texts, memory, way).sum()
                for way in directions
            ]
        torch.stack(sums).sum().backward()

    def output() -> None:
        for way in directions:
            with autocast():
                scores = decoder.logits(states).float()
                loss = F.cross_entropy(scores, texts.pack(wanted[way]))
            loss.backward()

    named: dict[str, Callable[[], object]] = {
        "input": read,
        "encoder": encode,
        "decoder": decode,
        "output layer": output,
    }
    # Counted first: that run also warms the device up.
    counts = {name: _gflop(work) for name, work in named.items()}
    return {name: (seconds(work, device), counts[name]) for name, work in named.items()}


def _means(measured: list[dict[str, Part]], rate: float) -> dict[str, dict[str, float]]:
    """Return means over batches: seconds, and what is done in them against the matrix rate."""
    means: dict[str, dict[str, float]] = {}
    for name in measured[0]:
        duration, gflop = (float(np.mean([parts[name][i] for parts in measured])) for i in (0, 1))
        means[name] = {"seconds": round(duration, 5)}
        if gflop:
            speed = gflop / duration
            means[name]["gflop_per_s"] = round(speed, 2)
            means[name]["share_of_matrix_rate"] = round(speed / rate, 3)
    return means


def _gflop(work: Callable[[], object]) -> float:
    # The counter does not know oneDNN's own operator.
    known = {}
    if torch.backends.mkldnn.is_available():
        known[torch.ops.mkldnn._linear_pointwise] = _linear_flop
    with FlopCounterMode(display=False, custom_mapping=known) as counter:
        work()
    return float(counter.get_total_flops()) / 1e9


def _linear_flop(rows: tuple[int, ...], weight: tuple[int, ...], *_: object, **__: object) -> int:
    return 2 * math.prod(rows) * weight[0]


def _kernels(contestant: Contestant, first: int, each: float) -> dict[str, object]:
    """Return the kernels that take longest: of the GPU, or torch's operators on the CPU.

    `share_of_step` is the time of all kernels over that of a step without the profiler. On a GPU it
    says how busy the GPU is.
    """
    cuda = contestant.device.type == "cuda"
    activities = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if cuda else [])
    with profile(activities=activities) as recorded:
        contestant.run(first, PROFILED)
    wanted = DeviceType.CUDA if cuda else DeviceType.CPU
    milliseconds = {
        event.key: (event.self_device_time_total if cuda else event.self_cpu_time_total)
        / (1000 * PROFILED)
        for event in recorded.key_averages()
        if event.device_type == wanted and not event.is_user_annotation
    }
    total = sum(milliseconds.values())
    longest = sorted(milliseconds.items(), key=lambda item: -item[1])[:LISTED]
    return {
        "share_of_step": round(total / 1000 / each, 3),
        "longest": [
            {"name": name[:100], "ms": round(spent, 3), "share": round(spent / total, 3)}
            for name, spent in longest
        ],
    }
