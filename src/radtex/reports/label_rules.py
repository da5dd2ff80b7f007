"""The rules of the labeler, read from `labels/LANGUAGE/*.yaml` into one tree of words each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any, Literal

from radtex.reports.word_files import word_file
from radtex.reports.word_forms import Language, base_form

State = Literal[1, 0, -1]
"""Present, absent, uncertain."""

Claims = tuple[tuple[str, State], ...]
"""Observations, each with what is said of it."""

Phrase = tuple[str, ...]

MarkKind = Literal[
    "comma", "dash", "colon", "opening", "closing",
    "joining", "choosing", "accompanying", "ending", "turning",
    "linking", "showing", "seeing", "determining", "asserting", "qualifying",
    "locating", "relating",
    "changing", "changed", "partial", "clearing", "cleared",
    "excluding", "excluded", "barring", "hindering", "asking", "doubting",
    "earlier", "comparing", "knowing", "evidence", "breaking",
    "nominal", "standing", "portion", "pairing",
]  # fmt: skip
"""What each kind does stands beside its words, in `labels/english/cues.yaml`."""

ABNORMALITY = "abnormality"
"""Disease as such, claimed beside the observations: that it is absent makes a report normal."""

_STATES: Mapping[str, State] = {"present": 1, "absent": 0, "uncertain": -1}


@dataclass(frozen=True)
class Term:
    """Words that name observations."""

    claims: Claims
    """What they claim; empty for words that only look as if they named an observation."""


@dataclass(frozen=True)
class Organ:
    """Words that name an organ."""

    claims: Mapping[str, Claims]
    """What each quality of the organ claims."""


@dataclass(frozen=True)
class Quality:
    """Words for a quality that some organ can have."""

    phrase: str
    """The words, as they stand in `Organ.claims`."""


@dataclass(frozen=True)
class Cue:
    """Words that change what is said before or after them."""

    state: State | None
    """What they make of it; None where they mean that nothing is said."""
    side: Literal["before", "after"]
    """Where the words stand: before what they change, or after it."""


@dataclass(frozen=True)
class Mark:
    """Words and commas that hold a list together, or end what a cue can reach."""

    kind: MarkKind
    """What they do."""


Rule = Term | Organ | Quality | Cue | Mark

_SIGNS: Mapping[str, Rule] = {
    ",": Mark("comma"),
    "-": Mark("dash"),
    ":": Mark("colon"),
    "(": Mark("opening"),
    ")": Mark("closing"),
    "/": Mark("choosing"),
    "¿": Cue(-1, "before"),
    "?": Cue(-1, "after"),
}
"""Rules of the signs, the same in all languages; "¿" is a question mark before a word."""


@dataclass
class Node:
    """A place in the tree of phrases."""

    rules: tuple[Rule, ...] = ()
    """The rules whose phrase ends here."""
    following: dict[str, "Node"] = field(default_factory=dict)
    """The words that can follow."""

    def at(self, phrase: Phrase) -> "Node":
        """Return the place where a phrase ends; it is made if it is not there."""
        node = self
        for word in phrase:
            following = node.following.get(word)
            if following is None:
                following = node.following[word] = Node()
            node = following
        return node


@cache
def rule_tree(language: Language) -> Node:
    """Return the root of all rules of a language; a phrase is a path of base forms."""
    root = Node()
    rules = _RulesOf(language)
    for phrase, rule in (*rules.terms(), *rules.organs(), *rules.cues()):
        node = root.at(phrase)
        if rule not in node.rules:
            node.rules = (*node.rules, rule)
    return root


def rule_tree_with(language: Language, claims: Mapping[Phrase, Claims]) -> Node:
    """Return a tree of all rules of a language with more terms, which go before its own rules."""
    root = rule_tree.__wrapped__(language)
    for phrase, said in claims.items():
        root.at(phrase).rules = (Term(said),)
    return root


def phrases_of(patterns: Sequence[str], language: Language) -> set[Phrase]:
    """Return all the phrases, of base forms, that patterns stand for."""
    return _RulesOf(language).phrases(patterns)


@cache
def other_findings(language: Language) -> frozenset[str]:
    """Return base forms of words for findings that no label is about."""
    words = _RulesOf(language).other_findings()
    return frozenset(base_form(word, language) for word in words)


@dataclass(frozen=True)
class _RulesOf:
    """The files of a language."""

    language: Language

    def terms(self) -> Iterator[tuple[Phrase, Rule]]:
        claims: dict[Phrase, Claims] = {}
        for label, states in self._read("terms.yaml").items():
            for state, patterns in states.items():
                for phrase in self.phrases(patterns):
                    claims[phrase] = (*claims.get(phrase, ()), (label, _STATES[state]))
        normal = self._read("normal.yaml")
        meanings = {"disease": "present", "normal": "absent"}
        for name, meaning in meanings.items():
            for phrase in self.phrases(normal[name]) - set(claims):
                claims[phrase] = ((ABNORMALITY, _STATES[meaning]),)
        for phrase in self.phrases(self._read("decoys.yaml")):
            claims[phrase] = ()
        for phrase, said in claims.items():
            yield phrase, Term(said)

    def other_findings(self) -> list[str]:
        words: list[str] = self._read("normal.yaml")["other"]
        return words

    def organs(self) -> Iterator[tuple[Phrase, Rule]]:
        qualities: set[Phrase] = set()
        for organ in self._read("organs.yaml").values():
            claims: dict[str, Claims] = {}
            for label, states in organ["qualities"].items():
                for state, patterns in states.items():
                    for phrase in self.phrases(patterns):
                        qualities.add(phrase)
                        words = " ".join(phrase)
                        claims[words] = (*claims.get(words, ()), (label, _STATES[state]))
            for phrase in self.phrases(organ["words"]):
                yield phrase, Organ(claims)
        for phrase in sorted(qualities):
            yield phrase, Quality(" ".join(phrase))

    def cues(self) -> Iterator[tuple[Phrase, Rule]]:
        rules = self._read("cues.yaml")
        for meaning, sides in rules["cues"].items():
            for side, patterns in sorted(sides.items()):
                for phrase in self.phrases(patterns):
                    yield phrase, Cue(_STATES.get(meaning), side)
        for kind, patterns in rules["marks"].items():
            for phrase in self.phrases(patterns):
                yield phrase, Mark(kind)
        for sign, rule in _SIGNS.items():
            yield (sign,), rule

    def phrases(self, patterns: Sequence[str]) -> set[Phrase]:
        """Return all the phrases that patterns stand for."""
        found: set[Phrase] = set()
        for pattern in patterns:
            forms = product(*map(self._forms, pattern.split()))
            found.update(tuple(filter(None, phrase)) for phrase in forms)
        return found - {()}

    def _forms(self, choice: str) -> set[str]:
        """Return the base forms of the words of a choice, "" where it may be left out."""
        words = choice.removesuffix("?").split("|")
        left_out = {""} if choice.endswith("?") else set()
        return {base_form(word, self.language) for word in words} | left_out

    def _read(self, name: str) -> Any:
        return word_file("labels", self.language, name)
