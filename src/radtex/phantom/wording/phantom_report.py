"""From signs to a report: each of its statements is true of the film."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from radtex.phantom.anatomy import Sex
from radtex.phantom.signs import OPACITIES, Sign
from radtex.phantom.wording import wordings

OMITTED = {"mild": 0.1, "moderate": 0.04, "severe": 0.02, "": 0.04}
"""Share of signs that a report leaves out, by severity ("" for devices)."""

HEDGED = {"mild": 0.15, "moderate": 0.06, "severe": 0.02, "": 0.0}
"""Share of the mentioned signs that are put as a possibility, by severity."""

COMPARED = 0.35
"""Share of plain mentions in a follow-up study that say how the sign has changed."""

LEAST_WORDS, MOST_WORDS = 18, 80
"""Words that normal statements fill FINDINGS up to, and beyond which none is added."""

_SEVERITIES = ("mild", "moderate", "severe")
_GROUPS = (
    ("Support Devices",),
    (*OPACITIES, "Lung Opacity", "Nodule", "Emphysema"),
    ("Pleural Effusion", "Pneumothorax"),
    ("Cardiomegaly", "Hernia"),
    ("Fracture", "Scoliosis"),
)


@dataclass(frozen=True)
class Statement:
    """One sentence of a report."""

    text: str
    """The sentence."""
    affirms: tuple[str, ...]
    """Findings that it says are present."""
    denies: tuple[str, ...]
    """Findings that it says are absent."""
    hedged: bool = False
    """Whether it calls its findings a possibility only."""


@dataclass(frozen=True)
class Report:
    """A report and what it states."""

    indication: str
    """Body of the section INDICATION."""
    findings: str
    """Body of the section FINDINGS."""
    impression: str
    """Body of the section IMPRESSION."""
    text: str
    """The whole report, with headers."""
    statements: tuple[Statement, ...]
    """The sentences of findings and impression."""


def present_findings(signs: Sequence[Sign]) -> set[str]:
    """Return the findings that `signs` make present, with the parent Lung Opacity."""
    names = {sign.name for sign in signs}
    return names | {"Lung Opacity"} if names.intersection(OPACITIES) else names


def write_report(
    rng: np.random.Generator,
    signs: Sequence[Sign],
    previous: Sequence[Sign] | None,
    sex: Sex | Literal[""],
    age: int | None,
    unknown: Collection[str] = (),
) -> Report:
    """Write the report of a film.

    Args:
        rng: source of the draws.
        signs: what is drawn on the film.
        previous: what is drawn on the patient's last film; None if this is the first.
        sex: sex of the patient; "" if it is not known.
        age: age in years; None if it is not known.
        unknown: findings that may be there without having been drawn. The report never denies them.
    """
    present = present_findings(signs)
    undeniable = present.union(unknown)
    mentions = [mention for alike in _alike(signs) if (mention := _mention(rng, alike, previous))]
    findings = _findings(rng, [said for said, _ in mentions], undeniable)
    impression = _impression(rng, mentions, undeniable)
    indication = _indication(rng, sex, age)
    comparison = _pick(
        rng, wordings.FIRST_COMPARISONS if previous is None else wordings.LATER_COMPARISONS
    )
    bodies = (" ".join(s.text for s in findings), _listed(rng, impression))
    text = (
        f"INDICATION: {indication}\n\nCOMPARISON: {comparison}\n\n"
        f"FINDINGS: {bodies[0]}\n\nIMPRESSION: {bodies[1]}\n"
    )
    return Report(indication, *bodies, text, (*findings, *impression))


def _alike(signs: Sequence[Sign]) -> list[tuple[Sign, ...]]:
    """Group the signs that one phrase can describe: the same on both sides, or one by itself."""
    groups: dict[tuple[str, ...], list[Sign]] = {}
    for sign in signs:
        groups.setdefault((sign.name, sign.form, sign.zone, sign.severity), []).append(sign)
    return [tuple(group) for group in groups.values()]


def _mention(
    rng: np.random.Generator, alike: tuple[Sign, ...], previous: Sequence[Sign] | None
) -> tuple[Statement, Statement] | None:
    """Write a sentence for FINDINGS, a short one for IMPRESSION; None if the sign is left out."""
    first = alike[0]
    if rng.random() < OMITTED[first.severity]:
        return None
    hedged = bool(rng.random() < HEDGED[first.severity])
    affirms = (first.name, "Lung Opacity") if first.name in OPACITIES else (first.name,)
    wording = wordings.WORDINGS[first.name, first.form]
    two = len(alike) == 2
    nouns, clauses = (wording.both, wording.clauses_both) if two else (wording.one, wording.clauses)
    noun = _fill(rng, _pick(rng, nouns), alike)
    short = _framed(rng, noun, ("possible {noun}",) if hedged else ("{noun}",))
    if hedged:
        long = _framed(rng, noun, wordings.PLURAL_HEDGES if two else wordings.SINGULAR_HEDGES)
    elif clauses and rng.random() < 0.4:
        long = _fill(rng, _pick(rng, clauses), alike)
    else:
        long = _framed(rng, noun, wordings.PLURAL_FRAMES if two else wordings.SINGULAR_FRAMES)
    if previous is not None and not hedged and rng.random() < COMPARED:
        long += _progress(rng, alike, previous)
    return (
        Statement(_sentence(long), affirms, (), hedged),
        Statement(_sentence(short), affirms, (), hedged),
    )


def _progress(rng: np.random.Generator, alike: tuple[Sign, ...], previous: Sequence[Sign]) -> str:
    """Say how the sign differs from the last film's; "" where the two cannot be compared.

    A focal sign in the same zone may be another one, so only signs without a zone are compared.
    """
    first = alike[0]
    if first.name not in present_findings(previous):
        return _pick(rng, wordings.PROGRESS["new"])
    before = [old for old in previous if (old.name, old.form) == (first.name, first.form)]
    degrees = {old.severity for old in before}
    same_sides = {old.side for old in before} == {sign.side for sign in alike}
    if first.zone or not first.severity or not same_sides or len(degrees) != 1:
        return ""
    change = _SEVERITIES.index(first.severity) - _SEVERITIES.index(degrees.pop())
    return _pick(
        rng, wordings.PROGRESS["same" if change == 0 else "more" if change > 0 else "less"]
    )


def _fill(rng: np.random.Generator, template: str, alike: tuple[Sign, ...]) -> str:
    sign = alike[0]
    wording = wordings.WORDINGS[sign.name, sign.form]
    size = _pick(rng, getattr(wording, sign.severity)) if sign.severity else ""
    region = ""
    if sign.zone:
        regions = wordings.BOTH_REGIONS if len(alike) == 2 else wordings.REGIONS
        region = _pick(rng, regions[sign.zone]).format(side=sign.side)
    filled = template.format(size=size, side=sign.side, zone=sign.zone, region=region)
    return " ".join(filled.split())


def _framed(rng: np.random.Generator, noun: str, frames: wordings.Words) -> str:
    head = re.split(r" (?:in|of|at|with|to|projecting) ", noun)[0]
    counted = not head.endswith(wordings.UNCOUNTED)
    framed = _pick(rng, frames).format(noun=noun, a="a" if counted else "")
    return " ".join(framed.split())


def _findings(
    rng: np.random.Generator, said: list[Statement], undeniable: set[str]
) -> list[Statement]:
    """Choose mentions and denials, grouped by organ; each report has its own order of organs."""
    chosen = [said[i] for i in rng.permutation(len(said))]
    while _words(chosen) > MOST_WORDS:
        chosen.pop()
    denied: set[str] = set()
    wanted = len(chosen) + int(rng.integers(1, 4))
    weights = np.array([weight for weight, _, _ in wordings.DENIALS])
    for i in rng.choice(len(weights), len(weights), replace=False, p=weights / weights.sum()):
        words = _words(chosen)
        if (len(chosen) >= wanted and words >= LEAST_WORDS) or words > MOST_WORDS - 8:
            break
        _, text, denies = wordings.DENIALS[i]
        if undeniable.isdisjoint(denies) and denied.isdisjoint(denies):
            chosen.append(Statement(_sentence(text), (), denies))
            denied.update(denies)
    order = rng.permutation(len(_GROUPS)) if rng.random() < 0.4 else np.arange(len(_GROUPS))
    rank = {name: int(order[i]) for i, group in enumerate(_GROUPS) for name in group}
    return sorted(chosen, key=lambda s: rank[(s.affirms or s.denies)[0]])


def _impression(
    rng: np.random.Generator, mentions: list[tuple[Statement, Statement]], undeniable: set[str]
) -> list[Statement]:
    """Choose up to three positive findings, or the most general denial that is true."""
    acute = [short for _, short in mentions if short.affirms[0] != "Support Devices"]
    chosen = [acute[i] for i in sorted(rng.permutation(len(acute))[:3])]
    true = [(text, denies) for text, denies in wordings.ALL_CLEAR if undeniable.isdisjoint(denies)]
    if not chosen:
        alike = [entry for entry in true if entry[1] == true[0][1]]
        text, denies = alike[int(rng.integers(len(alike)))]
        return [Statement(_sentence(text), (), denies)]
    if len(true) > 1 and rng.random() < 0.3:
        text, denies = true[int(rng.integers(len(true) - 1))]
        chosen.append(Statement(_sentence(text), (), denies))
    return chosen


def _indication(rng: np.random.Generator, sex: Sex | Literal[""], age: int | None) -> str:
    template = _pick(rng, wordings.INDICATIONS)
    person = {"F": ("woman", "female"), "M": ("man", "male"), "": ("patient",)}[sex]
    filled = template.format(
        person=_pick(rng, person), complaint=_pick(rng, wordings.COMPLAINTS), age=age or "___"
    )
    return filled[0].upper() + filled[1:]


def _listed(rng: np.random.Generator, statements: list[Statement]) -> str:
    if len(statements) > 1 and rng.random() < 0.5:
        return " ".join(f"{i}. {s.text}" for i, s in enumerate(statements, 1))
    return " ".join(s.text for s in statements)


def _words(statements: list[Statement]) -> int:
    return sum(len(statement.text.split()) for statement in statements)


def _pick(rng: np.random.Generator, words: wordings.Words) -> str:
    return words[int(rng.integers(len(words)))]


def _sentence(clause: str) -> str:
    """Capitalise a clause, close it with a full stop, and write "an" before vowels."""
    clause = re.sub(r"\ba(?= [aeiou])", "an", clause)
    return f"{clause[0].upper()}{clause[1:]}."
