"""A transformer that reads a whole report, by itself or together with its image."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from radtex.models.decoder_options import DecoderOptions
from radtex.models.tokenizer import PAD


class TextEncoder(nn.Module):
    """Tokens → a state for each, which knows the tokens on both sides of it.

    Embedding, blocks and first weights are the decoder's, except that no position is hidden from
    another. With `image_width`, each block also attends to the cells of an image.
    """

    def __init__(
        self,
        vocabulary: int,
        positions: int,
        options: DecoderOptions,
        image_width: int | None = None,
    ) -> None:
        """Build with random weights.

        Args:
            vocabulary: number V of tokens.
            positions: longest text, start and end included.
            options: the shape of the blocks.
            image_width: channels C of the image grid that is read with the text, if any.
        """
        super().__init__()
        hidden = options.hidden
        self.tokens = nn.Embedding(vocabulary, hidden)
        self.positions = nn.Embedding(positions, hidden)
        self.embedding_norm = nn.LayerNorm(hidden, eps=1e-8)
        self.dropout = nn.Dropout(options.dropout)
        self.project = None if image_width is None else nn.Linear(image_width, hidden)
        block = nn.TransformerEncoderLayer if image_width is None else nn.TransformerDecoderLayer
        self.blocks = nn.ModuleList(
            block(
                hidden,
                options.heads,
                options.feedforward,
                options.dropout,
                activation=F.gelu,
                batch_first=True,
            )
            for _ in range(options.layers)
        )
        for name, parameter in self.named_parameters():
            if parameter.ndim > 1:
                nn.init.normal_(parameter, std=0.02 * math.sqrt(1024 / hidden))
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def forward(self, tokens: Tensor, grid: Tensor | None = None) -> Tensor:
        """Encode (B, T) ids, padded on the right, with an image grid (B, C, h, w): (B, T, H)."""
        padding = tokens == PAD
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        embedded = self.embedding_norm(self.tokens(tokens) + self.positions(positions))
        states: Tensor = self.dropout(embedded)
        if self.project is None or grid is None:
            for block in self.blocks:
                states = block(states, src_key_padding_mask=padding)
            return states
        cells = self.project(grid.flatten(2).transpose(1, 2))
        for block in self.blocks:
            states = block(states, cells, tgt_key_padding_mask=padding)
        return states
