"""One network trained whole on the labels of one draw, and nothing else.

The recipe is the same for every encoder. One linear head for the targets of the fit stands on the
pooled features, which are shifted and scaled to mean 0 and deviation 1 over the labelled studies
before the first step; it starts at the prevalence. AdamW; the head has the whole learning rate and
each stage before it LAYER_DECAY of the next; linear warm-up, then a cosine to zero. A step takes
studies without replacement, one random image of each, augmented. Batch-norm statistics are taken
anew from the labelled studies' images, once, and are frozen from then on: with few images a batch
says little of them, and those of other images would not fit. Labels that are not definite take no
part in the loss.

With early stopping, one fold of the labelled studies, by patient, is held out from training, and
the weights with the least loss on it are kept.
"""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils import skip_init

from radtex.compute.allocation import keep_freed_memory
from radtex.compute.depthwise import speed_up_depthwise
from radtex.compute.devices import compute_device
from radtex.compute.schedule import cosine
from radtex.compute.seeding import derived_seed
from radtex.errors import ProtocolError
from radtex.models.encoder import pool
from radtex.models.encoder_input import EncoderInput
from radtex.pretraining.data.augmentation import augment
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.transfer.protocols.finetuning_options import FinetuningOptions

BATCH = 32
LAYER_DECAY = 0.75
WEIGHT_DECAY = 0.01
WARMUP = 0.1
"""Share of the steps over which the learning rates rise."""
CHECKS = 20
"""How often early stopping looks at the held-out loss, at most."""
PATIENCE = 5
"""Checks without a better loss after which it stops."""
AUGMENTATION = AugmentationOptions(
    crop_area=0.8, crop_ratio=0.9, rotation=10.0, brightness=0.2, contrast=0.2
)
_IMAGES_AT_ONCE = 64


@dataclass(frozen=True)
class StudyImages:
    """The images of n studies, in an array or a file (.npy) that a worker can open."""

    images: NDArray[np.uint8] | Path
    """(N, S, S), grey levels."""
    rows: NDArray[np.int64]
    """(m,): the images of these studies, at least one of each."""
    study: NDArray[np.int64]
    """(m,): the study, 0 to n - 1, of each."""

    def of(self, studies: NDArray[np.int64]) -> "StudyImages":
        """Take the images of some of the studies, which are numbered anew in the order given."""
        number = np.full(int(self.study.max()) + 1, -1, np.int64)
        number[studies] = np.arange(len(studies))
        renumbered = number[self.study]
        kept = renumbered >= 0
        return StudyImages(self.images, self.rows[kept], renumbered[kept])

    def opened(self) -> NDArray[np.uint8]:
        """Return all images, (N, S, S); those in a file stay there."""
        if isinstance(self.images, Path):
            images: NDArray[np.uint8] = np.load(self.images, mmap_mode="r")
            return images
        return self.images


@dataclass(frozen=True)
class Fit:
    """All that one network is trained with: the labels of one draw and no other."""

    labelled: StudyImages
    """Of n studies."""
    labels: NDArray[np.float32]
    """(n, t): 1, 0, or NaN where not definite."""
    held_out: NDArray[np.bool_]
    """(n,): studies that choose the number of steps and do not train; none for fixed steps."""
    key: tuple[int, ...]
    """What its randomness depends on."""


def finetune(
    encoder: nn.Module, takes: EncoderInput, fit: Fit, test: StudyImages, options: FinetuningOptions
) -> tuple[Tensor, int]:
    """Train a copy of an encoder and score the test studies.

    On the CPU one thread is used, so that the same fit gives the same bytes however many run at
    once.

    Args:
        encoder: float images (B, 1, S, S) to a grid (B, C, h, w); it stays as it is.
        takes: how images are made ready for it.
        fit: the labels of one draw, for t targets.
        test: m studies to score.
        options: what may be chosen of the recipe.

    Returns:
        Logits (m, t), a study's the mean over its images, and the steps that were kept.

    Raises:
        ProtocolError: if the loss is not finite.
    """
    keep_freed_memory()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.enable_grad():
            network = _Network(encoder, takes, fit)
            steps = _train(network, fit, options)
        return network.scores(test.opened(), test.rows, test.study), steps
    finally:
        torch.set_num_threads(threads)


class _Network(nn.Module):
    """A copy of an encoder with a head on its standardised features."""

    def __init__(self, encoder: nn.Module, takes: EncoderInput, fit: Fit) -> None:
        super().__init__()
        self.device = compute_device()
        copied = copy.deepcopy(encoder).eval().to(self.device)
        self.encoder = copied.to(memory_format=torch.channels_last)
        speed_up_depthwise(self.encoder)
        self.takes = takes
        trained = ~fit.held_out
        images = fit.labelled.of(np.flatnonzero(trained))
        grey = images.opened()
        _take_statistics(self.encoder, list(self._batches(grey, images.rows)))
        with torch.no_grad():
            features = torch.cat(
                [pool(self.encoder(batch)) for batch in self._batches(grey, images.rows)]
            )
        deviation, self.mean = torch.std_mean(features, dim=0, correction=0)
        self.deviation = deviation.where(deviation > 0, torch.ones_like(deviation))
        # Not drawn at random: that would move torch's global generator.
        self.head = skip_init(nn.Linear, features.shape[1], fit.labels.shape[1], device=self.device)
        prevalence = np.nanmean(fit.labels[trained], 0)
        with torch.no_grad():
            self.head.weight.zero_()
            self.head.bias.copy_(torch.from_numpy(prevalence).logit(eps=0.01))

    def forward(self, images: Tensor) -> Tensor:
        features = (pool(self.encoder(images)).float() - self.mean) / self.deviation
        logits: Tensor = self.head(features)
        return logits

    def scores(
        self, images: NDArray[np.uint8], rows: NDArray[np.int64], study: NDArray[np.int64]
    ) -> Tensor:
        """Logits of studies, (n, t), on the CPU."""
        with torch.no_grad():
            logits = torch.cat([self(batch).cpu() for batch in self._batches(images, rows)])
        number = torch.from_numpy(study)
        sums = logits.new_zeros(int(study.max()) + 1, logits.shape[1]).index_add_(0, number, logits)
        return sums / torch.bincount(number)[:, None]

    def prepared(self, grey: NDArray[np.uint8]) -> Tensor:
        return self.takes.prepare(torch.from_numpy(grey).to(self.device))

    def _batches(self, images: NDArray[np.uint8], rows: NDArray[np.int64]) -> Iterator[Tensor]:
        # Nearly equal batches: batch-norm's statistics are a mean over them.
        for part in np.array_split(rows, math.ceil(len(rows) / _IMAGES_AT_ONCE)):
            yield self.prepared(images[part])


