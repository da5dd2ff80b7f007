"""Greedy decoding that takes back a sentence which somebody refuses, and writes the next best one.

The next best way to go on from an accepted text is a greedy one that leaves the refused ones at the
place where that costs least: the alternatives of each step are kept until the sentence is accepted,
and the likeliest of them is followed next (the partition of Lawler 1972, Management Science
18:401). The cache keeps the tokens that were taken back; a mask hides them.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from heapq import heappop, heappush

import torch
from torch import Tensor

from radtex.models.decoder import BlockCache, Decoder
from radtex.models.decoding import Caption, log_probabilities
from radtex.models.packing import packed
from radtex.models.tokenizer import END, START

Refuses = Callable[[int, tuple[int, ...]], bool]
"""Whether a text of an image, by its number and its tokens, is refused."""

ALTERNATIVES = 2
"""Tokens beside the best one that are kept at each step."""
TAKEN_BACK = 12
"""Times that a report takes a sentence back, at most; then it ends with what was accepted."""


@dataclass(frozen=True, order=True)
class _Way:
    """A way to write on."""

    cost: float
    """Log-likelihood of what follows the prompt, negative."""
    tokens: tuple[int, ...]
    """Those of the prompt included."""
    columns: tuple[int, ...]
    """Where the tokens between the prompt and the last one stand in the cache."""


@dataclass
class _Path:
    """What is written of one image."""

    now: _Way
    """What is written."""
    accepted: Caption
    """As much of it as is accepted."""
    others: list[_Way] = field(default_factory=list)
    """Other ways to go on from there, a heap."""
    taken_back: int = 0
    """Times that a sentence was taken back."""


@torch.inference_mode()
def decode_taking_back(
    decoder: Decoder,
    memory: Tensor,
    sentence_ends: Collection[int],
    refuses: Refuses,
    prompt: tuple[int, ...] = (),
) -> list[Caption]:
    """Write one report for each image, whose text is not refused where a sentence ends.

    Without a refusal it is the report of greedy decoding. Where all ways that were kept are
    refused, or too many, the report ends behind the last sentence that was accepted.

    Args:
        decoder: in eval mode.
        memory: image cells (B, cells, H).
        sentence_ends: tokens that end a sentence; the end token does, and a full context.
        refuses: asked about all that is written of an image when a sentence ends.
        prompt: token ids that every report begins with, fewer than the context. It is accepted.
    """
    device = memory.device
    decoder = packed(decoder, len(memory))
    caches = decoder.start(memory, sequences=1 + ALTERNATIVES)
    room = (1 + ALTERNATIVES) * decoder.max_tokens
    start = _Path(_Way(0.0, prompt, ()), Caption(prompt, 0.0, True))
    paths = {image: replace(start, others=[]) for image in range(len(memory))}
    opening = torch.tensor([START, *prompt], device=device).expand(len(memory), -1)
    logits = decoder.step(opening, 0, caches)
    found: dict[int, Caption] = {}
    for filled in range(opening.shape[1], room + 1):
        top, tokens = log_probabilities(logits).topk(1 + ALTERNATIVES, dim=1)
        for image, values, choices in zip([*paths], top.tolist(), tokens.tolist(), strict=True):
            now = paths[image].now
            ways = [
                _Way(now.cost - value, (*now.tokens, token), now.columns)
                for value, token in zip(values, choices, strict=True)
                if value > -torch.inf
            ]
            refused = partial(refuses, image)
            done = _go_on(paths[image], ways, sentence_ends, refused, decoder.max_tokens)
            if done is not None or filled == room:
                found[image] = done or paths[image].accepted
        alive = [image not in found for image in paths]
        if not any(alive):
            break
        if not all(alive):
            for cache in caches:
                cache.keep(torch.tensor(alive, device=device))
            paths = {image: path for image, path in paths.items() if image not in found}
        logits = _feed(decoder, caches, [path.now for path in paths.values()], filled, len(prompt))
        for path in paths.values():
            path.now = replace(path.now, columns=(*path.now.columns, filled))
    return [found[image] for image in range(len(memory))]


def _go_on(
    path: _Path,
    ways: Sequence[_Way],
    sentence_ends: Collection[int],
    refuses: Callable[[tuple[int, ...]], bool],
    longest: int,
) -> Caption | None:
    """Write one more token, or take tokens back; return the report if it is done."""
    for way in ways[1:]:
        heappush(path.others, way)
    way = ways[0]
    while True:
        ended = way.tokens[-1] == END
        text = way.tokens[:-1] if ended else way.tokens
        full = len(text) == longest
        if not (ended or full or text[-1] in sentence_ends):
            path.now = way
            return None
        if text == path.accepted.tokens or not refuses(text):
            path.now, path.accepted = way, Caption(text, -way.cost, ended)
            path.others.clear()
            return path.accepted if ended or full else None
        path.taken_back += 1
        if not path.others or path.taken_back > TAKEN_BACK:
            return replace(path.accepted, ended=True)
        way = heappop(path.others)


def _feed(
    decoder: Decoder, caches: list[BlockCache], ways: Sequence[_Way], filled: int, prompt: int
) -> Tensor:
    """Feed the last token of each way, which sees the prompt and the tokens of its own way."""
    device = decoder.tokens.weight.device
    last = torch.tensor([[way.tokens[-1]] for way in ways], device=device)
    position = torch.tensor([[len(way.tokens)] for way in ways], device=device)
    visible = torch.zeros(len(ways), 1, filled + 1, dtype=torch.bool)
    visible[:, :, : prompt + 1] = True
    visible[:, :, filled] = True
    for row, way in enumerate(ways):
        visible[row, 0, list(way.columns)] = True
    return decoder.step(last, position, caches, visible=visible.to(device))
