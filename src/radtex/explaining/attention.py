"""Where the decoder looked while it wrote each word: the weights of its cross-attention."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.errors import RunError
from radtex.findings import NO_FINDING
from radtex.models.decoder import Block, Decoder, Direction
from radtex.models.pretrained import PretrainedModel
from radtex.models.tokenizer import PAD, START, Tokenizer
from radtex.reports import find_mentions

Spans = tuple[tuple[int, int], ...]
"""Stretches of a text, `text[start:end]` each."""


@dataclass(frozen=True)
class TextMaps:
    """A text and where the decoder looked for each of its T tokens."""

    text: str
    """As the tokenizer reads it: lower case, without accents."""
    spans: NDArray[np.int64]
    """The characters `text[start:end]` of each token, (T, 2)."""
    maps: NDArray[np.float32]
    """A map for each token, (T, h, w), whose weights sum to 1 over its cells."""

    def touching(self, spans: Spans) -> NDArray[np.bool_]:
        """Which tokens touch any of `spans`, (T,)."""
        starts, ends = self.spans[:, 0], self.spans[:, 1]
        touched: NDArray[np.bool_] = np.logical_or.reduce(
            [(starts < end) & (ends > start) for start, end in spans]
        )
        return touched

    def over(self, spans: Spans) -> NDArray[np.float32]:
        """Mean map, (h, w), of the tokens that touch any of `spans`."""
        mean: NDArray[np.float32] = self.maps[self.touching(spans)].mean(axis=0)
        return mean


def present_findings(text: str) -> dict[str, Spans]:
    """Where a report names each finding that it says is present, in the order of the text."""
    found: dict[str, Spans] = {}
    for mention in find_mentions(text):
        if mention.state == 1 and mention.label != NO_FINDING:
            found[mention.label] = (*found.get(mention.label, ()), (mention.start, mention.end))
    return found


@torch.inference_mode()
def look(
    model: PretrainedModel, images: NDArray[np.uint8], texts: Sequence[Sequence[int]]
) -> list[TextMaps]:
    """Map the tokens of a text to the cells of its image; see `text_maps`.

    Args:
        model: of a run.
        images: grey, (B, H, W).
        texts: the tokens of one for each image.

    Raises:
        RunError: if the run has no decoder, or a text is empty or longer than its context.
    """
    decoder, tokenizer = model.writer()
    pixels = model.takes.prepare(images)
    return text_maps(decoder, tokenizer, model.encoder(pixels), texts)


def cross_attention(
    decoder: Decoder, tokens: Tensor, memory: Tensor, direction: Direction
) -> Tensor:
    """Weights of the last block's cross-attention while it reads `tokens`.

    Args:
        decoder: in eval mode.
        tokens: (B, T) ids, the start token first.
        memory: image cells (B, cells, H).
        direction: in which the decoder reads.

    Returns:
        (B, heads, T, cells); each row of cells sums to 1.
    """
    attention = _last_block(decoder, direction).cross_attention
    projected: dict[nn.Module, Tensor] = {}

    def keep(module: nn.Module, _: Any, output: Tensor) -> None:
        projected[module] = output

    hooks = [part.register_forward_hook(keep) for part in (attention.query, attention.key_value)]
    try:
        decoder(tokens, memory, direction)
    finally:
        for hook in hooks:
            hook.remove()
    queries = attention.split(projected[attention.query])
    keys = attention.split(projected[attention.key_value].chunk(2, dim=-1)[0])
    return (queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])).softmax(dim=-1)


@torch.inference_mode()
def text_maps(
    decoder: Decoder, tokenizer: Tokenizer, grid: Tensor, texts: Sequence[Sequence[int]]
) -> list[TextMaps]:
    """Map each token of a text to where the decoder looks in the step that writes it.

    The text is given to the decoder (teacher forcing). A token's map is the mean over the heads of
    the last block, and over the directions of the decoder, each of which writes the token once.

    Args:
        decoder: in eval mode.
        tokenizer: that made the tokens.
        grid: features of B images, (B, C, h, w).
        texts: the tokens of one for each image.

    Raises:
        RunError: if a text is empty, or longer than the context.
    """
    for tokens in texts:
        if not tokenizer.decode(tokens):
            raise RunError("the text is empty; expected the words of a report")
        if len(tokens) > decoder.max_tokens:
            raise RunError(
                f"the text has {len(tokens)} tokens and this run's context holds "
                f"{decoder.max_tokens}; shorten the text"
            )
    memory = decoder.memory(grid)
    maps = [np.zeros((len(tokens), memory.shape[1]), np.float32) for tokens in texts]
    for direction in decoder.directions:
        order = slice(None, None, 1 if direction == "forward" else -1)
        inputs = reading([tokens[order] for tokens in texts])
        weights = cross_attention(decoder, inputs, memory, direction).mean(dim=1).numpy()
        for total, one in zip(maps, weights, strict=True):
            total += one[: len(total)][order] / len(decoder.directions)
    return [
        TextMaps(
            tokenizer.decode(tokens),
            token_spans(tokenizer, tokens),
            total.reshape(-1, *grid.shape[2:]),
        )
        for tokens, total in zip(texts, maps, strict=True)
    ]


def _last_block(decoder: Decoder, direction: Direction) -> Block:
    *_, block = decoder.stacks[decoder.directions.index(direction)].children()
    assert isinstance(block, Block)
    return block


def reading(texts: Sequence[Sequence[int]]) -> Tensor:
    """What the decoder reads: the start token and all tokens but the last, padded, (B, T).

    At position i it writes token i.
    """
    longest = max(len(text) for text in texts)
    return torch.tensor([[START, *text[:-1]] + [PAD] * (longest - len(text)) for text in texts])


def token_spans(tokenizer: Tokenizer, tokens: Sequence[int]) -> NDArray[np.int64]:
    """Where each token lies in the decoded text, (T, 2)."""
    ends = [len(tokenizer.decode(tokens[:count])) for count in range(len(tokens) + 1)]
    return np.array([ends[:-1], ends[1:]], dtype=np.int64).T
