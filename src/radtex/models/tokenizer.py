"""Byte-level BPE over reports: no text is unknown, and no text can spell a special token."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer as BPETokenizer
from tokenizers import decoders, models, pre_tokenizers, trainers

from radtex.errors import RunError
from radtex.files import write_text
from radtex.inputs import read_text_input
from radtex.models.word_counts import CUTTER, NORMALIZER, WordCounts, pieces_of

PAD, START, END, MASK = range(4)
SPECIAL = ("<pad>", "<start>", "<end>", "<mask>")
_AT_ONCE = 1000
_REMEMBERED = 2**16
_OWN_PARTS = {
    "normalizer": json.loads(NORMALIZER.__getstate__()),
    "pre_tokenizer": json.loads(CUTTER.__getstate__()),
}
"""How a tokenizer that was trained here makes words of a text, as its file says it."""


class Tokenizer:
    """Report text ↔ token ids. Ids 0 to 3 are padding, start, end and mask, all distinct."""

    def __init__(self, bpe: BPETokenizer) -> None:
        self._bpe = bpe
        # Without this, a report that contains "<end>" would end itself.
        self._bpe.encode_special_tokens = True

    @classmethod
    def train(cls, texts: Iterable[str], vocabulary: int) -> "Tokenizer":
        """Learn pieces from all words of some texts; see `learn`."""
        every = list(texts)
        return cls.learn(WordCounts.of_texts(every, map(str, range(len(every)))), vocabulary)

    @classmethod
    def learn(cls, words: WordCounts, vocabulary: int) -> "Tokenizer":
        """Learn pieces from words; each piece is a part of one of them.

        Text is put in lower case, compatibility-decomposed (NFKD) and stripped of accents.

        Args:
            words: to learn from. What stands in no piece is spelt by bytes.
            vocabulary: most pieces, at least 260: the bytes and the special tokens.
        """
        bpe = BPETokenizer(models.BPE())
        # Words are cut and written already.
        bpe.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        trainer = trainers.BpeTrainer(
            vocab_size=vocabulary,
            special_tokens=list(SPECIAL),
            initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
            show_progress=False,
        )
        bpe.train_from_iterator(_repeated(words.occurrences), trainer)
        bpe.normalizer, bpe.pre_tokenizer = NORMALIZER, CUTTER
        bpe.decoder = decoders.ByteLevel()
        return cls(bpe)

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Read a tokenizer file.

        Raises:
            RunError: if the file is missing, damaged, or lacks the special tokens.
        """
        try:
            bpe = BPETokenizer.from_str(read_text_input(path, RunError))
        except Exception as error:  # the library raises bare Exception on a malformed file
            raise RunError(
                f"{path} is no readable tokenizer file; restore it from its run"
            ) from error
        if [bpe.token_to_id(token) for token in SPECIAL] != [PAD, START, END, MASK]:
            raise RunError(f"{path} lacks the special tokens {', '.join(SPECIAL)} as ids 0 to 3")
        return cls(bpe)

    def save(self, path: Path) -> None:
        """Write the tokenizer as one JSON file."""
        write_text(path, self._bpe.to_str(pretty=True))

    @property
    def sha256(self) -> str:
        """SHA-256, in hex, of the file that `save` writes."""
        return hashlib.sha256(self._bpe.to_str(pretty=True).encode()).hexdigest()

    def __len__(self) -> int:
        return self._bpe.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        """Turn a text into token ids, without start or end."""
        ids = self._bpe.encode(text, add_special_tokens=False).ids
        # A tokenizer of whole words could find "<end>" in a text.
        return [i for i in ids if i > MASK]

    def encode_each(self, texts: Iterable[str]) -> Iterator[list[int]]:
        """Yield what `encode` gives for each text, sooner where texts repeat their words."""
        parts = json.loads(self._bpe.to_str())
        if any(parts[name] != part for name, part in _OWN_PARTS.items()):  # it was adopted
            yield from map(self.encode, texts)
            return
        known = lru_cache(_REMEMBERED)(self.encode)
        for text in texts:
            yield [token for piece in pieces_of(text) for token in known(piece)]

    def ends(self, text: str) -> list[int]:
        """Find where in a text each token that `encode` gives ends: the place behind it."""
        encoding = self._bpe.encode(text, add_special_tokens=False)
        places = zip(encoding.ids, encoding.offsets, strict=True)
        return [end for token, (_, end) in places if token > MASK]

    def decode(self, ids: Sequence[int]) -> str:
        """Turn token ids into a text; special tokens are left out."""
        return self._bpe.decode([i for i in ids if i > MASK]).strip()

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """Turn each token into its own text."""
        return [self._bpe.decode([i]) for i in ids]


def _repeated(occurrences: Mapping[str, int]) -> Iterator[str]:
    """Lines of words, each as often as it occurs."""
    for word, count in occurrences.items():
        for start in range(0, count, _AT_ONCE):
            yield " ".join([word] * min(_AT_ONCE, count - start))
