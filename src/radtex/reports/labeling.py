"""Which of CheXpert's 14 observations a report says are present, absent or uncertain.

The scheme is that of the CheXpert labeler (Irvin et al., 2019, section 3): find the words that name
an observation, decide how the sentence means them, and aggregate over the report. The rules are
this package's own, in `labels/LANGUAGE/*.yaml`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from radtex.findings import CHEXPERT_LABELS, NO_FINDING, SUPPORT_DEVICES
from radtex.reports.grammar.scopes import read_sentence
from radtex.reports.label_rules import ABNORMALITY, State, other_findings, rule_tree
from radtex.reports.label_sentences import Sentence, Word, in_base_forms, split_sentences
from radtex.reports.language_detection import LANGUAGES, find_language
from radtex.reports.own_findings.own_finding import OwnFinding
from radtex.reports.own_findings.own_states import own_states
from radtex.reports.sections import Report, Section, Span, parse_report
from radtex.reports.word_forms import Language

if TYPE_CHECKING:
    import pandas as pd

_BY_STRENGTH: tuple[State, ...] = (1, -1, 0)

_CHUNK = 1000
"""Reports that a process labels at a time."""

_REMEMBERED = 40
"""Words of a sentence whose meaning is kept, at most: reports repeat their sentences."""


@dataclass(frozen=True)
class Mention:
    """Words of a report that speak of an observation.

    Their places are those in the report without markup, `parse_report(text).text[start:end]`,
    which is as long as a text without markup.
    """

    label: str
    """The observation, one of `radtex.findings.CHEXPERT_LABELS`."""
    state: State
    """1 present, 0 absent, -1 uncertain."""
    start: int
    """First character of the words."""
    end: int
    """Behind their last character."""
    cues: tuple[Span, ...]
    """Where other words stand that made the observation absent or uncertain."""


def find_mentions(text: str, language: Language | None = None) -> list[Mention]:
    """Return all mentions of observations, in time linear in the text.

    They are in the order of the text, those of addenda last.

    Args:
        text: a report, or any part of one. Sections that do not describe the film (indication,
            comparison, technique, recommendation and the like) are passed over, and a wet read
            beside a final report.
        language: of the text; found by its words if None.
    """
    statements, known = read_report(text, language)
    if known is None:
        return []
    found = []
    for sentence in chain.from_iterable(statements):
        mentions = [
            at for at in sentence_mentions(sentence.forms, known) if at.label != ABNORMALITY
        ]
        words = sentence.words if mentions else []
        found += [_in_text(mention, words) for mention in mentions]
    return found


def label_report(
    text: str, language: Language | None = None, findings: Sequence[OwnFinding] = ()
) -> dict[str, int | None]:
    """Label each of CheXpert's 14 observations from the words of a report.

    One mention as present makes an observation present, else one as uncertain makes it uncertain.
    What an addendum says of an observation replaces what the report said, unless it only leaves
    open what the report calls present.
    "No Finding" is 0 where anything but Support Devices is present or uncertain. It is 1 where
    nothing is and the text says so: it denies an observation, or calls an organ or the film normal.
    A text of which nothing is understood, or in a language without rules, has no labels. Lung
    Opacity is labelled by its own words only: an edema or an atelectasis alone does not make it
    present.

    Args:
        text: as in `find_mentions`.
        language: of the text; found by its words if None.
        findings: more, defined by words (see `read_own_findings`). They change no other label.

    Raises:
        ReportError: if the text is longer than any report (see `radtex.reports.length`).

    Returns:
        A label for each of `radtex.findings.CHEXPERT_LABELS` and then of `findings`: 1 present, 0
        absent, -1 uncertain, None not mentioned.

    Example:
        >>> import radtex
        >>> labels = radtex.label_report("Mild edema. Possible pneumonia. No pneumothorax.")
        >>> {label: state for label, state in labels.items() if state is not None}
        {'No Finding': 0, 'Edema': 1, 'Pneumonia': -1, 'Pneumothorax': 0}
    """
    own = [finding.name for finding in findings]
    labels: dict[str, int | None] = dict.fromkeys((*CHEXPERT_LABELS, *own))
    statements, known = read_report(text, language)
    if known is None:
        return labels
    denies = False
    for sentences in statements:
        said: dict[str, set[State]] = {}
        for sentence in sentences:
            for mention in sentence_mentions(sentence.forms, known):
                said.setdefault(mention.label, set()).add(mention.state)
        denies |= any(0 in seen for label, seen in said.items() if label != SUPPORT_DEVICES)
        labels |= {
            label: _amended(labels[label], seen)
            for label, seen in said.items()
            if label != ABNORMALITY
        }
    if any(labels[label] for label in CHEXPERT_LABELS if label != SUPPORT_DEVICES):
        labels[NO_FINDING] = 0
    elif denies:
        labels[NO_FINDING] = 1
    for finding in findings:
        if finding.language == known:
            labels[finding.name] = _own_label(statements, finding)
    return labels


def _own_label(statements: Iterable[Iterable[Sentence]], finding: OwnFinding) -> int | None:
    label = None
    for sentences in statements:
        said = {
            _meant(claim, state)
            for sentence in sentences
            for claim, state in own_states(sentence.forms, finding)
        }
        label = _amended(label, said) if said else label
    return label


def says_something(text: str, language: Language | None = None) -> bool:
    """Tell whether a text names an observation or another finding, or calls something normal.

    Args:
        text: as in `find_mentions`.
        language: of the text; found by its words if None.
    """
    statements, known = read_report(text, language)
    if known is None:
        return False
    others = other_findings(known)
    return any(
        sentence_mentions(sentence.forms, known)
        or any(word.form in others for word in in_base_forms(sentence.forms, known))
        for sentence in chain.from_iterable(statements)
    )


def likely_language(text: str) -> str | None:
    """Return the language of a report, by the words of the sections that describe the film.

    Returns:
        One of `LANGUAGES`, which `label_report` reads, or another that is known by name, in lower
        case; None if none is found.
    """
    statements, known = read_report(text, None)
    return known or _language_of(statements)


def label_reports(
    texts: Sequence[str],
    workers: int | None = 1,
    language: Language | None = None,
    findings: Sequence[OwnFinding] = (),
) -> "pd.DataFrame":
    """Return `label_report` of each text.

    Args:
        texts: the reports.
        workers: processes; all cores if None.
        language: of the texts; found for each if None.
        findings: more, as in `label_report`.

    Returns:
        A row for each text, and a column of nullable Int8 for each of
        `radtex.findings.CHEXPERT_LABELS` and then of `findings`.
    """
    import joblib  # here, since reports are read sooner without them
    import pandas as pd

    chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    jobs = 1 if len(chunks) < 2 else workers or -1
    rows = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(_rows)(chunk, language, findings) for chunk in chunks
    )
    return pd.DataFrame(
        [row for part in rows for row in part],
        columns=[*CHEXPERT_LABELS, *(finding.name for finding in findings)],
        dtype="Int8",
    )


def read_report(
    text: str, language: Language | None
) -> tuple[list[list[Sentence]], Language | None]:
    """Return the sentences of a report and of each addendum, and the language that they are in.

    Args:
        text: as in `find_mentions`.
        language: of the text; found by its words if None.

    Returns:
        For the report and each addendum its sentences, and their language, None where there are no
        rules for it.
    """
    report = parse_report(text)
    statements = [[*_sentences(report, sections)] for sections in report.statements]
    if language is None:
        found = _language_of(statements)
        language = next((known for known in LANGUAGES if known == found), None)
    return statements, language


def _rows(
    texts: Sequence[str], language: Language | None, findings: Sequence[OwnFinding]
) -> list[list[int | None]]:
    return [[*label_report(text, language, findings).values()] for text in texts]


def sentence_mentions(forms: tuple[str, ...], language: Language) -> tuple[Mention, ...]:
    """Return the mentions of a sentence, also of `ABNORMALITY`, with places counted in words.

    Args:
        forms: of the words, as `read_report` gives them.
        language: of the sentence.
    """
    return (_remembered if len(forms) <= _REMEMBERED else _find_mentions)(forms, language)


def _find_mentions(forms: tuple[str, ...], language: Language) -> tuple[Mention, ...]:
    mentions = []
    for statement in read_sentence(in_base_forms(forms, language), rule_tree(language)):
        if statement.state is None:
            continue
        for label, claim in statement.claims:
            if label == ABNORMALITY and claim == 0 and statement.state != 1:
                continue  # "not normal"
            state = _meant(claim, statement.state)
            cues = () if state == claim else statement.cues
            mentions.append(Mention(label, state, *statement.span, cues))
    return tuple(mentions)


_remembered = lru_cache(maxsize=1 << 13)(_find_mentions)


def _in_text(mention: Mention, words: Sequence[Word]) -> Mention:
    """Return a mention with its places in the text, from those in the words of its sentence."""
    start, end = words[mention.start].start, words[mention.end - 1].end
    cues = tuple(Span(words[cue.start].start, words[cue.end - 1].end) for cue in mention.cues)
    return replace(mention, start=start, end=end, cues=cues)


def _language_of(statements: Iterable[Iterable[Sentence]]) -> str | None:
    sentences = chain.from_iterable(statements)
    return find_language(chain.from_iterable(sentence.forms for sentence in sentences))


def _meant(claim: State, cues: State) -> State:
    """Return what words mean: a hint stays one unless it is denied, and "normal" stays absent."""
    if claim == 1 or (claim == -1 and cues == 0):
        return cues
    return claim


def _amended(before: int | None, said: set[State]) -> int | None:
    """Return a label after a later statement; what that leaves open denies no finding."""
    now = next((state for state in _BY_STRENGTH if state in said), None)
    return before if now == -1 and before == 1 else now


def _sentences(report: Report, sections: Sequence[Section]) -> Iterator[Sentence]:
    for section in sections:
        yield from split_sentences(report.text, section.span)
