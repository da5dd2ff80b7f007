"""Write the report of a radiograph in both directions, and tell which tokens it holds."""

from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError
from radtex.models.encoder import Encoder, pool
from radtex.models.model_description import DecoderDescription
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.objectives.captioning import Bicaptioning, recipe_decoder, token_losses
from radtex.pretraining.objectives.objective import recipe_captions
from radtex.pretraining.objectives.parallel_guesses import ParallelGuesses
from radtex.pretraining.objectives.pooled_term import LabelTerm, PooledTerm, TokenTerm
from radtex.pretraining.objectives.recipe_labels import recipe_labels
from radtex.pretraining.objectives.token_bag import occurrence_head, recipe_bag
from radtex.pretraining.recipe import Recipe


class Joint(Bicaptioning):
    """Bicaptioning, plus terms that are computed from the pooled grid, each with its weight.

    These are the tokens that occur and, where a recipe asks for them, labels. In training, a share
    of the texts may be guessed in parallel; a validation has all of them written. Where a recipe
    asks for nothing of it, this is bicaptioning to the byte.
    """

    def __init__(
        self,
        encoder: Encoder,
        description: DecoderDescription,
        captions: Captions,
        parallel: ParallelGuesses,
    ) -> None:
        """Build the decoder with random weights; the other terms are added."""
        super().__init__(encoder, description, captions)
        self.parallel = parallel
        self.pooled: tuple[PooledTerm, ...] = ()

    def add(self, term: PooledTerm) -> None:
        """Learn one term more, whose weights are named by it."""
        self.add_module(term.name, term)
        self.pooled = (*self.pooled, term)
        self.terms = (*self.terms, term.name)

    @classmethod
    def from_recipe(cls, recipe: Recipe, corpus: Corpus, encoder: Encoder, run: Path) -> Self:
        """Build what the recipe gives a weight.

        Raises:
            RecipeError: if the recipe names labels without a weight, or they are not there.
        """
        options = recipe.joint
        if not options.labels_weight and (recipe.targets or recipe.label_source != "corpus"):
            raise RecipeError(
                "the objective 'joint' learns no labels unless they have a weight; found --targets "
                "or --label-source; set --labels-weight 1, or leave them out"
            )
        captions = recipe_captions(recipe, corpus, run, recipe.occurrence.assertions)
        learnt = captions.lengths.reshape(-1, len(corpus.images))[:, corpus.rows("train")]
        objective = cls(
            encoder,
            recipe_decoder(recipe, captions, *cls.RECIPE_DIRECTIONS),
            captions,
            ParallelGuesses(captions, options.parallel_share, int(learnt.max(initial=1))),
        )
        if options.occurrence_weight:
            bag = recipe_bag(recipe, corpus, captions)
            head = occurrence_head(recipe, encoder, bag)
            objective.add(TokenTerm(options.occurrence_weight, head, bag))
        if options.labels_weight:
            labels, objective.label_names = recipe_labels(recipe, corpus)
            objective.add(LabelTerm(options.labels_weight, encoder.width, labels))
        return objective

    def counts(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Count the tokens of the texts for each direction, and what the other terms count."""
        return np.array([*super().counts(rows), *(term.count(rows) for term in self.pooled)])

    def targets(self, rows: NDArray[np.int64]) -> dict[str, Tensor]:
        """Return the texts that are guessed in parallel, those that are written, and the rest.

        Those guessed in parallel come first: a batch is in random order. See `ParallelGuesses`.
        """
        found = {term.name: term.targets(rows) for term in self.pooled}
        guessed = self.parallel.draw(len(rows)) if self.training else 0
        if guessed:
            found |= self.parallel.targets(rows[:guessed], self.decoder.directions)
        if guessed < len(rows):
            found |= super().targets(rows[guessed:])
        return found

    def forward(self, images: Tensor, targets: dict[str, Tensor]) -> Tensor:
        """Sum the token losses of each direction, and the losses of the other terms."""
        grid = self.encoder(images)
        memory = self.decoder.memory(grid)
        guessed = len(targets["parallel_numbers"]) if "parallel_numbers" in targets else 0
        sums = []
        for direction in self.decoder.directions:
            losses = []
            if guessed:
                own = memory[:guessed]
                losses.append(self.parallel.losses(self.decoder, own, targets, direction))
            if direction in targets:
                losses.append(token_losses(self.decoder, memory[guessed:], targets, direction))
            sums.append(torch.cat(losses).sum())
        pooled = pool(grid)
        others = [term(pooled, targets[term.name]) for term in self.pooled]
        return torch.cat([torch.stack(sums), *others])
