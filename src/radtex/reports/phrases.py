"""How findings are affirmed and denied: the phrases of `phrases.yaml`."""

from dataclasses import dataclass

from radtex.reports.word_files import word_file

_FINDING = "{finding}"


@dataclass(frozen=True)
class Question:
    """The two sides of a question about a finding."""

    affirm: tuple[str, ...]
    """Sentences that say it is present."""
    deny: tuple[str, ...]
    """Sentences that say it is absent."""


def find_question(finding: str) -> Question:
    """Return the phrases of a finding: its own in `phrases.yaml`, or else the general ones.

    Args:
        finding: its name, in any case; an underscore counts as a space.
    """
    known = {name.casefold(): sides for name, sides in word_file("phrases.yaml").items()}
    words = " ".join(finding.replace("_", " ").split()).casefold()
    sides = known.get(words, known[_FINDING])
    return Question(
        *(
            tuple(phrase.replace(_FINDING, words) for phrase in sides[side])
            for side in ("affirm", "deny")
        )
    )
