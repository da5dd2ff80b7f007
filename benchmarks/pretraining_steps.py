"""What `pretraining.py` compares: its settings, contestants, and radtex's own training step."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from radtex.compute.allocation import keep_freed_memory
from radtex.compute.linear_layer import speed_up_linear
from radtex.models.decoder import Direction
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.model_description import DecoderDescription
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import Rows, epoch_batches
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.loop.determinism import deterministic_kernels
from radtex.pretraining.loop.forward import AUTOCAST
from radtex.pretraining.loop.optimizer_options import OptimizerOptions
from radtex.pretraining.loop.optimizers import Optimizer
from radtex.pretraining.loop.passes import Passes
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.loop.training_options import Precision
from radtex.pretraining.objectives.captioning import Captioning
from radtex.pretraining.watching.pace import peak_memory

MEAN, STD = 127.0, 64.0


@dataclass(frozen=True)
class Setting:
    """What is timed, and where."""

    backbone: str
    """Name of the network in timm."""
    size: int
    """Side of the images, in pixels."""
    tokens: int
    """Length of the longest text, with its start."""
    vocabulary: int
    """Tokens of the vocabulary."""
    decoder: DecoderOptions
    """Shape of the decoder."""
    batch: int
    """Images per step."""
    device: Literal["cpu", "cuda"]
    """Where all contestants compute."""
    precision: Precision
    """Precision of all contestants; autocast gives any but float32."""
    compile: bool
    """Whether torch.compile compiles the forward passes of radtex and of the tuned model."""
    steps: int
    """Timed steps in each round."""
    warmup: int
    """Steps before the first round."""
    matrix: int
    """Side of the matrices whose product gives the device's matrix rate."""

    def autocast(self) -> torch.autocast:
        """Return the context of a forward pass."""
        kind = AUTOCAST.get(self.precision)
        return torch.autocast(self.device, kind, enabled=kind is not None)


@dataclass(frozen=True)
class Case:
    """The texts and images of a comparison; each process reads them and makes its own batches."""

    texts: list[str]
    """The text of each image."""
    images: Path
    """A file `.npy` of uint8 (len(texts), size, size)."""


class Contestant:
    """A model in training, with its data."""

    def __init__(self, setting: Setting, case: Case) -> None:
        torch.manual_seed(0)
        self.setting = setting
        self.device = torch.device(setting.device)
        self.images = np.load(case.images, mmap_mode="r")
        # The padded case repeats one text.
        kinds = case.texts if len(set(case.texts)) > 1 else case.texts[:1]
        tokenizer = Tokenizer.train(kinds, setting.vocabulary)
        self.captions = Captions(case.texts, tokenizer, setting.tokens)

    def step(self, number: int) -> None:
        """Train step `number` to its end on the device."""
        raise NotImplementedError

    def run(self, first: int, steps: int) -> float:
        """Return the seconds of `steps` steps from number `first` on."""

        def work() -> None:
            for number in range(first, first + steps):
                self.step(number)

        return seconds(work, self.device)

    def peak_gib(self) -> float:
        """Return the peak memory of the GPU, or of this process with its images."""
        return round(peak_memory(self.device) / 2**30, 2)


class Ours(Contestant):
    """radtex's step, as its trainer takes it."""

    def __init__(self, setting: Setting, case: Case) -> None:
        keep_freed_memory()
        super().__init__(setting, case)
        encoder = Encoder(setting.backbone, setting.size)
        directions: tuple[Direction, ...] = ("forward", "backward")
        description = DecoderDescription(
            setting.vocabulary, setting.tokens, directions, setting.decoder
        )
        self.objective = Captioning(encoder, description, self.captions)
        self.objective.to(self.device)
        self.objective.encoder.to(memory_format=torch.channels_last)
        if not setting.compile:
            speed_up_linear(self.objective)
        self.optimizer = Optimizer(self.objective, OptimizerOptions(optimizer="sgd"), 10_000)
        self.passes = Passes(
            self.objective,
            Pixels(self.images, EncoderInput(setting.size, MEAN, STD)),
            AugmentationOptions(),
            1,
            setting.precision,
            0,
            Processes(0, 1, self.device),
            setting.compile,
        )
        batches = epoch_batches(np.arange(len(self.images)), setting.batch, 0, 0)
        self.batches = [batch for batch in batches if len(batch) == setting.batch]

    def batch(self, number: int) -> Rows:
        """Return the rows of step `number`."""
        return self.batches[number % len(self.batches)]

    def step(self, number: int) -> None:
        """Train step `number` to its end on the device."""
        with deterministic_kernels(self.device):
            self.passes.train(number, self.batch(number), following=self.batch(number + 1))
            self.optimizer.step(number, self.passes.gradient_norm)


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Return the seconds until `work` is done on the device, which begins idle."""
    _wait(device)
    start = time.perf_counter()
    work()
    _wait(device)
    return time.perf_counter() - start


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
