"""ROUGE-L (Lin 2004, ACL workshop): the longest common subsequence of words."""

import re
from collections import defaultdict
from collections.abc import Sequence

from radtex.scoring.text_score import MeanScore

_WORD = re.compile(r"[a-z0-9]+")


class RougeL(MeanScore):
    """ROUGE-L, the mean over reports."""

    names = ("ROUGE-L",)
    compares = "words"
    definition = "ROUGE-L: letters and digits."
    column = "rouge_l"

    def of_reports(self, texts: Sequence[str], references: Sequence[str]) -> Sequence[float]:
        """ROUGE-L of each report, 0 to 1."""
        return [rouge_l(*pair) for pair in zip(texts, references, strict=True)]


def rouge_l(text: str, reference: str) -> float:
    """F measure of the longest common subsequence, 0 to 1, as the package rouge-score defines it.

    Words are runs of a to z and digits in lower case; punctuation does not count.
    """
    written, known = _WORD.findall(text.lower()), _WORD.findall(reference.lower())
    if not written or not known:
        return 0.0
    return 2 * common_subsequence(written, known) / (len(written) + len(known))


def common_subsequence(a: list[str], b: list[str]) -> int:
    """Length of the longest common subsequence.

    Bits in place of a table's row (Crochemore and others 2001, Information Processing Letters 80):
    a 0 at bit i says that the subsequence grows at word i of `a`.
    """
    positions: defaultdict[str, int] = defaultdict(int)
    for position, word in enumerate(a):
        positions[word] |= 1 << position
    row = every = (1 << len(a)) - 1
    for word in b:
        matched = row & positions.get(word, 0)
        row = ((row + matched) | (row - matched)) & every
    return len(a) - row.bit_count()
