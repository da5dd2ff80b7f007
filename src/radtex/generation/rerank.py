"""Reranking: the candidates of a beam search, compared by the likelihood of both directions."""

from collections.abc import Sequence

import torch
from torch import Tensor

from radtex.errors import RunError
from radtex.models.decoder import Decoder
from radtex.models.decoding import Caption
from radtex.models.likelihood import log_likelihoods


def rerank(
    decoder: Decoder,
    memory: Tensor,
    candidates: Sequence[Sequence[Caption]],
    length_penalty: float = 0.0,
) -> list[Caption]:
    """The candidate of each image that is likeliest in both directions together.

    The score, which replaces the caption's own, is the sum of the log-likelihoods of the whole
    text (a prompt included) forward and backward, as both are summed in training, divided by
    length^`length_penalty`, the end token counted. Of equal ones the first wins.

    Args:
        decoder: of both directions, in eval mode.
        memory: image cells (B, cells, H).
        candidates: at least one for each image, as `beam_search` finds them.
        length_penalty: the power of the length that scores are divided by; 0 divides by nothing.

    Raises:
        RunError: if the decoder has no backward direction.
    """
    refuse_one_direction(decoder)
    most = max(map(len, candidates))
    # An image with fewer candidates repeats its first one, so that each has as many rows.
    rows = [[*found, *[found[0]] * (most - len(found))] for found in candidates]
    texts = [caption.tokens for found in rows for caption in found]
    total = torch.stack(
        [log_likelihoods(decoder, memory, texts, way, whole=True) for way in decoder.directions]
    ).sum(dim=0)
    lengths = total.new_tensor([min(len(text) + 1, decoder.max_tokens) for text in texts])
    scores = (total / lengths**length_penalty).view(len(rows), most)
    best = scores.argmax(dim=1).tolist()
    return [
        Caption(found[place].tokens, float(scores[row, place]), found[place].ended)
        for row, (found, place) in enumerate(zip(rows, best, strict=True))
    ]


def refuse_one_direction(decoder: Decoder) -> None:
    """Refuse a decoder that cannot rerank.

    Raises:
        RunError: if it has no backward direction.
    """
    if "backward" not in decoder.directions:
        raise RunError(
            "this run writes forward only; reranking needs a run of bicaptioning or joint"
        )
