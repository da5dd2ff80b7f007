"""Losses that relate all samples of a step, however the step is cut and dealt."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from radtex.compute.seeding import derived_seed, seeded
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.model_description import DecoderDescription
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.batches import micro_batches
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.loop.passes import Passes
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.objectives.contrastive import Contrastive
from radtex.pretraining.objectives.contrastive_captioning import ContrastiveCaptioning

TEXTS = [f"{side} {finding}" for side in ("left", "right", "no") for finding in ("effusion", "air")]
ROWS = np.arange(len(TEXTS))
STILL = AugmentationOptions(
    crop_area=1.0, crop_ratio=1.0, rotation=0.0, brightness=0.0, contrast=0.0
)


def contrastive(backbone: str, dropout: float) -> Contrastive:
    torch.manual_seed(0)
    captions = Captions(TEXTS, Tokenizer.train(TEXTS, 280), 12)
    return Contrastive(Encoder(backbone, 64), DecoderOptions(16, 1, 2, 32, dropout), captions)


def contrastive_captioning(backbone: str, dropout: float) -> ContrastiveCaptioning:
    torch.manual_seed(0)
    captions = Captions(TEXTS, Tokenizer.train(TEXTS, 280), 12)
    options = DecoderOptions(16, 1, 2, 32, dropout)
    description = DecoderDescription(len(captions.tokenizer), 12, ("forward",), options)
    return ContrastiveCaptioning(Encoder(backbone, 64), description, captions)


def passes(objective: Contrastive, parts: int, augmentation: AugmentationOptions) -> Passes:
    images = np.random.default_rng(0).integers(0, 256, (len(TEXTS), 64, 64), dtype=np.uint8)
    alone = Processes(0, 1, torch.device("cpu"))
    pixels = Pixels(images, EncoderInput(64, 128.0, 64.0))
    return Passes(objective, pixels, augmentation, parts, "float32", 5, alone)


def gradients(objective: Contrastive) -> dict[str, Tensor]:
    return {n: p.grad.clone() for n, p in objective.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("build", [contrastive, contrastive_captioning])
@pytest.mark.parametrize("parts", [2, 4, 8])
def test_a_step_in_parts_has_the_gradients_of_the_whole(
    build: Callable[[str, float], Contrastive], parts: int
) -> None:
    """Without batch-norm and dropout, which see the parts; 8 parts leave two empty."""
    whole, cut = (build("convnext_atto", 0.0) for _ in range(2))
    expected = passes(whole, 1, STILL).train(0, ROWS)
    found = passes(cut, parts, STILL).train(0, ROWS)
    assert found == pytest.approx(expected, rel=1e-5)
    wanted = gradients(whole)
    assert wanted["scale"] != 0
    for name, gradient in gradients(cut).items():
        assert torch.allclose(gradient, wanted[name], rtol=1e-3, atol=1e-6), name


@pytest.mark.parametrize("build", [contrastive, contrastive_captioning])
def test_both_passes_see_the_same_augmentation_dropout_and_batches(
    build: Callable[[str, float], Contrastive],
) -> None:
    """The gradients are those of one graph over all parts, each with the draws of its number."""
    whole, cut = (build("resnet10t", 0.3) for _ in range(2))
    training = passes(cut, 4, AugmentationOptions())
    training.train(0, ROWS)
    whole.train()
    embeddings, seed = [], training.seed
    for number, rows in enumerate(micro_batches(ROWS, 4)):
        key = derived_seed(seed, 0, number, 1)
        images = training.pixels.augmented(rows, AugmentationOptions(), key)
        with seeded(seed, 0, number, 0):
            embeddings.append(whole.embed(images, whole.targets(rows)))
    sums = whole.relate(torch.cat(embeddings))
    (sums / torch.from_numpy(whole.counts(ROWS))).sum().backward()
    wanted = gradients(whole)
    assert gradients(cut).keys() == wanted.keys()
    for name, gradient in gradients(cut).items():
        assert torch.allclose(gradient, wanted[name], rtol=1e-3, atol=1e-5), name
