"""Write the report of a radiograph, in one or both directions (VirTex, section 3)."""

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.models.decoder import Decoder, Direction
from radtex.models.encoder import Encoder
from radtex.models.model_description import DecoderDescription
from radtex.models.ragged import Ragged, ragged_indices
from radtex.models.tokenizer import PAD
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.objective import ReportObjective, recipe_captions
from radtex.pretraining.recipe import Recipe


class Captioning(ReportObjective):
    """Sum over the directions of the decoder of the mean token loss."""

    RECIPE_DIRECTIONS: ClassVar[tuple[Direction, ...]] = ("forward",)
    """Directions of the decoder that a recipe of this objective describes."""

    def __init__(
        self, encoder: Encoder, description: DecoderDescription, captions: Captions
    ) -> None:
        super().__init__(encoder, captions)
        self.decoder = description.build(encoder)
        self.decoder_description = description
        self.terms = self.decoder.directions

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:
        """Build the decoder that the recipe describes, and its captions."""
        captions = recipe_captions(recipe, corpus, run)
        return cls(encoder, recipe_decoder(recipe, captions, *cls.RECIPE_DIRECTIONS), captions)

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the tokens of the texts, the same for each direction."""
        directions = len(self.decoder.directions)
        return np.full(directions, self.lengths[rows].sum(), dtype=np.float64)

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Return a stream per direction, (B, T + 1), and what `with_places` adds."""
        streams: dict[str, Tensor] = {
            direction: self.captions.streams(rows, backward=direction == "backward")
            for direction in self.decoder.directions
        }
        # A text is as long in either direction.
        return with_places(streams, self.decoder.directions[0])

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Sum the token losses of each direction."""
        memory = self.decoder.memory(self.encoder(images))
        losses = [
            token_losses(self.decoder, memory, targets, direction).sum()
            for direction in self.decoder.directions
        ]
        return torch.stack(losses)


class Bicaptioning(Captioning):
    """Captioning in both directions, as RadTex's own recipes have it."""

    RECIPE_DIRECTIONS = ("forward", "backward")


def recipe_decoder(
    recipe: Recipe, captions: Captions, *directions: Direction
) -> DecoderDescription:
    """Describe the decoder that a recipe asks for, with the vocabulary of `captions`."""
    return DecoderDescription(
        vocabulary=len(captions.tokenizer),
        max_tokens=recipe.text.max_tokens,
        directions=directions,
        options=recipe.decoder,
    )


def with_places(streams: dict[str, Tensor], direction: Direction) -> dict[str, Tensor]:
    """Add where the targets in the stream of `direction`, (B, T + 1), are; see `Ragged`."""
    places, numbers = ragged_indices(streams[direction][:, 1:] != PAD)
    return {**streams, "places": places, "numbers": numbers}


def token_losses(
    decoder: Decoder, memory: Tensor, targets: dict[str, Tensor], direction: Direction
) -> Tensor:
    """Loss of each token of a stream (B, T + 1) but its start and padding, row by row: (n,).

    `targets` are the stream, by its direction, and what `with_places` adds.
    """
    stream = targets[direction]
    inputs, wanted = stream[:, :-1], stream[:, 1:]
    texts = Ragged(targets["places"], targets["numbers"])
    states = decoder.real_states(inputs, texts, memory, direction)
    return F.cross_entropy(decoder.logits(states).float(), texts.pack(wanted), reduction="none")
