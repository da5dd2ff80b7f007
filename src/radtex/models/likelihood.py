"""How likely given texts are by a decoder, in either direction."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from radtex.models.decoder import Decoder, Direction
from radtex.models.decoding import log_probabilities
from radtex.models.tokenizer import END, PAD, START


@torch.inference_mode()
def log_likelihoods(
    decoder: Decoder,
    memory: Tensor,
    texts: Sequence[Sequence[int]],
    direction: Direction,
    whole: bool,
) -> Tensor:
    """Compute the log-probability of each text given its image.

    Texts that do not fit the context are cut as in training: the backward direction loses their
    beginning, and no end is expected where a text is cut.

    Args:
        decoder: in eval mode.
        memory: image cells (B, cells, H).
        texts: N lists of token ids in reading order, N a multiple of B: those of one image lie
            together.
        direction: in which the decoder reads them.
        whole: whether nothing comes before and after a text, so that its end counts too.

    Returns:
        (N,).
    """
    end = [END] if whole else []
    streams = pad_sequence(
        [
            torch.tensor(
                [START, *(text[::-1] if direction == "backward" else text), *end][
                    : decoder.max_tokens + 1
                ]
            )
            for text in texts
        ],
        batch_first=True,
        padding_value=PAD,
    ).to(memory.device)
    wanted = streams[:, 1:]
    real = wanted != PAD
    states = decoder(streams[:, :-1], memory, direction)
    log_p = log_probabilities(decoder.logits(states[real]))
    result = log_p.new_zeros(wanted.shape)
    result[real] = log_p.gather(1, wanted[real].unsqueeze(1))[:, 0]
    return result.sum(dim=1)
