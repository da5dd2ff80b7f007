"""Words that neither a run nor the labeler knows: a question with one is not answered."""

import difflib
import re
from collections.abc import Iterable

from radtex.errors import RunError
from radtex.findings import is_known_label
from radtex.models.tokenizer import Tokenizer
from radtex.reports import LANGUAGES
from radtex.reports.spelling import is_known, known_words

_WORD = re.compile(r"[^\W\d_]{2,}")
_LONGEST = 60
"""Letters of the longest word whose likes are sought."""
_ALIKE = 0.7
"""How alike a word must be to be named, from 0 to 1 (see difflib)."""


def refuse_unknown_words(findings: Iterable[str], tokenizer: Tokenizer) -> None:
    """Refuse findings with a word that no report held, as far as can be told.

    Known are the names of labels, the words of the labeler, and words that the run's tokenizer has
    as one piece, since it learnt its pieces from the training reports.

    Args:
        findings: as a user named them.
        tokenizer: of the run.

    Raises:
        RunError: if there is one; it names the known word that is most like it.
    """
    for finding in findings:
        word = unknown_word(finding, tokenizer)
        if word is not None:
            meant = _most_alike(word, tokenizer)
            asked = f'did you mean "{meant}"?' if meant else "name the finding in other words"
            raise RunError(
                f'"{word}" is no word that this run or the labeller knows, so an answer would '
                f"mean nothing; {asked}"
            )


def unknown_word(finding: str, tokenizer: Tokenizer) -> str | None:
    """Return the first word of a finding that is unknown (see `refuse_unknown_words`).

    None where all are known.
    """
    if is_known_label(finding):
        return None
    words = _WORD.findall(finding.casefold())
    return next((word for word in words if not _is_known(word, tokenizer)), None)


def _is_known(word: str, tokenizer: Tokenizer) -> bool:
    return len(tokenizer.encode(word)) == 1 or any(is_known(word, each) for each in LANGUAGES)


def _most_alike(word: str, tokenizer: Tokenizer) -> str | None:
    """The known word that is most alike; of the findings' own words, if one is alike enough."""
    own = known_words("english")
    pieces = {
        piece.strip()
        for piece in tokenizer.pieces(range(len(tokenizer)))
        if piece[:1] == " " and len(piece) > 4 and piece.strip().isalpha()
    }
    for words in (own, pieces, *(known_words(each) for each in LANGUAGES if each != "english")):
        found = difflib.get_close_matches(word[:_LONGEST], sorted(words), 1, _ALIKE)
        if found:
            return found[0]
    return None
