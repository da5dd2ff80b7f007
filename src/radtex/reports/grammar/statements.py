"""What some words of a sentence state, and what words behind them make of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from radtex.findings import SUPPORT_DEVICES
from radtex.reports.label_rules import Claims, Mark, MarkKind, State
from radtex.reports.sections import Span

_DEVICE: Claims = ((SUPPORT_DEVICES, 1),)
_FRACTURE: Claims = (("Fracture", 1),)
_NEAR = 6
"""Words between a device and its fracture, at most."""


@dataclass(slots=True)
class Statement:
    """What some words claim, and the cues that reach them."""

    claims: Claims
    """What the words claim by themselves."""
    span: Span
    """Where the words stand."""
    state: State | None
    """What the cues make of it; None where they mean that nothing is said."""
    cues: tuple[Span, ...]
    """Where the cues stand."""


Part = Statement | MarkKind
"""A statement, or a mark that stands between two."""


@dataclass(slots=True)
class Scope:
    """A cue that reaches what follows."""

    state: State | None
    """What it makes of what follows; None where nothing is said of it."""
    span: Span
    """Where it stands."""
    named: bool = False
    """Whether an observation has come since."""
    filled: bool = False
    """Whether any word has come since that is more than an adjective of a list."""
    changing: bool = False
    """Whether a noun of change has come since, which is what the cue denies."""
    released: bool = False
    """Whether what follows is what that noun is said of, and so is there."""
    earlier: bool = False
    """Whether an earlier film has been spoken of since."""
    nominal: bool = False
    """Whether it denies nouns only, as "no"."""
    clearing: bool = False
    """Whether it is a noun like "resolution"."""
    excluding: bool = False
    """Whether it is a word like "exclude"."""


def reach_back(parts: list[Part], state: State | None, span: Span) -> None:
    """Apply a cue to the list it ends: back to a comma that no "and" or "or" follows.

    Args:
        parts: what stands before the cue; emptied.
        state: what the cue makes of what is there.
        span: where the cue stands.
    """
    reached = held = False
    for part in reversed(parts):
        if isinstance(part, Statement):
            reached = True
            if part.state == 1:
                part.state = state
                part.cues = (*part.cues, span)
        elif part in ("joining", "choosing"):
            held = True
        elif reached and not (part == "comma" and held):
            break
    parts.clear()


def void_broken_devices(
    last: Statement, statement: Statement, between: Sequence[Mark], broken: bool, gap: int
) -> None:
    """Let a fracture of a device be none of a bone: "fractured sternotomy wires".

    Args:
        last: a statement.
        statement: the next one.
        between: the marks between them.
        broken: whether the next one has a word such as "fractured".
        gap: how many words stand between them.
    """
    claims = (last.claims, statement.claims)
    if claims not in ((_FRACTURE, _DEVICE), (_DEVICE, _FRACTURE)):
        return
    kinds = {mark.kind for mark in between}
    if claims == (_FRACTURE, _DEVICE):
        of_it = bool(between) and between[0].kind in ("relating", "breaking")
        nouns = {"relating", "breaking", "determining", "asserting", "qualifying"}
        if of_it and kinds <= nouns and gap <= _NEAR:
            last.state = None
    else:
        verbs = {"linking", "partial", "changed", "asserting"}
        if gap == 0 or (broken and {"linking"} <= kinds <= verbs and gap <= _NEAR):
            statement.state = None
