"""Encoder and decoder together: a radiograph in, a report out."""

import torch
from torch import Tensor, nn

from radtex.models.decoder import Decoder
from radtex.models.decoding import Caption, beam_search
from radtex.models.encoder import Encoder


class Captioner(nn.Module):
    """An image encoder and the decoder that writes from its grid."""

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder

    def memory(self, images: Tensor) -> Tensor:
        """Encode normalised images (B, 1, S, S) to the cells the decoder reads, (B, h·w, H)."""
        return self.decoder.memory(self.encoder(images))

    @torch.inference_mode()
    def write(self, images: Tensor, beams: int = 1, prompt: tuple[int, ...] = ()) -> list[Caption]:
        """Decode a report for each normalised image (B, 1, S, S); call in eval mode."""
        return beam_search(self.decoder, self.memory(images), beams, prompt)