def _take_statistics(encoder: nn.Module, batches: list[Tensor]) -> None:
    """Set batch-norm's running statistics to the mean of those of the batches."""
    layers = [
        module
        for module in encoder.modules()
        if isinstance(module, _BatchNorm) and module.track_running_stats
    ]
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
        layer.train()
    with torch.no_grad():
        for batch in batches:
            encoder(batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
        layer.eval()


def _train(network: _Network, fit: Fit, options: FinetuningOptions) -> int:
    """Train in place; returns the number of steps whose weights were kept."""
    optimizer = torch.optim.AdamW(_groups(network, options.learning_rate))
    peaks = [group["lr"] for group in optimizer.param_groups]
    warmup = max(1, round(WARMUP * options.steps))
    check_every = max(1, options.steps // CHECKS)
    held = fit.labelled.of(np.flatnonzero(fit.held_out))
    held_labels = torch.from_numpy(fit.labels[fit.held_out])
    best, kept, kept_at = math.inf, network.state_dict(), options.steps
    images = fit.labelled.opened()
    for step, (rows, labels, generator) in enumerate(_samples(fit, options.steps), start=1):
        share = min(step / warmup, 1.0)
        if step > warmup:
            share = cosine((step - warmup) / (options.steps - warmup + 1))
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = share * peak
        batch = network.prepared(images[rows])
        loss = _loss(network(augment(batch, network.takes.size, AUGMENTATION, generator)), labels)
        if not loss.isfinite():
            raise ProtocolError(
                f"fine-tuning lost its way: the loss of step {step} is {loss.item()}; lower the "
                f"learning rate, now {options.learning_rate:g}"
            )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if len(held.rows) and (step % check_every == 0 or step == options.steps):
            held_loss = float(_loss(network.scores(images, held.rows, held.study), held_labels))
            if held_loss < best:
                best, kept, kept_at = held_loss, copy.deepcopy(network.state_dict()), step
            elif step - kept_at >= PATIENCE * check_every:
                break
    if len(held.rows):
        network.load_state_dict(kept)
    return kept_at


def _groups(network: _Network, learning_rate: float) -> list[dict[str, object]]:
    """Weights by stage, the later the faster; norms and biases do not decay."""
    stages = depths(network.encoder)
    last = max(stages.values()) + 1
    groups: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        stage = stages.get(name.removeprefix("encoder."), last)
        parameter.requires_grad_(True)
        groups.setdefault((stage, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": parameters,
            "lr": learning_rate * LAYER_DECAY ** (last - stage),
            "weight_decay": WEIGHT_DECAY if decays else 0.0,
        }
        for (stage, decays), parameters in groups.items()
    ]


def depths(encoder: nn.Module) -> dict[str, int]:
    """Return the stage of every parameter by name, 0 for the stem; they count up to the output.

    The stages are timm's own of the encoder's `network` (its coarse `group_matcher`: stem and
    stages, or blocks of a transformer). A network that timm has not described is one stage.
    """
    from timm.models import group_parameters

    names = [name for name, _ in encoder.named_parameters()]
    network: Any = getattr(encoder, "network", None)
    if not hasattr(network, "group_matcher"):
        return dict.fromkeys(names, 0)
    stages = group_parameters(network, network.group_matcher(coarse=True), reverse=True)
    return {name: stages.get(name.removeprefix("network."), 0) for name in names}


def _samples(fit: Fit, steps: int) -> Iterator[tuple[NDArray[np.int64], Tensor, torch.Generator]]:
    """Image rows and labels of each step: studies in shuffled rounds, a random image of each."""
    generator = torch.Generator().manual_seed(derived_seed(*fit.key))
    trained = np.flatnonzero(~fit.held_out)
    images = [np.flatnonzero(fit.labelled.study == study) for study in trained]
    counts = torch.tensor([len(each) for each in images])
    waiting = torch.empty(0, dtype=torch.int64)
    for _ in range(steps):
        size = min(BATCH, len(trained))
        if len(waiting) < size:
            waiting = torch.cat([waiting, torch.randperm(len(trained), generator=generator)])
        chosen, waiting = waiting[:size], waiting[size:]
        which = (torch.rand(size, generator=generator) * counts[chosen]).long().tolist()
        picked = [images[study][image] for study, image in zip(chosen.tolist(), which, strict=True)]
        labels = torch.from_numpy(fit.labels[trained[chosen.numpy()]])
        yield fit.labelled.rows[picked], labels, generator


def _loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy over the definite labels; 0 where there is none."""
    labels = labels.to(logits.device)
    definite = ~labels.isnan()
    losses = binary_cross_entropy_with_logits(logits[definite], labels[definite], reduction="sum")
    return losses / definite.sum().clamp(min=1)
