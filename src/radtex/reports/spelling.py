"""Words of a text as the labeler's rules spell them: plurals, spellings, one wrong letter."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache

from radtex.reports.label_rules import Node, rule_tree
from radtex.reports.word_files import word_file
from radtex.reports.word_forms import Language, base_form

SHORTEST = 7
"""Letters of the shortest word that is also known with one wrong letter."""

_SHORTEST_VARIANT = 5

_END = 3
"""Letters at either end of a word, of which one letter that is wrong spares those of one end."""

_PLURALS = (
    ("ces", "x"),  # pneumothoraces
    ("ices", "ex"),
    ("ses", "sis"),  # metastases
    ("i", "us"),  # sulci
    ("ae", "a"),
    ("a", "um"),
    ("ata", "a"),
)
"""Endings in Latin and Greek: of the plural, of the singular."""

_SPELLINGS = (("ae", "e"), ("oe", "e"), ("œ", "e"), ("æ", "e"), ("our", "or"), ("is", "iz"))
"""British letters and American ones: haemothorax, oedema, tumour, visualised."""


@lru_cache(maxsize=1 << 16)
def known_form(word: str, language: Language) -> str:
    """Return the form by which the rules of a language know a word of a text.

    It is the base form if the rules have it. Else it is the form of theirs that the word is a Latin
    plural or another spelling of, or that one letter makes of it: one too many, too few or wrong,
    or two exchanged. Only forms of `SHORTEST` letters and more are sought by letters, and words of
    `labels/LANGUAGE/lookalikes.yaml` are right as they are. A language without that file is read
    to the letter.

    Args:
        word: in lower case.
        language: of the text.
    """
    vocabulary, misspellings = _vocabulary(language), _misspellings(language)
    plain = base_form(word, language)
    if plain in vocabulary or plain in misspellings.lookalikes:
        return plain
    for other in _variants(word):
        form = base_form(other, language)
        if form in vocabulary:
            return form
    meant = misspellings.intended(plain)
    if meant is None and word != plain:
        meant = misspellings.intended(word)
    return meant or plain


def is_known(word: str, language: Language) -> bool:
    """Tell whether the rules of a language have a word, in any inflection but rightly spelt.

    Args:
        word: in lower case.
        language: whose rules.
    """
    return any(
        base_form(form, language) in _vocabulary(language) for form in (word, *_variants(word))
    )


def known_words(language: Language) -> frozenset[str]:
    """Return the base forms of all words that the rules of a language have."""
    return _vocabulary(language)


def _variants(word: str) -> Iterator[str]:
    """Yield what a word may be the plural or another spelling of; "four" is none of "for"."""
    if len(word) < _SHORTEST_VARIANT:
        return
    spellings = [word]
    for british, american in _SPELLINGS:
        if british in spellings[-1]:
            spellings.append(spellings[-1].replace(british, american))
    for spelling in spellings:
        yield spelling
        for plural, singular in _PLURALS:
            if spelling.endswith(plural):
                yield spelling.removesuffix(plural) + singular


class Misspellings:
    """Words of a vocabulary, found by what one wrong letter makes of them."""

    def __init__(self, vocabulary: Iterable[str], lookalikes: Collection[str]) -> None:
        """Index a vocabulary.

        Args:
            vocabulary: words; the short ones are passed over.
            lookalikes: words that are right as they are.
        """
        self.lookalikes = lookalikes
        """Words that are right as they are."""
        self._written: Mapping[str, str] = {
            form: word for word in vocabulary if len(word) >= SHORTEST for form in _inflected(word)
        }
        self._shortened: dict[str, list[str]] = {}
        for form in sorted(self._written):
            for shorter in {form, *_shortened(form)}:
                self._shortened.setdefault(shorter, []).append(form)
        self._ends = {end for form in self._written for end in (form[:_END], form[-_END:])}

    def intended(self, word: str) -> str | None:
        """Return the word of the vocabulary that a word is a misspelling of, or None."""
        if len(word) < SHORTEST - 1 or word in self.lookalikes:
            return None
        if word[:_END] not in self._ends and word[-_END:] not in self._ends:
            return None
        for shorter in (word, *_shortened(word)):
            for form in self._shortened.get(shorter, ()):
                if _is_one_letter_away(word, form):
                    return self._written[form]
        return None


def _inflected(word: str) -> Iterator[str]:
    yield word
    if word.endswith("x"):
        yield word[:-1] + "ces"
    if word.endswith("sis"):
        yield word[:-3] + "ses"


def _shortened(word: str) -> Iterator[str]:
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _is_one_letter_away(one: str, other: str) -> bool:
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    first, second = one[start:], other[start:]
    return (
        first[1:] == second
        or first == second[1:]
        or first[1:] == second[1:]
        or (first[:2] == second[1::-1] and first[2:] == second[2:])
    )


@cache
def _vocabulary(language: Language) -> frozenset[str]:
    return frozenset(_words(rule_tree(language)))


def _words(node: Node) -> Iterator[str]:
    for word, following in node.following.items():
        yield word
        yield from _words(following)


@cache
def _misspellings(language: Language) -> Misspellings:
    lookalikes = word_file("labels", language, "lookalikes.yaml")
    if lookalikes is None:
        return Misspellings((), ())
    forms = frozenset(base_form(word, language) for word in lookalikes)
    return Misspellings(_vocabulary(language), forms)
