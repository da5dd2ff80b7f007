"""Which tokens of a report stand in words that it denies."""

import numpy as np
from numpy.typing import NDArray

from radtex.models.tokenizer import Tokenizer
from radtex.reports.denials import denied_words


def denied_tokens(text: str, tokenizer: Tokenizer) -> NDArray[np.bool_]:
    """Tell of each token of `tokenizer.encode(text)` whether it ends in a word that is denied.

    Args:
        text: without markup.
        tokenizer: what cuts it.

    Returns:
        (T,).
    """
    words = denied_words(text)
    starts = np.array([word.start for word in words], dtype=np.int64)
    ends = np.array([word.end for word in words], dtype=np.int64)
    last = np.array(tokenizer.ends(text), dtype=np.int64) - 1
    begun = np.searchsorted(starts, last, side="right")
    denied: NDArray[np.bool_] = begun > np.searchsorted(ends, last, side="right")
    return denied
