"""What the reports of a corpus say, for what an archive does not label itself."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from radtex.corpus.readings.label_sources import LabelSource
from radtex.corpus.record import Record
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS
from radtex.reports import LANGUAGES, Language, label_reports, likely_language, says_something
from radtex.reports.addenda import with_headers

NOT_UNDERSTOOD = "report not understood"
"""Flag of a record whose text says nothing that the labeler knows."""

_SAMPLE = 1000
"""Texts whose language is sought for a message."""


def read_texts(
    records: Sequence[Record],
    *,
    label: bool,
    language: Language | None = None,
    workers: int | None = 1,
) -> list[Record]:
    """Flag the records whose findings and impression are not understood, and label on request.

    See `radtex.reports.label_report` for how a text is read. An observation that the archive labels
    in any record is left to the archive in all of them. Where people label it, the reports fill in
    what they left blank, and each label keeps its source.

    Args:
        records: images with their texts.
        label: whether CheXpert's 14 observations are added to the labels.
        language: of the texts; found for each if None.
        workers: processes; None for one for each core.

    Returns:
        The records in their order.

    Raises:
        CorpusError: if most texts are not understood but labels are to be taken from them.
    """
    texts = [with_headers(record.findings, record.impression) for record in records]
    distinct = [*dict.fromkeys(texts)]
    read = label_reports(distinct, workers, language)
    blank = read.isna().all(axis=1).tolist()
    row_of = {text: row for row, text in enumerate(distinct)}
    silent = {
        text
        for text, is_blank in zip(distinct, blank, strict=True)
        if is_blank and _has_words(text) and not says_something(text, language)
    }
    unknown = [text in silent for text in texts]
    flagged = [
        replace(record, flags=(*record.flags, NOT_UNDERSTOOD)) if not_read else record
        for record, not_read in zip(records, unknown, strict=True)
    ]
    if not label:
        return flagged
    if 2 * sum(unknown) > sum(map(_has_words, texts)):
        raise CorpusError(_refusal(texts, unknown, language))
    left = _left_to_the_archive(records)
    columns = {name: _cells(read[name]) for name in CHEXPERT_LABELS if name not in left}
    return [
        _filled(record, {name: cells[row_of[text]] for name, cells in columns.items()})
        for record, text in zip(flagged, texts, strict=True)
    ]


def _left_to_the_archive(records: Sequence[Record]) -> set[str]:
    """Return the labels of the records, less those that people alone state."""
    names = {name for record in records for name in record.labels}
    human = {name for record in records for name in record.label_sources}
    archived = {
        name
        for record in records
        for name, value in record.labels.items()
        if value is not None and name not in record.label_sources
    }
    return names - (human - archived)


def _filled(record: Record, read: Mapping[str, int | None]) -> Record:
    """Give a record the labels of its report where it has none."""
    new = {name: value for name, value in read.items() if record.labels.get(name) is None}
    stated = (name for name, value in new.items() if value is not None)
    sources: dict[str, LabelSource] = {**record.label_sources}
    sources |= dict.fromkeys(stated, "report")
    return replace(record, labels={**record.labels, **new}, label_sources=sources)


def _has_words(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _refusal(texts: Sequence[str], unknown: Sequence[bool], language: Language | None) -> str:
    unread = [text for text, not_read in zip(texts, unknown, strict=True) if not_read]
    found = Counter(map(likely_language, unread[:_SAMPLE])).most_common(1)[0][0]
    known = ", ".join(name.capitalize() for name in LANGUAGES)
    likely = f"their language is likely {found.capitalize()}" if found else "no language is found"
    if language is not None and found != language:
        advice = f"they were read as {language.capitalize()}; leave out --language, or correct it"
    elif found in LANGUAGES:
        likely, advice = f"they are in {found.capitalize()}", "see whether they describe the films"
    else:
        advice = f"labels are read from {known}; leave out --label-reports, or bring --labels TABLE"
    of = sum(map(_has_words, texts))
    return f"{len(unread)} of {of} reports are not understood: {likely}; {advice}"


def _cells(column: "pd.Series[int]") -> list[int | None]:
    return [None if pd.isna(cell) else int(cell) for cell in column]
