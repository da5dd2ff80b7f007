"""Guess the masked tokens of a report from the others and from the radiograph."""

from pathlib import Path
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.compute.linear_layer import linear
from radtex.corpus.corpus import Corpus
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.text_encoder import TextEncoder
from radtex.models.tokenizer import MASK, PAD
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.objective import ReportObjective, recipe_captions
from radtex.pretraining.recipe import Recipe

MASKED_PERCENT = 15


class Masked(ReportObjective):
    """Mean loss over the masked tokens (VirTex's ablation; BERT, Devlin et al., 2019).

    Of the n tokens of a text, ⌈0.15 n⌉ are drawn, as in VirTex's code, so every text has one and
    the count does not depend on the draw. As in BERT, 80 % of them are replaced by the mask, 10 %
    by any token, 10 % stay, and all are guessed. The output layer is tied to the embedding.
    """

    terms = ("masked",)

    def __init__(self, encoder: Encoder, options: DecoderOptions, captions: Captions) -> None:
        super().__init__(encoder, captions)
        vocabulary = len(captions.tokenizer)
        self.text_encoder = TextEncoder(vocabulary, captions.max_tokens + 1, options, encoder.width)
        self.output_bias = nn.Parameter(torch.zeros(vocabulary))

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:
        """Build a text encoder of the size of the recipe's decoder, and its captions."""
        return cls(encoder, recipe.decoder, recipe_captions(recipe, corpus, run))

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the tokens that are drawn, which does not depend on the draw."""
        words = self.captions.streams(rows, backward=False) > MASK
        return np.array([_numbers_to_mask(words).sum().item()], dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Texts with masks, and what stood there (padding elsewhere).

        Draws from torch's generator, which the training loop seeds.
        """
        tokens = self.captions.streams(rows, backward=False)
        words = tokens > MASK
        ranks = torch.rand(tokens.shape).masked_fill(~words, 2.0).argsort(1).argsort(1)
        chosen = ranks < _numbers_to_mask(words).unsqueeze(1)
        lot = torch.rand(tokens.shape)
        any_token = torch.randint(MASK + 1, len(self.captions.tokenizer), tokens.shape)
        seen = tokens.where(~chosen | (lot >= 0.9), any_token.where(lot >= 0.8, MASK))
        return {"seen": seen, "wanted": tokens.where(chosen, PAD)}

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Sum the losses of the masked tokens."""
        states = self.text_encoder(targets["seen"], self.encoder(images))
        wanted = targets["wanted"]
        masked = wanted != PAD
        logits = linear(states[masked], self.text_encoder.tokens.weight, self.output_bias)
        return F.cross_entropy(logits.float(), wanted[masked], reduction="sum").unsqueeze(0)


def _numbers_to_mask(words: Tensor) -> Tensor:
    """How many of the words of each text are masked: bool (B, T) → (B,)."""
    return (words.sum(dim=1) * MASKED_PERCENT + 99) // 100
