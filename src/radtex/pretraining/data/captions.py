"""Reports as token streams, one per direction."""

import logging
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.models.adopted_tokenizer import adopt_tokenizer
from radtex.models.tokenizer import END, PAD, START, Tokenizer
from radtex.models.word_counts import WordCounts
from radtex.pretraining.data.denied_tokens import denied_tokens
from radtex.pretraining.data.text_options import TextOptions
from radtex.pretraining.data.texts import rows_of_texts, sample_texts

_FEW = 0.9
"""A smaller share of words that pieces are learnt from is worth a warning."""
_log = logging.getLogger(__name__)


class Captions:
    """The texts of the samples of a corpus (`radtex.pretraining.data.samples`), as tokens.

    A text that does not fit the context keeps its beginning in the forward stream and its end in
    the backward stream, and neither stream is told that the text stops where it was cut.
    """

    lengths: NDArray[np.int64]
    """Targets per sample in each direction: the tokens and the end, or as many as fit."""

    def __init__(
        self,
        texts: Sequence[str],
        tokenizer: Tokenizer,
        max_tokens: int,
        texts_per_row: int = 1,
        assertions: bool = False,
    ) -> None:
        """Cut `texts` into tokens.

        Args:
            texts: those of the samples, by number; the rows' alone where nothing is drawn.
            tokenizer: what cuts them.
            max_tokens: longest input, its start token included.
            texts_per_row: texts of each row, of which an epoch shows one.
            assertions: whether `classes` tell denied tokens from others.
        """
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.texts_per_row = texts_per_row
        number_of: dict[str, int] = {}
        numbers = (number_of.setdefault(text, len(number_of)) for text in texts)
        self._numbers = np.fromiter(numbers, np.int64, len(texts))
        tokens = array("i")  # of all distinct texts, one behind the other
        ends = [0]
        for own in tokenizer.encode_each(number_of):
            tokens.extend(own)
            ends.append(len(tokens))
        self._tokens, self._ends = tokens, np.array(ends)
        self._denied = [denied_tokens(text, tokenizer) for text in texts] if assertions else None
        self.lengths = np.minimum(np.diff(self._ends)[self._numbers] + 1, max_tokens)

    @classmethod
    def of_corpus(
        cls,
        options: TextOptions,
        corpus: Corpus,
        mirrored: bool,
        seed: int,
        kept: Path,
        assertions: bool = False,
    ) -> Self:
        """Cut the texts of a corpus into tokens.

        Args:
            options: which texts, and which tokenizer.
            corpus: where they are; its training split trains a tokenizer.
            mirrored: whether images are mirrored, and so texts.
            seed: of the order of shuffled reports.
            kept: file of the run's own tokenizer, which is used where it is there.
            assertions: whether `classes` tell denied tokens from others.
        """
        blocks = sample_texts(options, corpus, mirrored, seed)
        if kept.is_file():
            tokenizer = Tokenizer.load(kept)
        elif options.tokenizer is not None:
            tokenizer = adopt_tokenizer(Path(options.tokenizer))
        else:
            train = corpus.rows("train")
            owners = corpus.patients[rows_of_texts(options, corpus, seed)[train]]
            words = WordCounts.of_texts([blocks[0][row] for row in train], owners)
            tokenizer = _learn(words, options)
        texts = [text for block in blocks for text in block]
        return cls(texts, tokenizer, options.max_tokens, (len(blocks) + 1) // 2, assertions)

    @property
    def class_count(self) -> int:
        """How many classes a token can be of: V tokens, or twice as many with those denied."""
        return len(self.tokenizer) * (1 if self._denied is None else 2)

    def classes(self, rows: NDArray[np.int64]) -> Tensor:
        """The tokens of the forward streams of `rows`, int64 (B, T + 1); a denied one plus V."""
        streams = self.streams(rows, backward=False)
        if self._denied is None:
            return streams
        denied = torch.zeros_like(streams)
        for place, row in enumerate(rows):
            # The stream begins with the start token, and may be cut.
            own = torch.from_numpy(self._denied[row])[: self.max_tokens]
            denied[place, 1 : 1 + len(own)] = own
        return streams + len(self.tokenizer) * denied

    def streams(self, rows: NDArray[np.int64], backward: bool) -> Tensor:
        """Token streams of `rows`, padded on the right: int64 (B, T + 1).

        Columns 0 to T−1 are the input (start first), columns 1 to T the targets.
        """
        texts = [self._own(row) for row in rows]
        if backward:
            texts = [tokens[::-1] for tokens in texts]
        streams = [[START, *tokens, END][: self.max_tokens + 1] for tokens in texts]
        longest = max(len(stream) for stream in streams)
        return torch.tensor([stream + [PAD] * (longest - len(stream)) for stream in streams])

    def _own(self, row: int) -> list[int]:
        start, end = self._ends[self._numbers[row] :][:2]
        return self._tokens[start:end].tolist()


def _learn(words: WordCounts, options: TextOptions) -> Tokenizer:
    """Learn from the words of many patients, and say what is left to be spelt."""
    common = words.of_at_least(options.word_patients)
    tokenizer = Tokenizer.learn(common, options.vocabulary)
    share = common.running / max(words.running, 1)
    _log.log(
        logging.INFO if share >= _FEW else logging.WARNING,
        "tokenizer: %d pieces of %d words, those in the reports of %d patients or more; they make "
        "up %.1f %% of the training texts%s",
        len(tokenizer),
        len(common.patients),
        options.word_patients,
        100 * share,
        ""
        if share >= _FEW
        else ", and what is left is spelt in short pieces, which makes the texts longer; if the "
        "reports hold no names, lower --word-patients",
    )
    return tokenizer
