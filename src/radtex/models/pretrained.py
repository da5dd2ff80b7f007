"""A finished run in memory: radiographs in, features or reports out."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.compute.folding import folded
from radtex.errors import RunError
from radtex.models.decoder import Decoder
from radtex.models.decoding import decode
from radtex.models.decoding_options import DecodingOptions
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.vision_tower import VisionTower
from radtex.models.packing import packed
from radtex.models.tokenizer import Tokenizer

BATCH = 32
"""Images that an encoder takes at once."""
SEQUENCES = 512
"""Sequences that are written at once. Products of few rows reach a lower rate, and the longest
report of a batch is written to its end with few beside it."""


@dataclass(frozen=True)
class PretrainedTower:
    """The vision tower of a model of transformers, in evaluation mode."""

    encoder: VisionTower
    """Its grid is what the features are pooled from."""
    takes: EncoderInput
    """What the tower takes."""

    @torch.inference_mode()
    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Compute the pooled features of grey images: uint8 (N, H, W) → float32 (N, D)."""
        return _encoded(self.encoder, self.takes, images)


@dataclass(frozen=True)
class PretrainedModel:
    """An encoder, and its decoder and tokenizer where it has them; all in evaluation mode."""

    encoder: Encoder
    """Its grid is what the features are pooled from and the decoder reads."""
    decoder: Decoder | None
    """None where the run learnt no decoder."""
    tokenizer: Tokenizer | None
    """None where there is no decoder."""
    takes: EncoderInput
    """What the encoder takes."""

    def __repr__(self) -> str:
        """Say in a line what it is."""
        writes = "" if self.decoder is None else ", and writes reports"
        return (
            f"<PretrainedModel: {self.encoder.backbone}, {self.takes.size} px to "
            f"{self.encoder.width} features{writes}>"
        )

    @torch.inference_mode()
    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Compute the pooled features of grey images: uint8 (N, H, W) → float32 (N, D)."""
        return _encoded(self.encoder, self.takes, images)

    def report(
        self, images: NDArray[np.uint8], prompt: str | None = None, beams: int = 1
    ) -> list[str]:
        """Write a report for each image.

        Args:
            images: grey, uint8 (N, H, W).
            prompt: what each report begins with.
            beams: sequences that the search keeps; 1 is greedy.

        Raises:
            RunError: if the run has no decoder, or `prompt` is longer than its context.
        """
        _, tokenizer = self.writer()
        opening = self.opening(prompt or "")
        options = DecodingOptions(beams=beams)
        batch = images_at_once(options)
        captions = [
            caption
            for start in range(0, len(images), batch)
            for caption in decode(
                self.packed_decoder,
                self.memory(images[start : start + batch]),
                options,
                opening,
            )
        ]
        return [tokenizer.decode(caption.tokens) for caption in captions]

    def writer(self) -> tuple[Decoder, Tokenizer]:
        """Give the decoder and its tokenizer.

        Raises:
            RunError: if the run has none.
        """
        if self.decoder is None or self.tokenizer is None:
            raise RunError("this run cannot write: only captioning objectives train a decoder")
        return self.decoder, self.tokenizer

    @cached_property
    def packed_decoder(self) -> Decoder:
        """The decoder, made fast to write with; without gradients (see `packed`).

        Raises:
            RunError: if the run has none.
        """
        decoder, _ = self.writer()
        with torch.inference_mode():
            return packed(decoder, BATCH)

    @cached_property
    def folded_encoder(self) -> Encoder:
        """The encoder, made fast to write with; without gradients (see `folded`)."""
        weight = next(self.encoder.parameters())
        size = self.takes.size
        return folded(self.encoder, weight.new_empty(1, 1, size, size), BATCH)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(self.encoder.parameters()).device

    def to(self, device: torch.device) -> "PretrainedModel":
        """Move the networks to a device, in place."""
        self.encoder.to(device)
        if self.decoder is not None:
            self.decoder.to(device)
        return self

    @torch.inference_mode()
    def grid(self, images: NDArray[np.uint8] | Tensor) -> Tensor:
        """Compute the encoder's grid of grey images: uint8 (B, H, W) → (B, C, h, w)."""
        prepared = self.takes.prepare(images).to(self.device)
        return torch.cat([self.folded_encoder(part) for part in prepared.split(BATCH)])

    @torch.inference_mode()
    def memory(self, images: NDArray[np.uint8] | Tensor) -> Tensor:
        """Compute what the decoder reads of grey images: uint8 (B, H, W) → cells (B, h·w, H)."""
        decoder, _ = self.writer()
        return decoder.memory(self.grid(images))

    def opening(self, prompt: str) -> tuple[int, ...]:
        """Turn a prompt into tokens.

        Raises:
            RunError: if the run has no decoder, or the prompt leaves no room in its context.
        """
        decoder, tokenizer = self.writer()
        tokens = tuple(tokenizer.encode(prompt.strip())) if prompt.strip() else ()
        if len(tokens) >= decoder.max_tokens:
            raise RunError(
                f"the prompt has {len(tokens)} tokens; this run's context holds "
                f"{decoder.max_tokens - 1}"
            )
        return tokens


def images_at_once(options: DecodingOptions) -> int:
    """Tell about how many images' reports are best written at once."""
    return max(1, SEQUENCES // options.beams)


def _encoded(
    encoder: nn.Module, takes: EncoderInput, images: NDArray[np.uint8]
) -> NDArray[np.float32]:
    device = next(encoder.parameters()).device
    batches = [
        pool(encoder(takes.prepare(images[start : start + BATCH]).to(device))).cpu().numpy()
        for start in range(0, len(images), BATCH)
    ]
    return np.concatenate(batches)
