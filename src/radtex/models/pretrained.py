"""A finished run in memory: radiographs in, features or reports out."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from radtex.errors import RunError
from radtex.models.captioner import Captioner
from radtex.models.decoder import Decoder
from radtex.models.encoder import Encoder, pool, prepare
from radtex.models.tokenizer import Tokenizer

BATCH = 32


@dataclass(frozen=True)
class PretrainedModel:
    """An encoder, its decoder and tokenizer where it has them, and the pixels it expects."""

    encoder: Encoder
    decoder: Decoder | None
    tokenizer: Tokenizer | None
    mean: float
    std: float

    @torch.inference_mode()
    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pooled features of grey images: uint8 (N, H, W) → float32 (N, D)."""
        batches = [
            pool(self.encoder(self._prepare(images[start : start + BATCH]))).numpy()
            for start in range(0, len(images), BATCH)
        ]
        return np.concatenate(batches)

    def report(
        self, images: NDArray[np.uint8], prompt: str | None = None, beams: int = 1
    ) -> list[str]:
        """Write a report for each grey image, uint8 (N, H, W), beginning with `prompt`.

        Raises:
            RunError: if the run has no decoder, or `prompt` is longer than its context.
        """
        if self.decoder is None or self.tokenizer is None:
            raise RunError("this run has no decoder: only runs that read reports can write them")
        opening = tuple(self.tokenizer.encode(prompt)) if prompt else ()
        if len(opening) >= self.decoder.max_tokens:
            raise RunError(
                f"the prompt has {len(opening)} tokens; this run's context holds "
                f"{self.decoder.max_tokens - 1}"
            )
        captioner = Captioner(self.encoder, self.decoder)
        captions = [
            caption
            for start in range(0, len(images), BATCH)
            for caption in captioner.write(
                self._prepare(images[start : start + BATCH]), beams, opening
            )
        ]
        return [self.tokenizer.decode(caption.tokens) for caption in captions]

    def _prepare(self, images: NDArray[np.uint8]) -> torch.Tensor:
        return prepare(images, self.encoder.input_size, self.mean, self.std)
