"""Search for the most likely report: beam search over a cache of keys and values."""

from dataclasses import dataclass

import torch
from torch import Tensor

from radtex.models.decoder import BlockCache, Decoder
from radtex.models.tokenizer import END, MASK, PAD, START


@dataclass(frozen=True)
class Caption:
    """A decoded report.

    Attributes:
        tokens: ids without start and end.
        score: sum of the log-probabilities, that of the end token included.
        ended: False where the context ran out before the end token.
    """

    tokens: tuple[int, ...]
    score: float
    ended: bool


@torch.inference_mode()
def beam_search(
    decoder: Decoder, memory: Tensor, beams: int = 1, prompt: tuple[int, ...] = ()
) -> list[Caption]:
    """The most likely continuation of `prompt` for each image; `beams` = 1 is greedy.

    At each step the 2·beams best continuations of an image are looked at: those that end become
    candidates, the best `beams` of the others live on. As scores only fall with length, an image
    is finished when its best candidate scores no less than its best living beam.

    Args:
        decoder: in eval mode.
        memory: image cells (B, cells, H).
        prompt: token ids that every report begins with.

    Returns:
        One `Caption` per image.
    """
    images = memory.shape[0]
    device = memory.device
    caches = decoder.start(memory)
    opening = torch.tensor([START, *prompt], device=device).expand(images, -1)
    logits = decoder.step(opening, 0, caches)
    for cache in caches:
        cache.keys = cache.keys.repeat_interleave(beams, dim=0)
        cache.values = cache.values.repeat_interleave(beams, dim=0)

    best: list[Caption | None] = [None] * images
    running = torch.arange(images, device=device)
    written = torch.empty(images, beams, 0, dtype=torch.long, device=device)
    scores = torch.full((images, beams), -torch.inf, device=device, dtype=memory.dtype)
    scores[:, 0] = 0.0
    logits = logits.repeat_interleave(beams, dim=0)
    vocabulary = logits.shape[-1]
    for position in range(opening.shape[1], decoder.max_tokens + 1):
        total = scores.unsqueeze(-1) + _log_probabilities(logits).view(-1, beams, vocabulary)
        top, where = total.flatten(1).topk(min(2 * beams, beams * vocabulary), dim=1)
        parents, tokens = where // vocabulary, where % vocabulary
        ends = tokens == END
        for row, column in ends.nonzero().tolist():
            image = int(running[row])
            score = float(top[row, column])
            rival = best[image]
            if score > -torch.inf and (rival is None or score > rival.score):
                text = written[row, parents[row, column]].tolist()
                best[image] = Caption((*prompt, *text), score, ended=True)
        scores, columns = top.masked_fill(ends, -torch.inf).topk(beams, dim=1)
        parents, tokens = parents.gather(1, columns), tokens.gather(1, columns)
        written = torch.cat(
            [written.gather(1, parents.unsqueeze(-1).expand_as(written)), tokens.unsqueeze(-1)],
            dim=-1,
        )
        alive = torch.tensor(
            [
                _may_improve(best[image], score)
                for image, score in zip(running.tolist(), scores[:, 0].tolist(), strict=True)
            ],
            device=device,
        )
        if not alive.any() or position == decoder.max_tokens:
            break
        rows = torch.arange(len(running), device=device).unsqueeze(1) * beams + parents
        _keep(caches, rows[alive].flatten(), alive)
        running, written, scores = running[alive], written[alive], scores[alive]
        logits = decoder.step(written[:, :, -1].reshape(-1, 1), position, caches)

    for row, image in enumerate(running.tolist()):
        if _may_improve(best[image], float(scores[row, 0])):
            text = written[row, 0].tolist()
            best[image] = Caption((*prompt, *text), float(scores[row, 0]), ended=False)
    return [caption for caption in best if caption is not None]


def _log_probabilities(logits: Tensor) -> Tensor:
    """Log-probabilities of the next token, given that it is no padding, start or mask."""
    forbidden = torch.tensor([PAD, START, MASK], device=logits.device)
    return logits.index_fill(-1, forbidden, -torch.inf).log_softmax(dim=-1)


def _may_improve(candidate: Caption | None, score: float) -> bool:
    return candidate is None or candidate.score < score


def _keep(caches: list[BlockCache], rows: Tensor, images: Tensor) -> None:
    for cache in caches:
        cache.keys = cache.keys[rows]
        cache.values = cache.values[rows]
        cache.memory = (cache.memory[0][images], cache.memory[1][images])
