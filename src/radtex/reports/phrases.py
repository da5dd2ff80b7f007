"""How findings are affirmed and denied: the phrases of `phrases.yaml`."""

from dataclasses import dataclass
from importlib.resources import files

import yaml

_FINDING = "{finding}"


@dataclass(frozen=True)
class Question:
    """The sentences that affirm and that deny a finding."""

    affirm: tuple[str, ...]
    deny: tuple[str, ...]


def find_question(finding: str) -> Question:
    """The phrases of a finding: those of `phrases.yaml`, or else its general ones."""
    text = (files("radtex.reports") / "phrases.yaml").read_text(encoding="utf-8")
    known = {name.casefold(): sides for name, sides in yaml.safe_load(text).items()}
    words = " ".join(finding.replace("_", " ").split()).casefold()
    sides = known.get(words, known[_FINDING])
    return Question(
        *(
            tuple(phrase.replace(_FINDING, words) for phrase in sides[side])
            for side in ("affirm", "deny")
        )
    )
