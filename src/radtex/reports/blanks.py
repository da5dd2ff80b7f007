"""Marks that de-identification left in place of words: `___`, `XXXX`, `[**2101-1-1**]`."""

import re

_MARK = re.compile(r"_{2,}|X{3,}|\[\*\*[^\]]{0,80}\*\*\]")
_MARKED_WORD = re.compile(rf"[^\s.,;:()]{{0,40}}(?:{_MARK.pattern})[\w/'-]*")
_HOLE = "\0"
_VERB = r"(?:is|are|was|were|has|have|appears?)\b"
_LEADING = "the|a|an|of|on|at|in|to|by|from|with|and|or|as|compared|comparison|dated|since"
_DANGLING = (
    # "There is no XXXX of effusion" denies the effusion.
    (re.compile(rf"\b(no|without) {_HOLE} of (?:an? )?", re.IGNORECASE), r"\1 "),
    # What leads to a hole that closes its phrase: "the study of ___,", "vessels and XXXX are".
    (re.compile(rf"(?:\b(?:{_LEADING}) ){{1,4}}{_HOLE}(?: {_HOLE})*"
                rf"(?= ?[.,;:)]|$| {_VERB})", re.IGNORECASE), ""),
    (re.compile(rf"\b(?:Dr|Drs|Mr|Mrs|Ms)\.? (?={_HOLE})"), ""),
    # A conjunction whose first member is gone: "XXXX and soft tissues are normal."
    (re.compile(rf"(^|[.;:] ){_HOLE}(?: {_HOLE})*,? (?:and|or) "), r"\1"),
    (re.compile(_HOLE), ""),
    (re.compile(r"\( *\)"), ""),
    (re.compile(r" {2,}"), " "),
    # A sentence of which nothing but its end is left.
    (re.compile(r"(^|[.;:] )(?:[.,;:]+(?: |$))+"), r"\1"),
    (re.compile(r" (?=[.,;:)])"), ""),
    (re.compile(r"(?<=[,;:])[,;]+|[,;]+(?=\.)"), ""),
)  # fmt: skip
_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")


def remove_blanks(text: str) -> str:
    """Remove each mark with the word that it is part of, and what it leaves dangling.

    "Compared to the study of ___, normal chest x-XXXX." becomes "Compared to the study, normal
    chest." What no rule can mend stays, without the word. Text without marks comes back as it is.

    Args:
        text: one line, with single spaces.
    """
    if not _MARK.search(text):
        return text
    text = _MARKED_WORD.sub(_HOLE, text.replace(_HOLE, " "))
    for pattern, replacement in _DANGLING:
        text = pattern.sub(replacement, text)
    return _SENTENCE_START.sub(lambda letter: letter.group().upper(), text.strip())
