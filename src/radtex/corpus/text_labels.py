"""What the reports of a corpus say, for what an archive does not label itself."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from itertools import compress, islice

from radtex.corpus.readings.label_sources import LabelSource
from radtex.corpus.record import Record
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS
from radtex.parallel import map_stream
from radtex.reports import LANGUAGES, Language, label_report, likely_language, says_something
from radtex.reports.addenda import with_headers

NOT_UNDERSTOOD = "report not understood"
"""Flag of a record whose text says nothing that the labeler knows."""

_SAMPLE = 1000
"""Texts whose language is sought for a message."""
_CHUNK = 500
"""Texts that a process reads at a time."""
_STATES = (None, 0, 1, -1)


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
    read = _read_all(records, workers, language)
    silent = [read.silent[row] for row in read.rows]
    flagged = [
        replace(record, flags=(*record.flags, NOT_UNDERSTOOD)) if unknown else record
        for record, unknown in zip(records, silent, strict=True)
    ]
    if not label:
        return flagged
    worded = sum(read.worded[row] for row in read.rows)
    if 2 * sum(silent) > worded:
        unread = (_text(record) for record in compress(records, silent))
        raise CorpusError(_refusal([*islice(unread, _SAMPLE)], sum(silent), worded, language))
    left = _left_to_the_archive(records)
    names = [name for name in CHEXPERT_LABELS if name not in left]
    return [
        _filled(record, {name: said[name] for name in names})
        for record, said in zip(flagged, map(read.labels, read.rows), strict=True)
    ]


def _text(record: Record) -> str:
    texts = record.texts
    return with_headers(texts.findings, texts.impression)


@dataclass(frozen=True)
class _Read:
    """What distinct texts say; the texts themselves would fill the memory."""

    rows: "array[int]"
    """The distinct text of each record, by its place in the fields below."""
    states: bytearray
    """The 14 labels of each, by their places in `_STATES`."""
    worded: bytearray
    """Whether it has a word."""
    silent: bytearray
    """Whether it has one, and says nothing that is known."""

    def labels(self, row: int) -> dict[str, int | None]:
        width = len(CHEXPERT_LABELS)
        states = self.states[width * row : width * (row + 1)]
        return dict(zip(CHEXPERT_LABELS, map(_STATES.__getitem__, states), strict=True))


def _read_all(records: Sequence[Record], workers: int | None, language: Language | None) -> _Read:
    read = _Read(array("l"), bytearray(), bytearray(), bytearray())
    row_of: dict[bytes, int] = {}

    def distinct() -> Iterator[str]:
        for record in records:
            text = _text(record)
            digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            new = digest not in row_of
            read.rows.append(row_of.setdefault(digest, len(row_of)))
            if new:
                yield text

    said = map_stream(partial(_said, language=language), distinct(), _CHUNK, workers)
    for labels, worded, silent in said:
        read.states.extend(map(_STATES.index, labels))
        read.worded.append(worded)
        read.silent.append(silent)
    return read


def _said(text: str, language: Language | None) -> tuple[tuple[int | None, ...], bool, bool]:
    """Return the labels of a text, whether it has words, and whether they say nothing known."""
    labels = tuple(label_report(text, language).values())
    worded = any(letter.isalpha() for letter in text)
    blank = all(state is None for state in labels)
    return labels, worded, blank and worded and not says_something(text, language)


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


def _refusal(unread: Sequence[str], count: int, of: int, language: Language | None) -> str:
    """Say that `count` texts of `of` are not understood, some of which are `unread`."""
    found = Counter(map(likely_language, unread)).most_common(1)[0][0]
    known = ", ".join(name.capitalize() for name in LANGUAGES)
    likely = f"their language is likely {found.capitalize()}" if found else "no language is found"
    if language is not None and found != language:
        advice = f"they were read as {language.capitalize()}; leave out --language, or correct it"
    elif found in LANGUAGES:
        likely, advice = f"they are in {found.capitalize()}", "see whether they describe the films"
    else:
        advice = f"labels are read from {known}; leave out --label-reports, or bring --labels TABLE"
    return f"{count} of {of} reports are not understood: {likely}; {advice}"
