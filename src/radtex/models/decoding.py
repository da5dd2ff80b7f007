"""Writing token by token, over a cache: greedily, by beam search or by nucleus sampling."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from radtex.models.decoder import Decoder
from radtex.models.decoding_options import DecodingOptions
from radtex.models.packing import packed
from radtex.models.tokenizer import END, MASK, PAD, START

_ROWS = 16
"""Greedy writing has a multiple of so many sequences in its batch as long as there are more: the
processor's library keeps a program for each number that it meets."""


@dataclass(frozen=True)
class Caption:
    """A decoded report."""

    tokens: tuple[int, ...]
    """Ids without start and end, those of the prompt included."""
    score: float
    """Log-likelihood of what follows the prompt, the end token included, divided by length^α where
    a length penalty α was asked for."""
    ended: bool
    """False where the context ran out before the end token."""


def decode(
    decoder: Decoder,
    memory: Tensor,
    options: DecodingOptions,
    prompt: tuple[int, ...] = (),
    generators: Sequence[torch.Generator] = (),
) -> list[Caption]:
    """Write one report for each image as the options say: see `greedy`, `beam_search`, `sample`.

    Args:
        decoder: in eval mode.
        memory: image cells (B, cells, H).
        options: which of the three it is, and how.
        prompt: token ids that every report begins with, fewer than the context.
        generators: one per image, for sampling.
    """
    if options.top_p is not None:
        return sample(decoder, memory, options, generators, prompt)
    if options.beams == 1 and options.length_penalty == 0:
        return greedy(decoder, memory, options, prompt)
    return [found[0] for found in beam_search(decoder, memory, options, prompt)]


@torch.inference_mode()
def greedy(
    decoder: Decoder, memory: Tensor, options: DecodingOptions, prompt: tuple[int, ...] = ()
) -> list[Caption]:
    """Write one report for each image, of the likeliest allowed token at each step.

    It is the report that `beam_search` finds with one beam and no length penalty.

    Args:
        decoder: in eval mode.
        memory: image cells (B, cells, H).
        options: what is forbidden; its beams and its penalty are not looked at.
        prompt: token ids that every report begins with, fewer than the context.
    """
    device, first = memory.device, len(prompt)
    decoder = packed(decoder, len(memory))
    caches = decoder.start(memory)
    opening = torch.tensor([START, *prompt], device=device).expand(len(memory), -1)
    written = torch.full((len(memory), decoder.max_tokens), END, device=device)
    written[:, :first] = opening[:, 1:]
    log_p = memory.new_zeros(written.shape, dtype=torch.float64)
    running = torch.arange(len(memory), device=device)
    alive = torch.ones(len(memory), dtype=torch.bool, device=device)
    logits = decoder.step(opening, 0, caches)
    for place in range(first, decoder.max_tokens):
        before = written[running, :place] if options.no_repeat else written[: len(running), :place]
        log_p[running, place], tokens = _likeliest(logits, before, options)
        written[running, place] = tokens
        alive = alive & (tokens != END)
        left = int(alive.sum())
        if left == 0 or place == decoder.max_tokens - 1:
            break
        rows = min(len(running), -left % _ROWS + left if left > _ROWS else left)
        if rows < len(running):
            empty = (~alive[:rows]).nonzero()[:, 0]
            late = rows + alive[rows:].nonzero()[:, 0]
            for each in (running, alive, tokens):
                each[empty[: len(late)]] = each[late]
            running, alive, tokens = running[:rows], alive[:rows], tokens[:rows]
            for cache in caches:
                cache.move(late, empty[: len(late)], rows)
        logits = decoder.step(tokens.unsqueeze(1), place + 1, caches)
    return [
        _caption(tokens, values, first)
        for tokens, values in zip(written.tolist(), log_p.tolist(), strict=True)
    ]


