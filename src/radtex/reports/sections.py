"""The sections of a free-text radiology report, found by their headers.

A header is a known phrase (`HEADERS`) in one of these forms:

- at the start of a line, in any case, with a colon: "Findings:", "REASON FOR EXAM:";
- capitalised with a colon anywhere, since reports are often stored as one line;
- alone on its line, unless in small letters;
- in capitals at the start of a line before a capitalised word, a number or a dash:
  "IMPRESSION No acute disease.", "FINDINGS - clear".

Nothing else is a header, as in "no findings of pneumonia". At the start of a line one wrong,
missing or surplus letter is forgiven ("NDICATION:", "IMPRESION:").
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

PREAMBLE = "preamble"
HEADERS: Mapping[str, tuple[str, ...]] = {
    PREAMBLE: ("FINAL REPORT", "NARRATIVE"),
    "examination": ("EXAMINATION", "EXAM", "STUDY", "PROCEDURE", "TYPE OF EXAM"),
    "indication": (
        "INDICATION", "INDICATIONS", "CLINICAL INDICATION", "CLINICAL INDICATIONS", "HISTORY",
        "CLINICAL HISTORY", "PATIENT HISTORY", "HISTORY AND INDICATION", "INDICATION AND HISTORY",
        "CLINICAL INFORMATION", "CLINICAL DATA", "REASON FOR EXAM", "REASON FOR THE EXAM",
        "REASON FOR THIS EXAM", "REASON FOR EXAMINATION", "REASON FOR THE EXAMINATION",
        "REASON FOR THIS EXAMINATION", "REASON FOR STUDY", "REASON FOR THE STUDY",
    ),
    "comparison": (
        "COMPARISON", "COMPARISONS", "COMPARISON STUDY", "COMPARISON STUDIES", "COMPARISON EXAM",
        "PRIOR STUDY", "PRIOR STUDIES",
    ),
    "technique": ("TECHNIQUE", "PROCEDURE COMMENTS", "VIEWS", "NUMBER OF VIEWS"),
    "findings": (
        "FINDINGS", "FINDING", "DESCRIPTION", "OBSERVATIONS", "FINDINGS AND IMPRESSION",
        "FINDINGS & IMPRESSION", "FINDINGS/IMPRESSION", "FINDINGS / IMPRESSION",
        "IMPRESSION AND FINDINGS", "IMPRESSION/FINDINGS",
    ),
    "impression": (
        "IMPRESSION", "IMPRESSIONS", "FINAL IMPRESSION", "CONCLUSION", "CONCLUSIONS", "OPINION",
        "INTERPRETATION",
    ),
    "recommendation": ("RECOMMENDATION", "RECOMMENDATIONS"),
    "notification": ("NOTIFICATION", "NOTIFICATIONS", "COMMUNICATION"),
    "addendum": ("ADDENDUM", "ADDENDA"),
    "wet read": ("WET READ", "PRELIMINARY READ", "PRELIMINARY REPORT"),
    "end": (
        "END OF IMPRESSION", "SUMMARY", "ACCESSION NUMBER", "SIGNED BY", "DICTATED BY",
        "ELECTRONICALLY SIGNED BY", "APPROVED BY",
    ),
}  # fmt: skip
"""Headers of each section; "end" holds codes and signatures, nothing about the image."""

_BEFORE_FINDINGS = ("examination", "indication", "comparison", "technique")
_VIEW_WORDS = {"CHEST", "RADIOGRAPH", "RADIOGRAPHS", "VIEW", "VIEWS", "FILM", "CXR", "X-RAY"}
_VIEW = "view"
_SEPARATOR = re.compile(r"[_=-]{10,}")
_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE_END = re.compile(r"[^\W\d_]{3}\.")
_TOKEN = re.compile(r"\S+")
_AFTER_CAPITALS = re.compile(r"[A-Z][a-z]|A\b|\d+[.)]|[-–]")
_LONGEST, _MOST_WORDS, _SHORTEST_MISSPELT = 60, 5, 7

_NAMES = {phrase: name for name, phrases in HEADERS.items() for phrase in phrases}


def _one_letter_less(phrase: str) -> Iterator[str]:
    return (phrase[:i] + phrase[i + 1 :] for i in range(len(phrase)))


_MISSPELT = {
    shorter: name
    for phrase, name in _NAMES.items()
    if len(phrase) >= _SHORTEST_MISSPELT
    for shorter in _one_letter_less(phrase)
}


class Span(NamedTuple):
    """Characters `text[start:end]`."""

    start: int
    """First character."""
    end: int
    """Behind the last character."""


@dataclass(frozen=True)
class Section:
    """A part of a report."""

    name: str
    """A key of `HEADERS`; what stands before the first header is a "preamble" too."""
    header: Span
    """Where its header stands, with the colon; empty at the start of a preamble."""
    span: Span
    """Where its text stands, without white space around it; may be empty."""
    text: str
    """The text, `report.text[span.start:span.end]`."""
    addendum: bool
    """Whether it is an addendum or lies in one."""


@dataclass(frozen=True)
class Report:
    """A report and its sections."""

    text: str
    """The whole report."""
    sections: tuple[Section, ...]
    """Its sections in their order; they hold all of the text but white space."""

    def section(self, name: str) -> str:
        """Return the text under all headers of one name.

        A section that occurs several times is joined in its order, with a blank line between.
        What an addendum says under such a header counts only where the report itself has no such
        section.

        Args:
            name: a key of `HEADERS`.

        Returns:
            The text; "" if there is no such section.
        """
        found = [part for part in self.sections if part.name == name and part.text]
        own = [part for part in found if not part.addendum]
        return "\n\n".join(part.text for part in own or found)

    @property
    def last_paragraph(self) -> str:
        """What may describe the image where a report has neither findings nor impression.

        It is the last paragraph of the last section among examination, indication, comparison and
        technique, if that section has several, since the first belongs to the header. Else it is
        the last paragraph of the preamble that is prose and no title; else "". This follows the
        `last_paragraph` of MIT-LCP's sectioned MIMIC-CXR.
        """
        own = [part for part in self.sections if not part.addendum]
        headed = [part.text for part in own if part.name in _BEFORE_FINDINGS][-1:]
        paragraphs = [piece for text in headed for piece in _PARAGRAPH.split(text)[1:]] or [
            piece for piece in _PARAGRAPH.split(self.section(PREAMBLE)) if _is_prose(piece)
        ]
        return paragraphs[-1].strip() if paragraphs else ""


class _Header(NamedTuple):
    start: int
    end: int
    name: str


def parse_report(text: str) -> Report:
    """Find the sections of a report, in time linear in its length.

    A line of ten or more underscores, as between MIMIC-CXR's addenda, begins a new preamble, and
    so does a line FINAL REPORT; either ends an addendum. A header in capitals that names the view
    ("PORTABLE AP CHEST:") begins the findings if the report has no other header for them and a
    sentence follows. Elsewhere it is an examination.

    Args:
        text: the whole report.

    Example:
        >>> import radtex
        >>> report = radtex.parse_report("INDICATION: Cough. FINDINGS: The lungs are clear.")
        >>> [section.name for section in report.sections]
        ['indication', 'findings']
        >>> report.section("findings")
        'The lungs are clear.'
        >>> start, end = report.sections[1].span
        >>> report.text[start:end]
        'The lungs are clear.'
    """
    headers = _find_headers(text)
    ends = [header.start for header in headers[1:]] + [len(text)]
    sections = []
    addendum = False
    names = _resolve_views(text, headers, ends)
    for header, name, end in zip(headers, names, ends, strict=True):
        addendum = name == "addendum" or (addendum and name != PREAMBLE)
        body = text[header.end : end]
        first = header.end + len(body) - len(body.lstrip())
        body = body.strip()
        sections.append(
            Section(
                name=name,
                header=Span(header.start, header.end),
                span=Span(first, first + len(body)),
                text=body,
                addendum=addendum,
            )
        )
    if not sections[0].text and len(sections) > 1:
        del sections[0]
    return Report(text, tuple(sections))


def _find_headers(text: str) -> list[_Header]:
    """Return the headers in their order, an empty one for a preamble before all others."""
    headers = [_Header(0, 0, PREAMBLE)]
    start, previous = 0, ""
    capitals = text.isupper()
    for line in text.split("\n"):
        # In a report that is all capitals, a header word may be the last of a wrapped sentence.
        wrapped = capitals and previous.strip()[-1:].isalpha()
        for header in sorted(_headers_of(line, wrapped)) if line else ():
            described = headers[-1].name in ("findings", "impression")
            if start + header.start >= headers[-1].end and not (described and header.name == _VIEW):
                headers.append(_Header(start + header.start, start + header.end, header.name))
        start, previous = start + len(line) + 1, line
    return headers


def _resolve_views(text: str, headers: list[_Header], ends: list[int]) -> list[str]:
    names = [header.name for header in headers]
    for place, (header, end) in enumerate(zip(headers, ends, strict=True)):
        if header.name == _VIEW:
            says = "findings" not in names and _is_prose(text[header.end : end])
            names[place] = "findings" if says else "examination"
    return names


def _is_prose(text: str) -> bool:
    return len(text.split()) > 2 and bool(_SENTENCE_END.search(text))


def _headers_of(line: str, wrapped: bool) -> Iterator[_Header]:
    """Yield the headers of a line at their places in it; `wrapped` is one amid a sentence."""
    stripped = line.strip()
    first = len(line) - len(line.lstrip())
    if len(stripped) >= 10 and _SEPARATOR.fullmatch(stripped):
        yield _Header(first, first + len(stripped), PREAMBLE)
        return
    alone = "" if wrapped or stripped.islower() else _name(stripped, stripped.isupper())
    if alone:
        yield _Header(first, first + len(stripped), alone)
        return
    yield from _before_text(line, first)
    after = first
    for mark in re.finditer(":", line):
        colon = mark.start()
        if header := _before_colon(line, first, max(after, colon - _LONGEST), colon):
            yield header
        after = mark.end()


def _before_text(line: str, first: int) -> Iterator[_Header]:
    """Yield a header in capitals that text follows on its line without a colon."""
    tokens = [*_TOKEN.finditer(line, first, first + _LONGEST)][: _MOST_WORDS + 1]
    for count in range(len(tokens) - 1, 0, -1):
        end = tokens[count - 1].end()
        phrase = line[first:end]
        name = _name(phrase)
        if name and phrase.isupper() and _AFTER_CAPITALS.match(tokens[count].group()):
            dash = tokens[count].group() in ("-", "–")
            yield _Header(first, tokens[count].end() if dash else end, name)
            return


def _before_colon(line: str, first: int, start: int, colon: int) -> _Header | None:
    """Return the longest header that ends at `colon`, looking no further back than `start`."""
    tokens = [*_TOKEN.finditer(line, start, colon)][-_MOST_WORDS:]
    for token in tokens:
        place = token.start()
        if place > first and not line[place - 1].isspace():
            continue
        phrase = line[place:colon].rstrip()
        if name := _name(phrase, misspelt=place == first):
            if place == first:
                return _Header(first, colon + 1, name)
            if phrase[0].isupper():
                return _Header(_start_of_capitals(line, first, place), colon + 1, name)
    phrase = line[first:colon] if colon - first <= _LONGEST else ""
    names_view = not _VIEW_WORDS.isdisjoint(re.split(r"[^A-Z-]+", phrase))
    if names_view and phrase.isupper() and not line[colon + 1 : colon + 2].isdigit():
        return _Header(first, colon + 1, _VIEW)
    return None


def _start_of_capitals(line: str, first: int, place: int) -> int:
    """Return where a header at `place` starts with the capitals before it: "OTHER FINDINGS:"."""
    before = line[first:place] if place - first <= _LONGEST else ""
    return first if before.isupper() and before.replace(" ", "").isalpha() else place


def _name(phrase: str, misspelt: bool = False) -> str:
    """Return the name of the section that `phrase` is a header of, or ""."""
    if len(phrase) > _LONGEST:
        return ""
    plain = " ".join(phrase.upper().removesuffix("(S)").removesuffix(":").split())
    if plain in _NAMES or not misspelt or len(plain) < _SHORTEST_MISSPELT:
        return _NAMES.get(plain, "")
    if plain in _MISSPELT:
        return _MISSPELT[plain]
    shorter = (_NAMES.get(less) or _MISSPELT.get(less) for less in _one_letter_less(plain))
    return next(filter(None, shorter), "")
