"""Other spellings of flags, which no page of help shows."""

from collections.abc import Mapping, Sequence

SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "transfer": {"--encoder": "--encoders"},
    "plan": {"--encoders": "--encoder"},
    "next": {"--encoders": "--encoder"},
}
"""Of each command: what a flag may be called too, and what it is called."""


def as_shown(words: Sequence[str]) -> list[str]:
    """Return the words of a command with every flag spelt as the help spells it.

    Args:
        words: the command, and what follows it.
    """
    shown = list(words)
    others = SPELLINGS.get(words[0], {}) if words else {}
    for place, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if word == "--":
            break
        if flag in others:
            shown[place] = others[flag] + equals + value
    return shown
