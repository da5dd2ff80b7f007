"""A finding defined by a file of phrases: `NAME=PHRASES.yaml`.

The file is small, plain YAML, of strings and lists alone. Nothing in it is run, anchors and nesting
are refused before it is loaded, and so is a pattern that stands for too many phrases.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, get_args

import yaml

from radtex.errors import CorpusError
from radtex.findings import is_known_label
from radtex.inputs import open_input, require_input
from radtex.printable import described
from radtex.reports.phrases import Question, find_question
from radtex.reports.word_forms import LONGEST, Language

_MOST_BYTES = 1 << 16
_DEEPEST = 3
_MOST_PHRASES = 2000
_LONGEST_NAME = 60
_MOST_WORDS = 12
_WORD = re.compile(r"(?:[^\W\d_]+|#)(?:\|(?:[^\W\d_]+|#))*\??")
_KEYS = ("affirm", "deny", "ask", "language")
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class OwnFinding:
    """A finding that none of the 14 observations is, by the words that reports have for it."""

    name: str
    """Its name, as a label column of a corpus has it."""
    affirm: tuple[str, ...]
    """Patterns of words that name it, present unless words near them say otherwise. They are
    written as in `labels/english/terms.yaml`: `a|b` is a choice, `a?` may be left out."""
    deny: tuple[str, ...] = ()
    """Patterns of words that say that it is absent, without a "no"."""
    question: Question | None = None
    """The sentences that `radtex ask` weighs; None for the general ones with its name."""
    language: Language = "english"
    """Of its words; reports in another do not tell it."""

    @property
    def asked(self) -> Question:
        """The sentences that affirm and deny it."""
        return self.question or find_question(self.name)


def read_own_findings(texts: Sequence[str]) -> tuple[OwnFinding, ...]:
    """Read findings, each `NAME=PHRASES.yaml`.

    Raises:
        CorpusError: if one cannot be, or two have one name.
    """
    found = tuple(_read(text) for text in texts)
    names = [each.name.casefold() for each in found]
    twice = sorted({each.name for each in found if names.count(each.name.casefold()) > 1})
    if twice:
        raise CorpusError(f"findings defined twice: {', '.join(twice)}; define each once")
    return found


def _read(text: str) -> OwnFinding:
    name, equals, path = text.partition("=")
    if not (equals and name.strip() and path):
        raise CorpusError(f"--finding {text!r} is no NAME=PHRASES.yaml")
    if len(name) > _LONGEST_NAME or not name.isprintable() or name != name.strip():
        raise CorpusError(
            f"--finding {name[:_LONGEST_NAME]!r}: a name has at most {_LONGEST_NAME} plain letters"
        )
    if is_known_label(name):
        raise CorpusError(
            f"--finding {name}: this is a finding that radtex knows; choose another name"
        )
    return own_finding(name, _load(Path(path)), path)


def own_finding(name: str, values: Any, where: str) -> OwnFinding:
    """Make a finding of what its file holds.

    Args:
        name: of the finding.
        values: the content.
        where: the file, for messages.

    Raises:
        CorpusError: if the content is not as it must be; the message says where.
    """
    if not isinstance(values, dict) or not set(values) <= set(_KEYS) or "affirm" not in values:
        raise CorpusError(
            f"{where}: expected lists of words under `affirm` and `deny`, and perhaps `ask` and "
            f"`language`; found {described(values)}"
        )
    language = values.get("language", "english")
    if language not in get_args(Language):
        raise CorpusError(
            f"{where}: language {described(language)}; expected {', '.join(get_args(Language))}"
        )
    words = {side: tuple(_patterns(values, side, where)) for side in ("affirm", "deny")}
    question = None
    if "ask" in values:
        sides = values["ask"]
        if not isinstance(sides, dict) or set(sides) != {"affirm", "deny"}:
            raise CorpusError(f"{where}: `ask` needs sentences under `affirm` and `deny`")
        question = Question(
            *(_strings(sides, side, f"{where}: ask", least=1) for side in ("affirm", "deny"))
        )
    return OwnFinding(name, words["affirm"], words["deny"], question, language)


def _load(path: Path) -> Any:
    require_input(path, CorpusError, "a YAML file of phrases")
    try:
        with open_input(path, _MOST_BYTES, CorpusError) as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > _MOST_BYTES:
        raise CorpusError(f"{path} is larger than {_MOST_BYTES:,} bytes, too much for phrases")
    try:
        text = content.decode("utf-8")
        depth = 0
        for event in yaml.parse(text, _Loader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise CorpusError(f"{path} has anchors (& or *); write each phrase out")
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEEPEST:
                raise CorpusError(f"{path} is nested too deep; expected lists of phrases")
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        place = getattr(error, "problem_mark", None)
        line = f" (line {place.line + 1})" if place else ""
        raise CorpusError(f"{path} is no YAML of phrases{line}; write lists of words") from error


def _patterns(values: Mapping[str, Any], side: str, where: str) -> Iterator[str]:
    patterns = [
        " ".join(pattern.lower().replace("-", " ").split())
        for pattern in _strings(values, side, where, least=1 if side == "affirm" else 0)
    ]
    for number, pattern in enumerate(patterns, 1):
        words = pattern.split()
        wrong = [word for word in words if not _WORD.fullmatch(word) or len(word) > 10 * LONGEST]
        if not 0 < len(words) <= _MOST_WORDS or wrong:
            raise CorpusError(
                f"{where}: {side}: no. {number}, {described(pattern)}, is no pattern: up to "
                f"{_MOST_WORDS} words of letters, `a|b` for a choice, `a?` for a word that may be "
                "left out"
            )
        if all(word.endswith("?") for word in words):
            raise CorpusError(f"{where}: {side}: no. {number} may be left out as a whole")
    phrases = sum(
        prod(word.count("|") + 1 + word.endswith("?") for word in pattern.split())
        for pattern in patterns
    )
    if phrases > _MOST_PHRASES:
        raise CorpusError(
            f"{where}: {side} stands for {phrases:,} phrases, and {_MOST_PHRASES:,} are the most"
        )
    yield from patterns


def _strings(values: Mapping[str, Any], key: str, where: str, least: int) -> tuple[str, ...]:
    found = values.get(key, [])
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise CorpusError(f"{where}: {key} must be a list of texts; found {described(found)}")
    if len(found) < least or not all(each.strip() for each in found):
        raise CorpusError(f"{where}: {key} is empty; name at least one text, and no blank one")
    return tuple(found)