@torch.inference_mode()
def beam_search(
    decoder: Decoder,
    memory: Tensor,
    options: DecodingOptions,
    prompt: tuple[int, ...] = (),
    wanted: int = 1,
) -> list[list[Caption]]:
    """Search for the most likely continuations of a prompt, for each image.

    At each step, those of an image's `beams` best continuations that end become candidates, and
    the best `beams` that do not end live on. The search of an image stops when no living beam can
    become one of its `wanted` best candidates: log-likelihoods only fall, so the likeliest beam can
    reach no more than its own, divided by the greatest possible length^α. Beams that live when
    the context is full become candidates too.

    A beam for which every token is forbidden may end, even before `min_tokens`. Of equal scores
    the one that `torch.topk` finds first wins.

    Args:
        decoder: in eval mode.
        memory: image cells (B, cells, H).
        options: how to search.
        prompt: token ids that every report begins with, fewer than the context.
        wanted: most captions per image.

    Returns:
        For each image 1 to `wanted` captions, the best first.
    """
    device = memory.device
    longest = decoder.max_tokens - len(prompt)
    found: list[list[Caption]] = [[] for _ in memory]
    decoder = packed(decoder, len(memory) * options.beams)
    caches = decoder.start(memory, sequences=options.beams)
    running = torch.arange(len(memory), device=device)
    opening = torch.tensor([START, *prompt], device=device).expand(len(memory), -1)
    written = opening[:, None, 1:]
    visible = torch.ones_like(opening[:, None], dtype=torch.bool)
    scores = memory.new_zeros(len(memory), 1)
    logits = decoder.step(opening, 0, caches)
    for length in range(1, longest + 1):
        divisor = length**options.length_penalty
        top, parents, tokens = _best_continuations(logits, scores, written, options)
        ends = tokens == END
        for row, column in ends[:, : options.beams].nonzero().tolist():
            score = float(top[row, column])
            if score > -torch.inf:
                text = written[row, parents[row, column]].tolist()
                _add(found[running[row]], Caption(tuple(text), score / divisor, True), wanted)
        scores, columns = top.masked_fill(ends, -torch.inf).topk(min(options.beams, top.shape[1]))
        parents, tokens = parents.gather(1, columns), tokens.gather(1, columns)
        written = torch.cat([_of_parents(written, parents), tokens.unsqueeze(2)], dim=2)
        if length == longest:
            for row, place in (scores > -torch.inf).nonzero().tolist():
                score = float(scores[row, place]) / divisor
                text = written[row, place].tolist()
                _add(found[running[row]], Caption(tuple(text), score, False), wanted)
            break
        bounds = (scores[:, 0] / longest**options.length_penalty).tolist()
        alive = torch.tensor(
            [
                bound > _to_beat(found[image], wanted)
                for image, bound in zip(running.tolist(), bounds, strict=True)
            ],
            device=device,
        )
        if not alive.any():
            break
        visible = _of_parents(visible, parents)
        if not alive.all():
            running, scores = running[alive], scores[alive]
            written, visible = written[alive], visible[alive]
            for cache in caches:
                cache.keep(alive)
        own = torch.eye(scores.shape[1], dtype=torch.bool, device=device)
        visible = torch.cat([visible, own.expand(len(running), -1, -1)], dim=2)
        last = written[:, :, -1].reshape(-1, 1)
        logits = decoder.step(last, len(prompt) + length, caches, visible=visible)
    return found


@torch.inference_mode()
def sample(
    decoder: Decoder,
    memory: Tensor,
    options: DecodingOptions,
    generators: Sequence[torch.Generator],
    prompt: tuple[int, ...] = (),
) -> list[Caption]:
    """Draw one continuation of `prompt` for each image from the nucleus.

    The nucleus of a step is the least number of the likeliest tokens whose share reaches `top_p`.
    What is forbidden has no share; where every token is, the report ends, even before
    `min_tokens`. The score is by the model itself: all tokens, temperature 1.

    Args:
        decoder: in eval mode.
        memory: image cells (B, cells, H).
        options: with `top_p`.
        generators: one per image, so that its draws do not depend on the other images.
        prompt: token ids that every report begins with, fewer than the context.
    """
    device = memory.device
    longest = decoder.max_tokens - len(prompt)
    draws = torch.stack(
        [torch.rand(longest, generator=one, dtype=torch.float64) for one in generators]
    ).to(device)
    found: dict[int, Caption] = {}
    decoder = packed(decoder, len(memory))
    caches = decoder.start(memory)
    running = torch.arange(len(memory), device=device)
    opening = torch.tensor([START, *prompt], device=device).expand(len(memory), -1)
    written = opening[:, 1:]
    scores = memory.new_zeros(len(memory))
    logits = decoder.step(opening, 0, caches)
    for length in range(1, longest + 1):
        log_p = log_probabilities(logits)
        allowed = _allowed(log_p.clone(), written, options) / options.temperature
        tokens = _draw(allowed, options.top_p or 1.0, draws[running, length - 1])
        scores = scores + log_p.gather(1, tokens.unsqueeze(1))[:, 0]
        ends = tokens == END
        for row in ends.nonzero()[:, 0].tolist():
            score = float(scores[row]) / length**options.length_penalty
            found[int(running[row])] = Caption(tuple(written[row].tolist()), score, ended=True)
        alive = ~ends
        written = torch.cat([written, tokens.unsqueeze(1)], dim=1)
        if not alive.all():
            running, written, scores = running[alive], written[alive], scores[alive]
            for cache in caches:
                cache.keep(alive)
        if length == longest or not len(running):
            break
        logits = decoder.step(written[:, -1:], len(prompt) + length, caches)
    for row, image in enumerate(running.tolist()):
        score = float(scores[row]) / longest**options.length_penalty
        found[image] = Caption(tuple(written[row].tolist()), score, ended=False)
    return [found[image] for image in range(len(memory))]


