"""The recipe `bicaptioning-r50`, narrow, against a naive reference: the same loss and gradients.

The reference takes the weights by their names and does everything after the encoder in loops over
samples, positions and heads: every text padded to the full context, attention written out with its
masks, the directions one after the other, cross-entropy by hand. Float64 throughout.
"""

import copy
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.tokenizer import END, PAD, START
from radtex.pretraining.data.augmentation_options import AugmentationOptions
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.loop.passes import Passes
from radtex.pretraining.loop.processes import join_processes
from radtex.pretraining.objectives.captioning import Bicaptioning
from radtex.pretraining.recipe import load_recipe
from radtex.reports.training_text import training_texts

NARROW = {
    "hidden": 16,
    "heads": 2,
    "feedforward": 24,
    "vocabulary": 280,
    "max_tokens": 8,
    "dropout": 0.0,
    "micro_batches": 2,
}
HEADS, CONTEXT, PARTS = 2, 8, 2


class Exact(Pixels):
    """Images in float64, as they are."""

    def augmented(
        self,
        rows: NDArray[np.int64],
        _options: AugmentationOptions,
        _seed: int,
        _device: torch.device | None = None,
    ) -> Tensor:
        return self.plain(rows).double()


def linear(weights: dict[str, Tensor], name: str, x: Tensor) -> Tensor:
    return weights[f"{name}.weight"] @ x + weights[f"{name}.bias"]


def layer_norm(weights: dict[str, Tensor], name: str, x: Tensor, eps: float) -> Tensor:
    centred = x - x.sum() / len(x)
    scale = (centred.pow(2).sum() / len(x) + eps).sqrt()
    return weights[f"{name}.weight"] * centred / scale + weights[f"{name}.bias"]


def gelu(x: Tensor) -> Tensor:
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def attention(
    weights: dict[str, Tensor], name: str, query: Tensor, source: list[Tensor], seen: list[bool]
) -> Tensor:
    """One position's query over the `source` positions that may be `seen`."""
    width = len(query) // HEADS
    q = linear(weights, f"{name}.query", query)
    keys_values = [linear(weights, f"{name}.key_value", x) for x in source]
    heads = []
    for head in range(HEADS):
        part = slice(head * width, (head + 1) * width)
        scores = [
            (q[part] * kv[: len(query)][part]).sum() / math.sqrt(width)
            if visible
            else q.new_tensor(-math.inf)
            for kv, visible in zip(keys_values, seen, strict=True)
        ]
        shares = torch.stack(scores).exp() / torch.stack(scores).exp().sum()
        values = [kv[len(query) :][part] for kv in keys_values]
        heads.append(sum(share * value for share, value in zip(shares, values, strict=True)))
    return linear(weights, f"{name}.output", torch.cat(heads))


def states_of(
    weights: dict[str, Tensor], tokens: list[int], cells: list[Tensor], stack: int
) -> list[Tensor]:
    """The state of each of the positions of a padded text, through the one block of a stack."""
    states = [
        layer_norm(
            weights,
            "embedding_norm",
            weights["tokens.weight"][token] + weights["positions.weight"][position],
            1e-8,
        )
        for position, token in enumerate(tokens)
    ]
    block = f"stacks.{stack}.0"
    result = []
    for position, state in enumerate(states):
        seen = [other <= position and token != PAD for other, token in enumerate(tokens)]
        mixed = attention(weights, f"{block}.self_attention", state, states, seen)
        x = layer_norm(weights, f"{block}.norms.0", state + mixed, 1e-5)
        mixed = attention(weights, f"{block}.cross_attention", x, cells, [True] * len(cells))
        x = layer_norm(weights, f"{block}.norms.1", x + mixed, 1e-5)
        inner = gelu(linear(weights, f"{block}.expand", x))
        mixed = linear(weights, f"{block}.contract", inner)
        result.append(layer_norm(weights, f"{block}.norms.2", x + mixed, 1e-5))
    return result


def reference_loss(
    encoder: Encoder, weights: dict[str, Tensor], images: list[Tensor], texts: list[list[int]]
) -> Tensor:
    """Forward + backward loss, each a mean over the tokens of all texts that are no padding.

    `images` are the micro-batches, (b, 1, S, S) each, with which batch-norm normalises.
    """
    cells = [
        [linear(weights, "project", cell) for cell in grid.flatten(1).T]
        for part in images
        for grid in encoder(part)
    ]
    loss = torch.zeros((), dtype=torch.float64)
    for stack, backward in enumerate((False, True)):
        total, count = torch.zeros((), dtype=torch.float64), 0
        for own, text in zip(cells, texts, strict=True):
            stream = [START, *(reversed(text) if backward else text), END][: CONTEXT + 1]
            stream += [PAD] * (CONTEXT + 1 - len(stream))
            states = states_of(weights, stream[:-1], own, stack)
            for state, wanted in zip(states, stream[1:], strict=True):
                if wanted == PAD:
                    continue
                scores = weights["tokens.weight"] @ state + weights["output_bias"]
                total = total + scores.exp().sum().log() - scores[wanted]
                count += 1
        loss = loss + total / count
    return loss


def assert_close(a: Tensor, b: Tensor, name: str) -> None:
    """Equal to 1e-5 of the largest entry."""
    assert (a - b).abs().max() <= 1e-5 * b.abs().max(), name


def test_the_recipe_has_the_loss_and_gradients_of_a_naive_reference(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    recipe = load_recipe("bicaptioning-r50", NARROW)
    encoder = Encoder(recipe.backbone, phantom_corpus.size)
    objective = Bicaptioning.from_recipe(recipe, phantom_corpus, encoder, tmp_path)
    assert objective.tokenizer is not None
    torch.manual_seed(0)
    for parameter in objective.parameters():  # the zeros among them would hide gradients
        nn.init.normal_(parameter, 1.0 if parameter.ndim == 1 else 0.0, 0.1)
    objective.double()
    tokens = [
        objective.tokenizer.encode(text)
        for text in training_texts(phantom_corpus.index, recipe.text.text_policy)
    ]
    tokens[1] = tokens[1][:4]
    captions = objective.captions  # one text shorter than the context, the others are cut
    captions._numbers[1], captions.lengths[1] = len(captions._ends) - 1, 5
    captions._tokens.extend(tokens[1])
    captions._ends = np.append(captions._ends, len(captions._tokens))
    naive = copy.deepcopy(objective)
    rows = np.array([1, 4, 0, 7])
    pixels = Exact(phantom_corpus.images, EncoderInput(encoder.input_size, 127.0, 64.0))

    with join_processes() as processes:
        passes = Passes(
            objective,
            pixels,
            recipe.augmentation,
            recipe.training.micro_batches,
            recipe.training.precision,
            recipe.seed,
            processes,
        )
        losses = passes.train(0, rows)

    images = torch.from_numpy(phantom_corpus.images[rows]).double().unsqueeze(1).sub(127).div(64)
    decoder = dict(naive.decoder.named_parameters())
    loss = reference_loss(
        naive.encoder.train(), decoder, list(images.chunk(PARTS)), [tokens[row] for row in rows]
    )
    loss.backward()

    assert losses["loss"] == pytest.approx(loss.item(), rel=1e-5)
    own = dict(objective.named_parameters())
    assert len(own) > 100
    for name, parameter in naive.named_parameters():
        gradient, expected = own[name].grad, parameter.grad
        assert gradient is not None, name
        assert expected is not None, name
        assert expected.abs().max() > 0, name
        assert_close(gradient, expected, name)
