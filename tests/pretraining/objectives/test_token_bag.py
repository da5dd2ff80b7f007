"""The loss over the tokens that occur, with every weight and class, against loops."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from fixtures.objectives import OPTIONS, ROWS, TEXTS, captions, cross_entropy
from fixtures.recipes import LEAN
from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder
from radtex.models.tokenizer import MASK, Tokenizer
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.objective import recipe_captions
from radtex.pretraining.objectives.token_bag import TokenBag, occurrence_head, recipe_bag
from radtex.pretraining.recipe import load_recipe

TRAIN = np.array([0, 1, 2])
DENIED = {0: {" pleural", " effusion"}, 1: set(), 2: set(), 3: set()}
"""Of `TEXTS`, by hand."""


def told_apart() -> Captions:
    return Captions(TEXTS, Tokenizer.train(TEXTS * 3, 320), 10, assertions=True)


def classes_of(texts: Captions, row: int, assertions: bool) -> set[int]:
    """The classes of a text, token by token."""
    tokenizer = texts.tokenizer
    found = set()
    for token in tokenizer.encode(TEXTS[row])[: texts.max_tokens]:
        denied = assertions and tokenizer.pieces([token])[0] in DENIED[row]
        found.add(token + len(tokenizer) * denied)
    return found


@pytest.mark.parametrize("assertions", [False, True])
@pytest.mark.parametrize("idf", [False, True])
def test_equals_a_loop_over_the_classes_that_occur(idf: bool, assertions: bool) -> None:
    texts = told_apart() if assertions else captions()
    bag = TokenBag(texts, TRAIN if idf else None)
    logits = torch.randn(len(ROWS), bag.classes, generator=torch.Generator().manual_seed(0))
    total = 0.0
    for row in ROWS:
        weights = {}
        for one in classes_of(texts, row, assertions):
            holding = sum(one in classes_of(texts, other, assertions) for other in TRAIN)
            weights[one] = math.log((len(TRAIN) + 1) / (holding + 1)) if idf else 1.0
        whole = sum(weights.values())
        for one, weight in weights.items():
            total += weight / whole * cross_entropy(logits[row].tolist(), one)
    assert bag.classes == len(texts.tokenizer) * (1 + assertions)
    assert bag(logits, bag.targets(ROWS)).tolist() == pytest.approx([total], rel=1e-5)
    whole_step = bag(logits, bag.targets(ROWS)).item()
    halves = [bag(logits[part], bag.targets(ROWS[part])).item() for part in (ROWS[:2], ROWS[2:])]
    assert sum(halves) == pytest.approx(whole_step, rel=1e-6)


def test_a_denied_token_is_another_class_than_the_same_one_affirmed() -> None:
    texts = ["no effusion", "effusion", "no effusion. large effusion"]
    tokenizer = Tokenizer.train(texts * 3, 300)
    (token,) = tokenizer.encode("effusion")
    bag = TokenBag(Captions(texts, tokenizer, 20, assertions=True))
    found = [set(row) for row in bag.targets(np.arange(3)).tolist()]
    kinds = {token, token + len(tokenizer)}
    assert [each & kinds for each in found] == [{token + len(tokenizer)}, {token}, kinds]


def test_a_text_of_tokens_that_all_texts_hold_has_no_loss_and_no_gradient() -> None:
    texts = ["clear", "clear", "clear effusion"]
    bag = TokenBag(Captions(texts, Tokenizer.train(texts * 3, 300), 20), np.arange(3))
    logits = torch.zeros(3, bag.classes, requires_grad=True)
    loss = bag(logits, bag.targets(np.arange(3)))
    loss.sum().backward()
    assert loss.item() == pytest.approx(math.log(bag.classes), rel=1e-5)
    assert logits.grad is not None
    assert (logits.grad[:2] == 0).all()
    assert logits.grad.isfinite().all()


def test_special_tokens_and_padding_weigh_nothing_and_weights_are_no_part_of_a_run() -> None:
    for bag in (TokenBag(captions()), TokenBag(captions(), TRAIN)):
        assert (bag.weights[: MASK + 1] == 0).all()
        assert not bag.state_dict()


def test_the_frequencies_are_those_of_the_training_split(phantom_corpus: Corpus, tmp_path) -> None:
    recipe = load_recipe("token-classification-idf-small", LEAN)
    texts = recipe_captions(recipe, phantom_corpus, tmp_path)
    bag = recipe_bag(recipe, phantom_corpus, texts)
    train = phantom_corpus.rows("train")
    sets = [set(texts.streams(row[None], backward=False)[0].tolist()) for row in train]
    for token in range(MASK + 1, len(texts.tokenizer)):
        holding = sum(token in each for each in sets)
        expected = math.log((len(train) + 1) / (holding + 1))
        assert bag.weights[token].item() == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_a_head_is_one_layer_or_two(encoder: Encoder) -> None:
    bag = TokenBag(captions())
    options = LEAN | {"hidden": OPTIONS.hidden, "heads": 2}
    linear = occurrence_head(
        load_recipe("radtex-small", options | {"occurrence_head": "linear"}), encoder, bag
    )
    mlp = occurrence_head(
        load_recipe("radtex-small", options | {"occurrence_head": "mlp"}), encoder, bag
    )
    assert isinstance(linear, nn.Linear)
    assert isinstance(mlp, nn.Sequential)
    pooled = torch.randn(2, encoder.width)
    first, _, last = mlp
    hidden = pooled @ first.weight.T + first.bias
    gelu = hidden * (1 + torch.erf(hidden / math.sqrt(2))) / 2
    assert torch.allclose(mlp(pooled), gelu @ last.weight.T + last.bias, atol=1e-5)
    assert linear(pooled).shape == mlp(pooled).shape == (2, bag.classes)
    assert first.out_features == OPTIONS.hidden