def log_probabilities(logits: Tensor) -> Tensor:
    """Turn scores (…, V) into log-probabilities of a token that is no padding, start or mask.

    Args:
        logits: overwritten for those three.
    """
    for never in (PAD, START, MASK):
        logits[..., never] = -torch.inf
    return logits.log_softmax(dim=-1)


def _likeliest(logits: Tensor, written: Tensor, options: DecodingOptions) -> tuple[Tensor, Tensor]:
    """Log-probabilities (N,) and ids (N,) of the likeliest allowed tokens; `logits` is (N, V)."""
    log_p = _allowed(log_probabilities(logits), written, options)
    best, tokens = log_p.max(dim=1)
    return best.double(), tokens


def _caption(tokens: list[int], log_p: list[float], first: int) -> Caption:
    """What stands before the end token, whose score begins behind the prompt of `first` tokens."""
    ended = END in tokens[first:]
    end = tokens.index(END, first) if ended else len(tokens)
    return Caption(tuple(tokens[:end]), sum(log_p[first : end + 1]), ended)


def _best_continuations(
    logits: Tensor, scores: Tensor, written: Tensor, options: DecodingOptions
) -> tuple[Tensor, Tensor, Tensor]:
    """Scores, beams and tokens of an image's 2·beams best continuations, (B, 2·beams) each.

    So many, since all of its beams could end at once. `scores` is (B, k), `written` (B, k, t) and
    `logits` (B·k, V).
    """
    allowed = _allowed(log_probabilities(logits), written.flatten(0, 1), options)
    total = (allowed.view(*scores.shape, -1) + scores.unsqueeze(2)).flatten(1)
    top, where = total.topk(min(2 * options.beams, total.shape[1]), dim=1)
    vocabulary = logits.shape[1]
    return top, where // vocabulary, where % vocabulary


def _allowed(log_p: Tensor, written: Tensor, options: DecodingOptions) -> Tensor:
    """Set to −∞, in place, what must not follow the tokens `written`, (N, t); `log_p` is (N, V)."""
    length = written.shape[1]
    if 0 < options.no_repeat <= length:
        runs = written.unfold(1, options.no_repeat, 1)
        last = written[:, None, length - options.no_repeat + 1 :]
        rows, places = (runs[:, :, :-1] == last).all(dim=2).nonzero(as_tuple=True)
        log_p[rows, runs[rows, places, -1]] = -torch.inf
    if length < options.min_tokens:
        others = (log_p > -torch.inf).sum(dim=1) > 1
        log_p[others, END] = -torch.inf
    return log_p


def _draw(log_p: Tensor, top_p: float, uniform: Tensor) -> Tensor:
    """The tokens (N,) that the numbers `uniform` (N,) of [0, 1) pick from the nucleus of each."""
    shares, order = log_p.double().softmax(dim=1).sort(dim=1, descending=True, stable=True)
    reached = shares.cumsum(dim=1)
    last = (reached < top_p).sum(dim=1, keepdim=True).clamp(max=log_p.shape[1] - 1)
    mark = uniform.unsqueeze(1) * reached.gather(1, last)
    return order.gather(1, (reached <= mark).sum(dim=1, keepdim=True))[:, 0]


def _add(found: list[Caption], caption: Caption, wanted: int) -> None:
    """Keep the `wanted` best of the captions found, the best first."""
    found.append(caption)
    found.sort(key=lambda each: -each.score)
    del found[wanted:]


def _to_beat(found: list[Caption], wanted: int) -> float:
    """What a caption must score more than to be kept."""
    return found[-1].score if len(found) == wanted else -torch.inf


def _of_parents(rows: Tensor, parents: Tensor) -> Tensor:
    """Rows of (B, k, t) by their numbers (B, n): (B, n, t)."""
    return rows.gather(1, parents.unsqueeze(2).expand(-1, -1, rows.shape[2]))
