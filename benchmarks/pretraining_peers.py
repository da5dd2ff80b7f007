"""The model of radtex's training step from stock parts: written naively, and by someone who tunes.

Both have an `nn.TransformerDecoder` for each direction and score the padding too. They do not
augment, and on a GPU their images travel as bytes. The naive one has contiguous NCHW images with
three equal channels and pads every text to the full context. The tuned one has one channel, keeps
images and encoder channels-last, pads the texts of a batch to the longest of them, tells attention
that its mask is causal, and is compiled where radtex is.
"""

from typing import cast

import numpy as np
import timm
import torch
import torch.nn.functional as F
from pretraining_steps import MEAN, STD, Case, Contestant, Ours, Setting
from torch import Tensor, nn

from radtex.models.decoder import Attention, Block
from radtex.models.tokenizer import PAD
from radtex.pretraining.data.batches import Rows

COMPARED = 8


class Naive(Contestant):
    """The same model from stock parts, every text padded to the full context."""

    channels = 3

    def __init__(self, setting: Setting, case: Case) -> None:
        super().__init__(setting, case)
        self.model = StockCaptioner(setting, self.channels).to(self.device).train()
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), lr=0.001, momentum=0.9, weight_decay=1e-4
        )
        order = np.random.default_rng(0).permutation(len(self.images))
        whole = len(order) // setting.batch
        self.batches = np.split(order[: whole * setting.batch], whole)

    def step(self, number: int) -> None:
        """Train step `number` to its end on the device."""
        with self.setting.autocast():
            loss = self.loss(self.batches[number % len(self.batches)])
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 10.0)
        self.optimizer.step()
        loss.item()

    def loss(self, rows: Rows) -> Tensor:
        """Return the loss of `rows`, before any gradient."""
        forward, backward = (
            self.padded(self.captions.streams(rows, backward)).to(self.device)
            for backward in (False, True)
        )
        loss: Tensor = self.model(self.pixels(rows), (forward, backward))
        return loss

    def pixels(self, rows: Rows) -> Tensor:
        """Return normalised images, (B, 3, S, S)."""
        grey = torch.from_numpy(self.images[rows]).to(self.device)
        return grey[:, None].float().sub(MEAN).div(STD).repeat(1, 3, 1, 1)

    def padded(self, stream: Tensor) -> Tensor:
        """Pad a stream to the full context, (B, T + 1)."""
        return F.pad(stream, (0, self.setting.tokens + 1 - stream.shape[1]), value=PAD)


class Tuned(Naive):
    """The same model as someone would write it who knows how to make torch fast."""

    channels = 1

    def __init__(self, setting: Setting, case: Case) -> None:
        super().__init__(setting, case)
        self.model.encoder.to(memory_format=torch.channels_last)
        if setting.compile:
            self.model.compile()

    def pixels(self, rows: Rows) -> Tensor:
        """Return normalised images, (B, 1, S, S), channels-last."""
        grey = torch.from_numpy(self.images[rows]).to(self.device)
        normalised = grey[:, None].float().sub(MEAN).div(STD)
        return normalised.contiguous(memory_format=torch.channels_last)

    def padded(self, stream: Tensor) -> Tensor:
        """Leave a stream as long as its longest text."""
        return stream


