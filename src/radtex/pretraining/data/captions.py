"""Reports as token streams, one per direction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.models.tokenizer import END, PAD, START, Tokenizer
from radtex.reports.training_text import TextPolicy


@dataclass(frozen=True)
class TextOptions:
    """Which text is learnt, and how it is cut into tokens."""

    text_policy: Literal[TextPolicy, "sampled"] = "findings+impression"
    """the sections that are learnt; `sampled`: in each epoch findings, impression or both"""
    remove_priors: bool = False
    """drop or rewrite what refers to earlier studies"""
    shuffle_reports: bool = False
    """deal the texts of a split to other images of it: a control, which learns nothing of them"""
    vocabulary: int = 10_000
    """pieces of the tokenizer, at most"""
    tokenizer: str | None = None
    """a `tokenizer.json` of the tokenizers library, in place of one trained on the corpus"""
    max_tokens: int = 128
    """context: the longest input, its start token included"""


class Captions:
    """The texts of the samples of a corpus (`radtex.pretraining.data.samples`), as tokens.

    A text that does not fit the context keeps its beginning in the forward stream and its end in
    the backward stream, and neither stream is told that the text stops where it was cut.
    """

    def __init__(
        self,
        texts: Sequence[str],
        tokenizer: Tokenizer,
        max_tokens: int,
        texts_per_row: int = 1,
    ) -> None:
        """`texts` are those of the samples, by number; the rows' alone where nothing is drawn."""
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.texts_per_row = texts_per_row
        self._tokens = [tokenizer.encode(text) for text in texts]
        self.lengths: NDArray[np.int64] = np.array(
            [min(len(tokens) + 1, max_tokens) for tokens in self._tokens], dtype=np.int64
        )
        """targets per sample in each direction: the tokens and the end, or as many as fit"""

    def streams(self, rows: NDArray[np.int64], backward: bool) -> Tensor:
        """Token streams of `rows`, padded on the right: int64 (B, T + 1).

        Columns 0 to T−1 are the input (start first), columns 1 to T the targets.
        """
        texts = [self._tokens[row] for row in rows]
        if backward:
            texts = [tokens[::-1] for tokens in texts]
        streams = [[START, *tokens, END][: self.max_tokens + 1] for tokens in texts]
        longest = max(len(stream) for stream in streams)
        return torch.tensor([stream + [PAD] * (longest - len(stream)) for stream in streams])
