"""Losses of the rivals that read reports, against loops over single samples and tokens."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from radtex.compute.seeding import seeded
from radtex.models.decoder import DecoderOptions
from radtex.models.encoder import Encoder, pool
from radtex.models.storage import DecoderDescription
from radtex.models.tokenizer import END, MASK, PAD, START, Tokenizer
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.contrastive import Contrastive
from radtex.pretraining.objectives.contrastive_captioning import ContrastiveCaptioning
from radtex.pretraining.objectives.masked import Masked
from radtex.pretraining.objectives.token_classification import TokenClassification

TEXTS = [
    "no pleural effusion",
    "there is a large left pleural effusion and a very long list of other findings",
    "clear lungs",
    "x",
]
ROWS = np.arange(len(TEXTS))
CONTEXT = 10
OPTIONS = DecoderOptions(hidden=16, layers=2, heads=2, feedforward=32, dropout=0.0)


def captions(texts: list[str] = TEXTS) -> Captions:
    return Captions(texts, Tokenizer.train(TEXTS * 3, 320), CONTEXT)


def images(number: int = len(TEXTS)) -> Tensor:
    return torch.randn(number, 1, 64, 64, generator=torch.Generator().manual_seed(1))


def scrambled(objective: nn.Module) -> None:
    """Weights large enough that every input matters."""
    generator = torch.Generator().manual_seed(2)
    for name, parameter in objective.named_parameters():
        if not name.startswith("encoder.") and parameter.ndim > 0:
            nn.init.normal_(parameter, std=0.3, generator=generator)


def stream(objective: Masked | Contrastive | TokenClassification, row: int) -> list[int]:
    return [START, *objective.captions.tokenizer.encode(TEXTS[row]), END][: CONTEXT + 1]


@pytest.fixture
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder("resnet10t", 64)


@pytest.fixture
def masked(encoder: Encoder) -> Masked:
    objective = Masked(encoder, OPTIONS, captions())
    scrambled(objective)
    return objective.eval()


@pytest.fixture
def contrastive(encoder: Encoder) -> Contrastive:
    objective = Contrastive(encoder, OPTIONS, captions())
    scrambled(objective)
    return objective.eval()


@pytest.fixture
def contrastive_captioning(encoder: Encoder) -> ContrastiveCaptioning:
    texts = captions()
    description = DecoderDescription(len(texts.tokenizer), CONTEXT, ("forward",), OPTIONS)
    objective = ContrastiveCaptioning(encoder, description, texts)
    scrambled(objective)
    return objective.eval()


def cross_entropy(logits: list[float], wanted: int) -> float:
    return math.log(sum(map(math.exp, logits))) - logits[wanted]


def test_masked_equals_a_loop_over_masked_tokens(masked: Masked) -> None:
    with seeded(3):
        targets = masked.targets(ROWS)
    total, count = 0.0, 0
    for row in ROWS:
        length = len(stream(masked, row))
        seen, wanted = targets["seen"][row, :length], targets["wanted"][row, :length]
        states = masked.text_encoder(seen.unsqueeze(0), masked.encoder(images()[row : row + 1]))[0]
        for position in range(length):
            if wanted[position] != PAD:
                logits = masked.text_encoder.tokens.weight @ states[position] + masked.output_bias
                total += cross_entropy(logits.tolist(), int(wanted[position]))
                count += 1
    assert masked(images(), targets).tolist() == pytest.approx([total], rel=1e-5)
    assert masked.counts(ROWS).tolist() == [count]
    with torch.inference_mode():
        assert masked(images(), targets).tolist() == pytest.approx([total], rel=1e-5)


def test_15_percent_of_the_words_of_each_text_are_masked_rounded_up(masked: Masked) -> None:
    targets = masked.targets(ROWS)
    for row in ROWS:
        tokens = stream(masked, row)
        wanted = targets["wanted"][row].tolist()
        words = sum(token > MASK for token in tokens)
        chosen = [i for i, token in enumerate(wanted) if token != PAD]
        assert len(chosen) == math.ceil(words * 15 / 100) >= 1
        for i, token in enumerate(tokens):
            assert wanted[i] == (token if i in chosen else PAD)
            assert targets["seen"][row, i] == token or (i in chosen and token > MASK)
        assert (targets["seen"][row, len(tokens) :] == PAD).all()


def test_of_the_masked_words_80_percent_are_hidden_and_10_percent_replaced(
    encoder: Encoder,
) -> None:
    texts = captions(["clear lungs and no pleural effusion"])
    objective = Masked(encoder, OPTIONS, texts)
    with seeded(0):
        targets = objective.targets(np.zeros(4000, dtype=np.int64))
    chosen = targets["wanted"] != PAD
    seen, wanted = targets["seen"][chosen], targets["wanted"][chosen]
    hidden, kept = (seen == MASK).double().mean(), (seen == wanted).double().mean()
    assert hidden.item() == pytest.approx(0.8, abs=0.02)
    assert kept.item() == pytest.approx(0.1 + 0.1 / len(texts.tokenizer), abs=0.015)
    assert seen.min() == MASK
    assert seen.max() > 250
    positions = chosen.double().mean(dim=0)[1:]
    words = len(texts.tokenizer.encode("clear lungs and no pleural effusion"))
    assert positions[:words].tolist() == pytest.approx(
        [chosen.sum().item() / 4000 / words] * words, abs=0.03
    )


def test_a_masked_token_is_guessed_from_both_sides_and_from_the_image(masked: Masked) -> None:
    row = stream(masked, 1)
    tokens = torch.tensor([[*row[:4], MASK, *row[5:]]])
    grid = masked.encoder(images(1))
    guess = masked.text_encoder(tokens, grid)[0, 4]
    for position in (3, 5):
        other = tokens.clone()
        other[0, position] += 1
        assert (masked.text_encoder(other, grid)[0, 4] - guess).abs().max() > 1e-5
    assert (masked.text_encoder(tokens, grid + 1)[0, 4] - guess).abs().max() > 1e-5


def similarities(objective: Contrastive) -> list[list[float]]:
    """Cosines over temperature, each pair and each text by itself, without padding."""
    sides: list[list[list[float]]] = [[], []]
    for row in ROWS:
        pooled = pool(objective.encoder(images()[row : row + 1]))
        sides[0].append(objective.image_projection(pooled)[0].tolist())
        states = objective.text_encoder(torch.tensor([stream(objective, row)]))[0]
        largest = torch.tensor([max(column) for column in states.T.tolist()])
        sides[1].append(objective.text_projection(largest).tolist())
    scale = 100 / (1 + math.exp(-objective.scale.item()))

    def cosine(a: list[float], b: list[float]) -> float:
        return sum(x * y for x, y in zip(a, b, strict=True)) / math.hypot(*a) / math.hypot(*b)

    return [[scale * cosine(image, text) for text in sides[1]] for image in sides[0]]


def infonce(scores: list[list[float]]) -> float:
    total = 0.0
    for i in range(len(scores)):
        total += 0.5 * cross_entropy(scores[i], i)
        total += 0.5 * cross_entropy([row[i] for row in scores], i)
    return total


def test_contrastive_equals_a_loop_over_pairs(contrastive: Contrastive) -> None:
    sums = contrastive(images(), contrastive.targets(ROWS))
    assert sums.tolist() == pytest.approx([infonce(similarities(contrastive))], rel=1e-4)
    assert contrastive.counts(ROWS).tolist() == [4]
    with torch.inference_mode():
        again = contrastive(images(), contrastive.targets(ROWS))
    assert again.tolist() == pytest.approx(sums.tolist(), rel=1e-4)


def test_the_temperature_starts_at_007_and_stays_above_001(contrastive: Contrastive) -> None:
    swapped = torch.cat([torch.eye(2), torch.eye(2).flip(0)], dim=1)
    for value, temperature in ((contrastive.scale.item(), 0.07), (50.0, 0.01)):
        contrastive.scale.data.fill_(value)
        loss = 2 * math.log1p(math.exp(1 / temperature))
        assert contrastive.relate(swapped).item() == pytest.approx(loss, rel=1e-4)


def test_a_single_pair_has_nothing_to_tell_apart(contrastive: Contrastive) -> None:
    loss = contrastive(images(1), contrastive.targets(ROWS[:1]))
    loss.sum().backward()
    assert loss.item() == 0
    assert all(p.grad is None or p.grad.isfinite().all() for p in contrastive.parameters())


def test_contrastive_captioning_adds_twice_the_loss_of_each_token(
    contrastive_captioning: ContrastiveCaptioning,
) -> None:
    objective, total, count = contrastive_captioning, 0.0, 0
    for row in ROWS:
        tokens = stream(objective, row)
        memory = objective.decoder.memory(objective.encoder(images()[row : row + 1]))
        for i in range(1, len(tokens)):
            states = objective.decoder(torch.tensor([tokens[:i]]), memory, "forward")
            logits = objective.decoder.logits(states[0, -1])
            total += cross_entropy(logits.tolist(), tokens[i])
            count += 1
    sums = objective(images(), objective.targets(ROWS))
    contrast = infonce(similarities(objective))
    assert sums.tolist() == pytest.approx([contrast, 2 * total], rel=1e-4)
    assert objective.counts(ROWS).tolist() == [4, count]


def test_token_classification_equals_a_loop_over_the_tokens_that_occur(encoder: Encoder) -> None:
    objective = TokenClassification(encoder, captions()).eval()
    logits = objective.head(pool(objective.encoder(images()))).tolist()
    total = 0.0
    for row in ROWS:
        occurring = {token for token in stream(objective, row) if token > MASK}
        total += sum(cross_entropy(logits[row], t) for t in occurring) / len(occurring)
    sums = objective(images(), objective.targets(ROWS))
    assert sums.tolist() == pytest.approx([total], rel=1e-5)
    assert objective.counts(ROWS).tolist() == [4]


@pytest.mark.parametrize("kind", [Masked, Contrastive])
def test_images_without_a_report_are_left_out(
    encoder: Encoder, kind: type[Masked] | type[Contrastive]
) -> None:
    objective = kind(encoder, OPTIONS, captions(["clear lungs", "", "x"]))
    assert objective.usable(np.arange(3)).tolist() == [0, 2]
