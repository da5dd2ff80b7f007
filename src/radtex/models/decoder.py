"""A transformer that writes a report from an image grid, in one or both directions.

The mechanics are VirTex's (Desai & Johnson, 2021): post-norm blocks with GELU, learned positions,
no position on the image side, and an output layer tied to the token embedding. The directions
share the visual projection, the embedding and the output layer; each has its own blocks.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Direction = Literal["forward", "backward"]


@dataclass(frozen=True)
class DecoderOptions:
    """Shape of the decoder."""

    hidden: int = 1024
    """width H of the token states"""
    layers: int = 1
    """blocks per direction"""
    heads: int = 16
    """attention heads; must divide `hidden`"""
    feedforward: int = 4096
    """width of the feed-forward layer"""
    dropout: float = 0.1
    """rate after the embedding, in the attention weights and after each sublayer"""


@dataclass
class BlockCache:
    """Keys and values of one block while decoding.

    `keys`, `values`: (N, heads, T, d), the tokens so far; `memory`: the keys and values of the
    image cells, (B, heads, cells, d) each, computed once. N is a multiple of B: the sequences of
    one image lie together.
    """

    keys: Tensor
    values: Tensor
    memory: tuple[Tensor, Tensor]


class Attention(nn.Module):
    """Multi-head attention on `scaled_dot_product_attention`."""

    def __init__(self, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(hidden, hidden)
        self.key_value = nn.Linear(hidden, 2 * hidden)
        self.output = nn.Linear(hidden, hidden)

    def split(self, states: Tensor) -> Tensor:
        """(N, T, H) → (N, heads, T, H / heads)."""
        return states.view(*states.shape[:2], self.heads, -1).transpose(1, 2)

    def keys_values(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Project (N, T, H) to keys and values, (N, heads, T, d) each."""
        keys, values = self.key_value(source).chunk(2, dim=-1)
        return self.split(keys), self.split(values)

    def attend(self, states: Tensor, keys: Tensor, values: Tensor, causal: bool = False) -> Tensor:
        """Attend from (N, T, H) to keys and values."""
        mixed = F.scaled_dot_product_attention(
            self.split(self.query(states)),
            keys,
            values,
            dropout_p=self.dropout if self.training else 0.0,
            is_causal=causal,
        )
        return _apply(self.output, mixed.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Causal self-attention, cross-attention on the image, feed-forward; post-norm."""

    def __init__(self, options: DecoderOptions) -> None:
        super().__init__()
        hidden = options.hidden
        self.self_attention = Attention(hidden, options.heads, options.dropout)
        self.cross_attention = Attention(hidden, options.heads, options.dropout)
        self.expand = nn.Linear(hidden, options.feedforward)
        self.contract = nn.Linear(options.feedforward, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(3))
        self.dropout = nn.Dropout(options.dropout)

    def forward(self, states: Tensor, memory: Tensor) -> Tensor:
        """(B, T, H) and image cells (B, cells, H) → (B, T, H)."""
        keys, values = self.self_attention.keys_values(states)
        mixed = self.self_attention.attend(states, keys, values, causal=True)
        states = self.norms[0](states + self.dropout(mixed))
        mixed = self.cross_attention.attend(states, *self.cross_attention.keys_values(memory))
        return self._feed_forward(self.norms[1](states + self.dropout(mixed)))

    def start(self, memory: Tensor) -> BlockCache:
        """An empty cache for the images whose cells are `memory`, (B, cells, H)."""
        memory_keys, memory_values = self.cross_attention.keys_values(memory)
        empty = memory_keys[:, :, :0]
        return BlockCache(empty, empty, (memory_keys, memory_values))

    def step(self, states: Tensor, cache: BlockCache) -> Tensor:
        """Advance N sequences by T tokens (one while decoding): (N, T, H) → (N, T, H)."""
        keys, values = self.self_attention.keys_values(states)
        first = cache.keys.shape[2] == 0
        cache.keys = keys if first else torch.cat([cache.keys, keys], dim=2)
        cache.values = values if first else torch.cat([cache.values, values], dim=2)
        mixed = self.self_attention.attend(states, cache.keys, cache.values, causal=first)
        states = self.norms[0](states + mixed)
        # The sequences of one image query its cells together, so the cells are not copied.
        images = cache.memory[0].shape[0]
        grouped = states.reshape(images, -1, states.shape[-1])
        mixed = self.cross_attention.attend(grouped, *cache.memory).reshape(states.shape)
        return self._feed_forward(self.norms[1](states + mixed))

    def _feed_forward(self, states: Tensor) -> Tensor:
        inner = self.dropout(F.gelu(self.expand(states)))
        return _apply(self.norms[2], states + self.dropout(self.contract(inner)))


class Decoder(nn.Module):
    """Image grid and tokens → scores of the next token, in each of `directions`."""

    def __init__(
        self,
        image_width: int,
        vocabulary: int,
        max_tokens: int,
        options: DecoderOptions,
        directions: tuple[Direction, ...] = ("forward", "backward"),
    ) -> None:
        """Build with random weights: N(0, 0.02²) at H 1024, as VirTex, wider for a smaller H.

        Scaled by √(1024 / H), so that what the image adds to a state is as large at any width.

        Args:
            image_width: channels C of the encoder's grid.
            vocabulary: number V of tokens.
            max_tokens: longest input, the start token included.
        """
        super().__init__()
        hidden = options.hidden
        self.max_tokens = max_tokens
        self.project = nn.Linear(image_width, hidden)
        self.tokens = nn.Embedding(vocabulary, hidden)
        self.positions = nn.Embedding(max_tokens, hidden)
        self.embedding_norm = nn.LayerNorm(hidden, eps=1e-8)
        self.dropout = nn.Dropout(options.dropout)
        self.directions = directions
        self.stacks = nn.ModuleList(
            nn.ModuleList(Block(options) for _ in range(options.layers)) for _ in directions
        )
        self.output_bias = nn.Parameter(torch.zeros(vocabulary))
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02 * math.sqrt(1024 / hidden))
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def memory(self, grid: Tensor) -> Tensor:
        """Project an image grid (B, C, h, w) to cells (B, h·w, H)."""
        return _apply(self.project, grid.flatten(2).transpose(1, 2))

    def embed(self, tokens: Tensor, start: int = 0) -> Tensor:
        """Embed (N, T) token ids that stand at positions `start`, `start` + 1, …: (N, T, H)."""
        positions = torch.arange(start, start + tokens.shape[1], device=tokens.device)
        states = self.tokens(tokens) + self.positions(positions)
        return _apply(self.dropout, self.embedding_norm(states))

    def forward(self, tokens: Tensor, memory: Tensor, direction: Direction) -> Tensor:
        """States of each position given the tokens up to it: (B, T) → (B, T, H).

        Padding on the right needs no mask: attention is causal.
        """
        states = self.embed(tokens)
        for block in self._stack(direction):
            states = block(states, memory)
        return states

    def logits(self, states: Tensor) -> Tensor:
        """Scores of the next token: (…, H) → (…, V)."""
        return F.linear(states, self.tokens.weight, self.output_bias)

    def start(self, memory: Tensor, direction: Direction = "forward") -> list[BlockCache]:
        """Empty caches for decoding from the image cells `memory`, (B, cells, H)."""
        return [block.start(memory) for block in self._stack(direction)]

    def step(
        self,
        tokens: Tensor,
        position: int,
        caches: list[BlockCache],
        direction: Direction = "forward",
    ) -> Tensor:
        """Feed (N, T) tokens that stand from `position` on; scores after the last: (N, V)."""
        states = self.embed(tokens, position)
        for block, cache in zip(self._stack(direction), caches, strict=True):
            states = block.step(states, cache)
        return self.logits(states[:, -1])

    def _stack(self, direction: Direction) -> list[Block]:
        stack = self.stacks[self.directions.index(direction)]
        return [block for block in stack.children() if isinstance(block, Block)]


def _apply(module: nn.Module, states: Tensor) -> Tensor:
    result: Tensor = module(states)
    return result
