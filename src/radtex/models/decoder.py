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

from radtex.compute.linear_layer import linear
from radtex.models.decoder_options import DecoderOptions
from radtex.models.ragged import Ragged

Direction = Literal["forward", "backward"]

_FEW = 16
"""Values that are weighted and added faster one by one than as a product on a CPU."""


@dataclass
class BlockCache:
    """Keys and values of one block while decoding."""

    keys: Tensor
    """(B, heads, room, d), for the tokens of all the sequences of an image."""
    values: Tensor
    """(B, heads, room, d), of the same tokens."""
    memory: tuple[Tensor, Tensor]
    """Keys and values of an image's cells, (B, heads, cells, d) each, computed once."""
    filled: int = 0
    """How many of the `room` tokens there are so far."""

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add (B, heads, n, d) of each; return all that is filled."""
        end = self.filled + keys.shape[2]
        self.keys[:, :, self.filled : end] = keys
        self.values[:, :, self.filled : end] = values
        self.filled = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def keep(self, images: Tensor) -> None:
        """Drop all images but those of the mask `images`, (B,)."""
        self.keys, self.values = self.keys[images], self.values[images]
        self.memory = (self.memory[0][images], self.memory[1][images])

    def move(self, images: Tensor, places: Tensor, rows: int) -> None:
        """Put the images that stand at `images`, (n,), at `places`, (n,), and keep `rows` images.

        Copies no others, unlike `keep`.
        """
        for seen in (self.keys[:, :, : self.filled], self.values[:, :, : self.filled]):
            seen[places] = seen[images]
        for cells in self.memory:
            cells[places] = cells[images]
        self.keys, self.values = self.keys[:rows], self.values[:rows]
        self.memory = (self.memory[0][:rows], self.memory[1][:rows])


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

    def keys_values(self, source: Tensor, texts: Ragged | None = None) -> tuple[Tensor, Tensor]:
        """Project (N, T, H), or the tokens of `texts`, to keys and values, (N, heads, T, d)."""
        projected = self.key_value(source)
        keys, values = (texts.pad(projected) if texts else projected).chunk(2, dim=-1)
        return self.split(keys), self.split(values)

    def attend(
        self,
        states: Tensor,
        keys: Tensor,
        values: Tensor,
        causal: bool = False,
        visible: Tensor | None = None,
        texts: Ragged | None = None,
    ) -> Tensor:
        """Attend to keys and values.

        Args:
            states: (N, T, H) to attend from, or the n tokens (n, H) of `texts`.
            keys: (N, heads, keys, d).
            values: (N, heads, keys, d).
            causal: whether a token attends only to itself and those before it.
            visible: which keys each token attends to, (N, 1, T, keys); all by default.
            texts: where the tokens stand, if they are not padded.

        Returns:
            States of the shape of `states`.
        """
        queries = self.query(states)
        split = self.split(texts.pad(queries) if texts else queries)
        if split.shape[2] == 1 and visible is None and torch.is_inference_mode_enabled():
            mixed = _attend_once(split, keys, values)
        else:
            mixed = F.scaled_dot_product_attention(
                split,
                keys,
                values,
                attn_mask=visible,
                dropout_p=self.dropout if self.training else 0.0,
                is_causal=causal,
            )
        joined = mixed.transpose(1, 2).flatten(2)
        return _apply(self.output, texts.pack(joined) if texts else joined)


class Block(nn.Module):
    """Self-attention, causal by default, cross-attention on the image, feed-forward; post-norm."""

    def __init__(self, options: DecoderOptions) -> None:
        super().__init__()
        hidden = options.hidden
        self.self_attention = Attention(hidden, options.heads, options.dropout)
        self.cross_attention = Attention(hidden, options.heads, options.dropout)
        self.expand = nn.Linear(hidden, options.feedforward)
        self.contract = nn.Linear(options.feedforward, hidden)
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(3))
        self.dropout = nn.Dropout(options.dropout)

    def forward(
        self, states: Tensor, memory: Tensor, texts: Ragged | None = None, causal: bool = True
    ) -> Tensor:
        """Mix the states of tokens with each other and with the cells of their image.

        Args:
            states: (N, T, H), N a multiple of B; or the n tokens (n, H) of `texts`.
            memory: image cells (B, cells, H).
            texts: where the tokens stand, one text for each image, if they are not padded.
            causal: whether a token attends only to itself and those before it.

        Returns:
            States of the shape of `states`.
        """
        keys, values = self.self_attention.keys_values(states, texts)
        mixed = self.self_attention.attend(states, keys, values, causal, texts=texts)
        states = self.norms[0](states + self.dropout(mixed))
        # The sequences of one image query its cells together, so the cells are not copied.
        grouped = states if texts else states.reshape(len(memory), -1, states.shape[-1])
        cells = self.cross_attention.keys_values(memory)
        mixed = self.cross_attention.attend(grouped, *cells, texts=texts)
        states = self.norms[1](states + self.dropout(mixed.view_as(states)))
        return self._contract(states, self.expand(states))

    def start(self, memory: Tensor, room: int) -> BlockCache:
        """Make an empty cache for `room` tokens of each image, whose cells are `memory`."""
        memory_keys, memory_values = (
            each.contiguous() for each in self.cross_attention.keys_values(memory)
        )
        images, heads, _, width = memory_keys.shape
        keys, values = (memory.new_empty(images, heads, room, width) for _ in range(2))
        return BlockCache(keys, values, (memory_keys, memory_values))

    def step(self, states: Tensor, cache: BlockCache, visible: Tensor | None) -> Tensor:
        """Feed n more tokens of each image: (B, n, H) → (B, n, H); see `Decoder.step`."""
        first = cache.filled == 0
        keys, values = cache.append(*self.self_attention.keys_values(states))
        return self.continued(states, (keys, values), cache.memory, causal=first, visible=visible)

    def continued(
        self,
        states: Tensor,
        seen: tuple[Tensor, Tensor],
        memory: tuple[Tensor, Tensor],
        causal: bool = False,
        visible: Tensor | None = None,
    ) -> Tensor:
        """Mix n more tokens of each image, without dropout, with what is known already.

        Args:
            states: (B, n, H).
            seen: keys and values of all tokens so far, theirs included, (B, heads, t, d) each.
            memory: keys and values of the image's cells, (B, heads, cells, d) each.
            causal: whether a token attends only to itself and those before it.
            visible: as in `Decoder.step`.

        Returns:
            (B, n, H).
        """
        mixed = self.self_attention.attend(states, *seen, causal=causal, visible=visible)
        states = self.norms[0](states + mixed)
        mixed = self.cross_attention.attend(states, *memory)
        states = self.norms[1](states + mixed)
        return self._contract(states, self.expand(states))

    def _contract(self, states: Tensor, expanded: Tensor) -> Tensor:
        inner = self.dropout(F.gelu(expanded))
        return _apply(self.norms[2], states + self.dropout(self.contract(inner)))


class Decoder(nn.Module):
    """Image grid and tokens → scores of the next token, in each of its directions."""

    max_tokens: int
    """Longest input, the start token included."""
    directions: tuple[Direction, ...]
    """In which it reads and writes."""
    packed_output: nn.Module | None
    """The output layer in the processor's own order, where `packing` made one."""

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
            options: the shape of the blocks.
            directions: each has its own blocks.
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
        self.packed_output = None
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(module.weight, std=0.02 * math.sqrt(1024 / hidden))
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def memory(self, grid: Tensor) -> Tensor:
        """Project an image grid (B, C, h, w) to cells (B, h·w, H)."""
        return _apply(self.project, grid.flatten(2).transpose(1, 2))

    def embed(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """Embed token ids (…, T) that stand at `positions`, (T,) or (…, T): (…, T, H)."""
        states = self.tokens(tokens) + self.positions(positions)
        return _apply(self.dropout, self.embedding_norm(states))

    def forward(
        self, tokens: Tensor, memory: Tensor, direction: Direction, causal: bool = True
    ) -> Tensor:
        """Compute the states of each position given the tokens up to it.

        Padding on the right needs no mask where attention is causal.

        Args:
            tokens: (N, T) ids. N is a multiple of the number B of images, and the sequences of one
                image lie together.
            memory: image cells (B, cells, H).
            direction: whose blocks to use.
            causal: whether a token attends only to itself and those before it, or to all.

        Returns:
            (N, T, H).
        """
        states = self.embed(tokens, torch.arange(tokens.shape[1], device=tokens.device))
        for block in self.blocks(direction):
            states = block(states, memory, causal=causal)
        return states

    def real_states(
        self, tokens: Tensor, texts: Ragged, memory: Tensor, direction: Direction
    ) -> Tensor:
        """Compute what `forward` gives for the real tokens, without working on the padding.

        Args:
            tokens: (B, T) ids, a text for each image, padded on the right.
            texts: which of them are real.
            memory: image cells (B, cells, H).
            direction: whose blocks to use.

        Returns:
            (n, H), text by text.
        """
        states = self.embed(texts.pack(tokens), texts.positions)
        for block in self.blocks(direction):
            states = block(states, memory, texts)
        return states

    def logits(self, states: Tensor) -> Tensor:
        """Score the next token: (…, H) → (…, V)."""
        if self.packed_output is not None:
            return _apply(self.packed_output, states)
        return linear(states, self.tokens.weight, self.output_bias)

    def start(
        self, memory: Tensor, direction: Direction = "forward", sequences: int = 1
    ) -> list[BlockCache]:
        """Make empty caches for decoding `sequences` per image from its cells, (B, cells, H)."""
        room = sequences * self.max_tokens
        return [block.start(memory, room) for block in self.blocks(direction)]

    def step(
        self,
        tokens: Tensor,
        position: int | Tensor,
        caches: list[BlockCache],
        direction: Direction = "forward",
        visible: Tensor | None = None,
    ) -> Tensor:
        """Feed more tokens and score the next one.

        The cache of an image holds what was fed for any of its sequences, and no copy of what they
        share.

        Args:
            tokens: (N, T) ids; the N sequences are k of each image, which lie together.
            position: of the first of them; (N, 1) where it differs between sequences.
            caches: of `start`, one per block.
            direction: whose blocks to use.
            visible: (B, k·T, tokens fed so far and now), which tokens belong to each sequence;
                needed where k > 1.

        Returns:
            (N, V), the scores after the last token.
        """
        positions = position + torch.arange(tokens.shape[1], device=tokens.device)
        states = self.embed(tokens, positions)
        grouped = states.view(len(caches[0].keys), -1, states.shape[-1])
        mask = None if visible is None else visible.unsqueeze(1)
        for block, cache in zip(self.blocks(direction), caches, strict=True):
            grouped = block.step(grouped, cache, mask)
        last = grouped.view_as(states)[:, -1]
        return self.logits(last)

    def stack(self, direction: Direction) -> nn.Module:
        """Give the blocks of a direction."""
        return self.stacks[self.directions.index(direction)]

    def blocks(self, direction: Direction) -> list[Block]:
        """Give the blocks of a direction, one after another."""
        return [block for block in self.stack(direction).children() if isinstance(block, Block)]


def _attend_once(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attend from one token, (…, 1, d), to all keys and values, (…, t, d).

    `scaled_dot_product_attention` is made for many queries, and takes half as long again on a CPU.
    """
    scores = torch.matmul(queries / math.sqrt(queries.shape[-1]), keys.transpose(-2, -1))
    shares = scores.softmax(dim=-1)
    if values.shape[-2] <= _FEW:
        return (shares.transpose(-2, -1) * values).sum(dim=-2, keepdim=True)
    return torch.matmul(shares, values)


def _apply(module: nn.Module, states: Tensor) -> Tensor:
    result: Tensor = module(states)
    return result
