"""The grammar of an entry of the command line: `[NAME=]WHAT[@[SIZE][@LAYER,…]]`.

WHAT is one encoder, RUN+RUN+… (supervised runs of which each target takes one that never saw its
labels) or RUN,RUN,… (one recipe with several pretraining seeds). A path that exists is taken as it
stands, whatever characters it has.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from radtex.errors import ProtocolError
from radtex.models.encoders.encoder_layer import POOLED, Layer
from radtex.models.encoders.timm_and_files import is_foreign

SEED, MEMBER, AT = ",", "+", "@"
LAST = "last"
"""The layer that an encoder gives when none is named."""
_NAMED: dict[str, Layer | None] = {LAST: None, POOLED: POOLED}
_SUFFIX = re.compile(r"^(?P<what>.+?)@(?P<size>\d*)(?:@(?P<layers>[^@/]*))?$", re.DOTALL)


@dataclass(frozen=True)
class Entry:
    """One entry, taken apart."""

    name: str
    """Its name in the comparison."""
    seeds: tuple[tuple[str, ...], ...]
    """One recipe's runs, each of one or more members: of most entries one run with one member."""
    size: int | None = None
    """Side of its input in pixels; None for its own."""
    layers: tuple[Layer | None, ...] = ()
    """The layers offered, as `EncoderLayer` counts them; None is the last one. Empty: the last
    alone."""

    @property
    def whats(self) -> tuple[str, ...]:
        """Every encoder that it names."""
        return tuple(what for members in self.seeds for what in members)


def read_entry(text: str) -> Entry:
    """Take an entry apart.

    Raises:
        ProtocolError: if its size or layers cannot be, or several runs have no name.
    """
    name, what = _named(text)
    whole, size, layers = _sized(what)
    seeds = tuple(_parts(each, MEMBER) for each in _parts(whole, SEED))
    if len(seeds) > 1 and name is None:
        raise ProtocolError(
            f"{text} is several runs as one encoder; give it a name, as NAME=RUN,RUN,…"
        )
    suffix = what.removeprefix(whole)
    return Entry(name if name is not None else _default_name(whole) + suffix, seeds, size, layers)


def _named(text: str) -> tuple[str | None, str]:
    if Path(text).exists() or Path(_sized(text)[0]).exists():
        return None, text
    name, equals, what = text.partition("=")
    return (name, what) if equals else (None, text)


def _sized(what: str) -> tuple[str, int | None, tuple[Layer | None, ...]]:
    found = _SUFFIX.match(what)
    if found is None or Path(what).exists():
        return what, None, ()
    whole, size, layers = found["what"], found["size"], found["layers"]
    path, _, behind = what.rpartition(AT)
    if Path(path).exists() and behind.isdecimal():  # a folder may have an @ in its name
        whole, size, layers = path, behind, None
    if not size and not layers:
        raise ProtocolError(
            f"{what} names no size behind its {AT}; write WHAT@SIZE, WHAT@SIZE@LAYER or "
            "WHAT@@LAYER, such as imagenet@128@3"
        )
    if size and int(size) < 1:
        raise ProtocolError(f"{what} asks for images of {size} px; name a size of 1 or more")
    return whole, int(size) if size else None, _layers(what, layers)


def _layers(what: str, text: str | None) -> tuple[Layer | None, ...]:
    if text is None:
        return ()
    words = text.split(SEED)
    if not all(word in _NAMED or word.isdecimal() for word in words):
        raise ProtocolError(
            f"{what} names the layers {text!r}; expected numbers as timm counts them, from 0, "
            f"{LAST} or {POOLED}, with commas between them"
        )
    layers = tuple(_NAMED[word] if word in _NAMED else int(word) for word in words)
    if len(set(layers)) < len(layers):
        raise ProtocolError(f"{what} names a layer twice; name each once")
    return layers


def _parts(text: str, separator: str) -> tuple[str, ...]:
    if separator not in text or Path(text).exists() or is_foreign(text):
        return (text,)
    words = text.split(separator)
    if not all(words):
        raise ProtocolError(f"{text!r} has an empty part; write a run on each side of {separator}")
    parts: list[str] = []
    while words:
        ends = range(len(words), 1, -1)  # a folder may have the separator in its name
        end = next((end for end in ends if Path(separator.join(words[:end])).exists()), 1)
        parts.append(separator.join(words[:end]))
        words = words[end:]
    return tuple(parts)


def _default_name(what: str) -> str:
    if is_foreign(what):
        return Path(what.rpartition(":")[2]).name
    return Path(what).resolve().name
