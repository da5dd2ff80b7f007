"""What in an image raises the likelihood of some words: Grad-CAM through the decoder."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from radtex.explaining.attention import reading
from radtex.explaining.grad_cam import cam, default_stride, kept_layer
from radtex.models.pretrained import PretrainedModel

Maps = Literal["attention", "gradient"]
"""What a map of words shows: where the decoder looks while it writes them, or what raises their
likelihood."""


def word_gradient(
    model: PretrainedModel,
    images: NDArray[np.uint8],
    texts: Sequence[Sequence[int]],
    words: Sequence[NDArray[np.bool_]],
) -> NDArray[np.float32]:
    """Map what makes words likely, given the rest of their text (Selvaraju et al., 2017).

    The score is the log-likelihood of the words, summed over the directions of the decoder. Its
    gradient is averaged over each channel of a layer of the encoder, the last with at least four
    cells a side; the map is the sum of the channels times these averages, 0 where negative.

    Args:
        model: of a run with a decoder.
        images: grey, (B, H, W).
        texts: the tokens of one for each image.
        words: which of its tokens are the words, (T,) each.

    Returns:
        (B, h, w), 0 or more.
    """
    decoder, _ = model.writer()
    pixels = model.takes.prepare(images).requires_grad_()
    with torch.enable_grad():
        layer, grid = kept_layer(model.encoder, pixels, default_stride(model.encoder))
        memory = decoder.memory(grid)
        score = torch.zeros(())
        for direction in decoder.directions:
            order = slice(None, None, 1 if direction == "forward" else -1)
            ordered = [text[order] for text in texts]
            states = decoder(reading(ordered), memory, direction)
            log_p = decoder.logits(states).log_softmax(dim=-1)
            for row, (text, chosen) in enumerate(zip(ordered, words, strict=True)):
                places = torch.from_numpy(np.flatnonzero(chosen[order]))
                score = score + log_p[row, places, torch.tensor(text)[places]].sum()
        maps: NDArray[np.float32] = cam(score, layer).numpy()
    return maps
