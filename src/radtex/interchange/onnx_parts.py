"""The parts of a run or a classifier that become ONNX graphs: tensors in, tensors out."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from radtex.classifiers.classifier import Classifier
from radtex.models.decoder import Decoder, Direction
from radtex.models.encoder import Encoder, pool
from radtex.models.encoder_input import EncoderInput


class GreyEncoder(nn.Module):
    """Grey levels → the grid of an encoder, and its mean."""

    resizing: Tensor | None
    """(S, P); None where images have the encoder's size."""

    def __init__(self, encoder: Encoder, takes: EncoderInput, side: int) -> None:
        """Put resizing and normalisation before an encoder.

        Args:
            encoder: in evaluation mode.
            takes: what it takes.
            side: of the images that will be given, in pixels.
        """
        super().__init__()
        self.encoder = encoder
        self.mean, self.std = takes.mean, takes.std
        resizing = None if side == takes.size else resizing_matrix(side, takes)
        self.register_buffer("resizing", resizing)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Encode uint8 (N, P, P): features (N, D) and grid (N, D, h, w)."""
        grey = images.unsqueeze(1).float()
        if self.resizing is not None:
            grey = self.resizing @ grey @ self.resizing.T
        grid = self.encoder((grey - self.mean) / self.std)
        return pool(grid), grid


def resizing_matrix(side: int, takes: EncoderInput) -> Tensor:
    """What resizes the rows of an image as `EncoderInput.prepare` does, (S, P).

    Resizing with antialiasing is linear in each axis: A · X · Aᵀ, where A are the resized rows of
    the identity.
    """
    identity = torch.eye(side)[None, None]
    return F.interpolate(identity, (takes.size, side), mode=takes.interpolation, antialias=True)[
        0, 0
    ]


class Answers(nn.Module):
    """Grey levels → probabilities, distance and features of a classifier."""

    weights: Tensor
    """Of the heads, (T, D)."""
    intercepts: Tensor
    """Of the heads, (T,)."""
    slope: Tensor
    """Of the curves from logits to log odds, (T,)."""
    offset: Tensor
    """Of the curves, (T,)."""
    usual_mean: Tensor
    """Of the pool's features, (D,); this and what follows as in `Familiarity`."""
    usual_scale: Tensor
    """(D,)."""
    usual_components: Tensor
    """(k, D)."""
    usual_variances: Tensor
    """(k,)."""

    def __init__(self, classifier: Classifier) -> None:
        super().__init__()
        side = classifier.preprocessing.size
        self.encoder = GreyEncoder(classifier.encoder, classifier.takes, side)
        self.register_buffer("weights", classifier.weights)
        self.register_buffer("intercepts", classifier.intercepts)
        curves = [target.platt for target in classifier.targets]
        for name in ("slope", "offset"):
            values = torch.tensor([getattr(curve, name) for curve in curves], dtype=torch.float64)
            self.register_buffer(name, values)
        familiarity = classifier.abstention.familiarity
        self.unit, self.rest = familiarity.unit, familiarity.rest
        for name in ("mean", "scale", "components", "variances"):
            self.register_buffer(f"usual_{name}", getattr(familiarity, name).double())

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Answer uint8 (N, P, P): probabilities (N, T), distance (N,) and features (N, D)."""
        features, _ = self.encoder(images)
        logits = (features @ self.weights.T + self.intercepts).double()
        probabilities = torch.sigmoid(logits * self.slope + self.offset)
        return probabilities.float(), self._distance(features).float(), features

    def _distance(self, features: Tensor) -> Tensor:
        """As `Familiarity.distance`."""
        rows = features.double()
        rows = ((F.normalize(rows) if self.unit else rows) - self.usual_mean) * self.usual_scale
        along = rows @ self.usual_components.T
        beside = (rows.square().sum(1) - along.square().sum(1)).clamp(min=0)
        squared = (along.square() / self.usual_variances).sum(1) + beside / self.rest
        return squared / rows.shape[1]


class Memory(nn.Module):
    """The grid → keys and values of its cells, for the blocks of each direction."""

    def __init__(self, decoder: Decoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, grid: Tensor) -> tuple[Tensor, ...]:
        """Project (N, C, h, w): keys and values, (layers, N, heads, cells, d), per direction."""
        cells = self.decoder.memory(grid)
        found: list[Tensor] = []
        for direction in self.decoder.directions:
            pairs = [
                block.cross_attention.keys_values(cells) for block in self.decoder.blocks(direction)
            ]
            found += [torch.stack(each) for each in zip(*pairs, strict=True)]
        return tuple(found)


class Step(nn.Module):
    """One more token of each text → the scores of the next, and a cache that knows it."""

    def __init__(self, decoder: Decoder, direction: Direction) -> None:
        super().__init__()
        self.decoder, self.direction = decoder, direction

    def forward(
        self,
        token: Tensor,
        position: Tensor,
        past_keys: Tensor,
        past_values: Tensor,
        memory_keys: Tensor,
        memory_values: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Feed a token of each text.

        Args:
            token: ids, (N,).
            position: where they stand; the start token is at 0. (N,).
            past_keys: of the tokens before, (layers, N, heads, P, d).
            past_values: of the tokens before, (layers, N, heads, P, d).
            memory_keys: of the image's cells, (layers, N, heads, cells, d).
            memory_values: of the image's cells, (layers, N, heads, cells, d).

        Returns:
            Logits (N, V), and the past's keys and values with those of the token.
        """
        states = self.decoder.embed(token.unsqueeze(1), position.unsqueeze(1))
        keys, values = [], []
        for layer, block in enumerate(self.decoder.blocks(self.direction)):
            fresh = block.self_attention.keys_values(states)
            past = (past_keys[layer], past_values[layer])
            seen = (torch.cat([past[0], fresh[0]], 2), torch.cat([past[1], fresh[1]], 2))
            memory = (memory_keys[layer], memory_values[layer])
            states = block.continued(states, seen, memory)
            keys.append(seen[0])
            values.append(seen[1])
        return self.decoder.logits(states[:, 0]), torch.stack(keys), torch.stack(values)
