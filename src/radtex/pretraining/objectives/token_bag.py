"""Which tokens a report holds, as the target of one softmax over all of them."""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder
from radtex.models.tokenizer import MASK
from radtex.pretraining.data.captions import Captions
from radtex.pretraining.recipe import Recipe


class TokenBag(nn.Module):
    """Cross-entropy of a softmax over the classes of tokens with the weights of those that occur.

    All weigh the same (VirTex's ablation, after Mahajan et al., 2018), or each by its inverse
    document frequency (SuperClass, Huang et al., 2024). The weights of a text sum to 1. Only
    tokens that fit the context count, and special ones never.
    """

    weights: Tensor
    """(K,) weight of each class. No part of a run's weights: the corpus gives it again."""

    def __init__(self, captions: Captions, texts: NDArray[np.int64] | None = None) -> None:
        """Weigh the classes of `captions`.

        Args:
            captions: what the tokens are of; its classes may tell denied tokens from others.
            texts: samples whose texts the frequencies are taken from; all weigh the same if None.
        """
        super().__init__()
        self.captions = captions
        self.classes = captions.class_count
        weights = torch.ones(self.classes) if texts is None else _idf(captions, texts)
        weights[: MASK + 1] = 0.0
        self.register_buffer("weights", weights, persistent=False)

    def targets(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the classes of the tokens of `rows`, padded on the right: (B, T)."""
        return self.captions.classes(rows)

    def forward(self, logits: Tensor, classes: Tensor) -> Tensor:
        """Scores (B, K) and the classes that occur, (B, T) → (1,), the sum over the texts.

        A text has no loss where all of its tokens weigh nothing, since they are in every text.
        """
        logits = logits.float()
        occurring = torch.zeros_like(logits).scatter(1, classes, 1.0) * self.weights
        whole = occurring.sum(dim=1, keepdim=True)
        shares = occurring / whole.where(whole > 0, 1.0)
        return F.cross_entropy(logits, shares, reduction="sum").unsqueeze(0)


def recipe_bag(recipe: Recipe, corpus: Corpus, captions: Captions) -> TokenBag:
    """Weigh the tokens of a recipe's captions as it says, by the texts of the training split."""
    train = corpus.rows("train")
    texts = train[captions.lengths[train] > 1]
    return TokenBag(captions, texts if recipe.occurrence.idf else None)


def occurrence_head(recipe: Recipe, encoder: Encoder, bag: TokenBag) -> nn.Module:
    """Build with random weights what scores the classes of `bag`: (B, C) → (B, K)."""
    if recipe.occurrence.occurrence_head == "linear":
        return nn.Linear(encoder.width, bag.classes)
    hidden = recipe.decoder.hidden
    return nn.Sequential(
        nn.Linear(encoder.width, hidden), nn.GELU(), nn.Linear(hidden, bag.classes)
    )


def _idf(captions: Captions, texts: NDArray[np.int64]) -> Tensor:
    """Compute log((N + 1) / (n + 1)) for each class that n of the N texts hold."""
    holding = np.zeros(captions.class_count, dtype=np.int64)
    for text in texts:
        holding[np.unique(captions.classes(text[None]).numpy())] += 1
    return torch.from_numpy(np.log((len(texts) + 1) / (holding + 1))).float()