class StockCaptioner(nn.Module):
    """The same architecture from stock parts, one decoder per direction."""

    def __init__(self, setting: Setting, channels: int) -> None:
        super().__init__()
        options, hidden = setting.decoder, setting.decoder.hidden
        self.encoder = timm.create_model(
            setting.backbone, in_chans=channels, num_classes=0, global_pool=""
        )
        self.project = nn.Linear(cast(int, self.encoder.num_features), hidden)
        self.tokens = nn.Embedding(setting.vocabulary, hidden, padding_idx=PAD)
        self.positions = nn.Embedding(setting.tokens, hidden)
        self.norm = nn.LayerNorm(hidden, eps=1e-8)
        layer = nn.TransformerDecoderLayer(
            hidden, options.heads, options.feedforward, options.dropout, "gelu", batch_first=True
        )
        self.dropout = nn.Dropout(options.dropout)
        self.directions = nn.ModuleList(
            nn.TransformerDecoder(layer, options.layers) for _ in range(2)
        )
        self.bias = nn.Parameter(torch.zeros(setting.vocabulary))

    def forward(self, images: Tensor, streams: tuple[Tensor, Tensor]) -> Tensor:
        """Return the loss of images (B, channels, S, S) and both token streams (B, T + 1)."""
        device, length = images.device, streams[0].shape[1] - 1
        memory = self.project(self.encoder(images).flatten(2).transpose(1, 2))
        mask = nn.Transformer.generate_square_subsequent_mask(length, device=device)
        positions = self.positions(torch.arange(length, device=device))
        loss = torch.zeros((), device=device)
        for decoder, stream in zip(self.directions, streams, strict=True):
            embedded = self.dropout(self.norm(self.tokens(stream[:, :-1]) + positions))
            states = decoder(embedded, memory, tgt_mask=mask, tgt_is_causal=True)
            scores = F.linear(states, self.tokens.weight, self.bias)
            loss = loss + F.cross_entropy(
                scores.flatten(0, 1).float(), stream[:, 1:].flatten(), ignore_index=PAD
            )
        return loss


@torch.no_grad()
def loss_difference(ours: Ours, setting: Setting, case: Case) -> float:
    """Return by how much the losses of both peers differ from radtex's at most, as a share of it.

    All have radtex's weights, in float32 and without dropout, and see the same images and texts.
    """
    rows = ours.batch(0)[:COMPARED]
    objective, peers = ours.objective.eval(), (Naive(setting, case), Tuned(setting, case))
    targets = {name: part.to(ours.device) for name, part in objective.targets(rows).items()}
    sums = objective(ours.passes.forward.pixels.plain(rows, ours.device), targets)
    wanted = (sums / torch.from_numpy(objective.counts(rows)).to(sums)).sum().item()
    objective.train()
    losses = []
    for peer in peers:
        _take_weights(peer.model.eval(), ours)
        losses.append(peer.loss(rows).item())
    return max(abs(loss - wanted) for loss in losses) / wanted


def _take_weights(model: StockCaptioner, ours: Ours) -> None:
    """Copy radtex's weights into the stock parts."""
    decoder, weights = ours.objective.decoder, ours.objective.encoder.network.state_dict()
    for name, own in model.encoder.state_dict().items():
        weight = weights[name]
        # Equal channels add up: a kernel of one channel is dealt to all of them.
        own.copy_(weight if weight.shape == own.shape else weight / own.shape[1])
    for theirs, mine in (
        (model.project, decoder.project),
        (model.positions, decoder.positions),
        (model.tokens, decoder.tokens),
        (model.norm, decoder.embedding_norm),
    ):
        theirs.load_state_dict(mine.state_dict())
    model.bias.copy_(decoder.output_bias)
    for stack, direction in zip(model.directions, decoder.directions, strict=True):
        blocks = decoder.stack(direction).children()
        for layer, block in zip(cast(nn.TransformerDecoder, stack).layers, blocks, strict=True):
            _take_block(cast(nn.TransformerDecoderLayer, layer), cast(Block, block))


def _take_block(layer: nn.TransformerDecoderLayer, block: Block) -> None:
    _take_attention(layer.self_attn, block.self_attention)
    _take_attention(layer.multihead_attn, block.cross_attention)
    for theirs, mine in (
        (layer.linear1, block.expand),
        (layer.linear2, block.contract),
        *zip((layer.norm1, layer.norm2, layer.norm3), block.norms, strict=True),
    ):
        theirs.load_state_dict(mine.state_dict())


def _take_attention(theirs: nn.MultiheadAttention, mine: Attention) -> None:
    parts = (mine.query, mine.key_value)
    cast(Tensor, theirs.in_proj_weight).copy_(torch.cat([part.weight for part in parts]))
    cast(Tensor, theirs.in_proj_bias).copy_(torch.cat([part.bias for part in parts]))
    theirs.out_proj.load_state_dict(mine.output.state_dict())
