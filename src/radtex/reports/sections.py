"""The sections of a free-text radiology report, found by their headers.

A header is a known phrase (`HEADERS`) in one of these forms:

- at the start of a line, in any case, with a colon: "Findings:", "REASON FOR EXAM:";
- capitalised with a colon anywhere, since reports are often stored as one line; in a text all in
  small letters, also in small letters behind a stop;
- alone on its line, unless in small letters;
- in capitals at the start of a line before a capitalised word or a number: "IMPRESSION No acute
  disease."; before a dash in any case but small letters: "Findings - clear".

Nothing else is a header, as in "no findings of pneumonia". At the start of a line one wrong,
missing or surplus letter is forgiven ("NDICATION:", "IMPRESION:"). Marks of emphasis, tags and
brackets around a header do not matter.

Findings without a header are a section too (`radtex.reports.pre_findings` says where they begin).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from radtex.reports.header_search import VIEW, Header, find_headers
from radtex.reports.length import bounded_plain_text
from radtex.reports.pre_findings import Kind, section_ends, stamp_end
from radtex.reports.section_headers import DIAGNOSIS, HEADERS, PREAMBLE, SUMMARY

__all__ = ["HEADERS", "PREAMBLE", "Report", "Section", "Span", "parse_report"]

_BEFORE_FINDINGS = ("examination", "indication", "comparison", "technique", VIEW, DIAGNOSIS)
_SPEAKS = ("findings", "impression")
_BEHIND = ("recommendation", "notification", "end")


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
    """A key of `HEADERS`; a title, and all else before the first header, is a "preamble" too."""
    header: Span
    """Where its header stands, with the colon; empty where it has none."""
    span: Span
    """Where its text stands, without white space around it; may be empty."""
    text: str
    """The text, `report.text[span.start:span.end]`."""
    addendum: bool = False
    """Whether it is an addendum or lies in one."""
    wet_read: bool = False
    """Whether it is a wet read, or lies in one, beside a final report."""


@dataclass(frozen=True)
class Report:
    """A report and its sections."""

    text: str
    """The whole report, without markup (see `radtex.reports.markup`)."""
    sections: tuple[Section, ...]
    """Its sections in their order; they hold all of the text but white space."""

    def section(self, name: str) -> str:
        """Return the text under all headers of one name.

        A section that occurs several times is joined in its order, with a blank line between.
        What an addendum says under such a header counts only where the report itself has no such
        section, and a wet read never beside a final report.

        Args:
            name: a key of `HEADERS`. "findings" includes findings without a header.

        Returns:
            The text; "" if there is no such section.
        """
        found = [part for part in self.sections if part.name == name and part.text]
        own = [part for part in found if not part.addendum and not part.wet_read]
        return "\n\n".join(part.text for part in own or found if not part.wet_read)

    @property
    def statements(self) -> tuple[tuple[Section, ...], ...]:
        """The sections that describe the film: those of the report, then those of each addendum.

        A later statement corrects an earlier one; an addendum is later than the report, also where
        it stands above it.
        """
        own: list[Section] = []
        addenda: list[list[Section]] = []
        for section in self.sections:
            if section.wet_read or not section.text:
                continue
            if section.addendum and section.name in ("addendum", *_SPEAKS):
                if section.name == "addendum" or not addenda:
                    addenda.append([])
                addenda[-1].append(section)
            elif not section.addendum and section.name in _SPEAKS:
                own.append(section)
        return (tuple(own), *map(tuple, addenda))


def parse_report(text: str) -> Report:
    r"""Find the sections of a report, in time linear in its length.

    Findings without a header begin where an indication, comparison, technique or view line ends,
    and go on to the next header. A line of ten or more underscores, as between MIMIC-CXR's addenda,
    and a line FINAL REPORT begin a new block. A block that begins with an addendum or a wet read is
    one as a whole, where another block is the report. A wet read is the findings where nothing else
    is said of the film. DIAGNOSIS is an indication where findings or an impression follow it and
    none stands before it, else an impression; SUMMARY is an impression unless it is a code
    ("1-NORMAL").

    Args:
        text: the whole report; its markup is undone.

    Raises:
        ReportError: if it is longer than any report (see `radtex.reports.length`).

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
        >>> radtex.parse_report("HISTORY: Cough.\n\nThe lungs are clear.").section("findings")
        'The lungs are clear.'
    """
    text = bounded_plain_text(text)
    blocks = _with_roles(_blocks(text, find_headers(text)))
    sections = [*_with_bodies(text, blocks)]
    sections = [*_diagnoses(sections)]
    if not any(part.text for part in sections if part.name in (*_SPEAKS, "addendum")
               and not part.wet_read):  # fmt: skip
        sections = [*_from_wet_reads(text, sections)]
    kept = [
        part for part in sections if part.text or part.header.end > part.header.start
    ] or sections[:1]
    return Report(text, tuple(kept))


def _section(
    text: str,
    name: str,
    header: Span,
    start: int,
    end: int,
    addendum: bool = False,
    wet_read: bool = False,
) -> Section:
    """Return a section whose text is `text[start:end]`, less the white space around it."""
    body = text[start:end]
    start += len(body) - len(body.lstrip())
    body = body.strip()
    return Section(name, header, Span(start, start + len(body)), body, addendum, wet_read)


def _blocks(text: str, headers: Sequence[Header]) -> list[list[Section]]:
    """Return the sections of each block; a title without a text of its own begins none."""
    blocks: list[list[Section]] = [[]]
    ends = [*(header.start for header in headers[1:]), len(text)]
    for header, end in zip(headers, ends, strict=True):
        part = _section(text, header.name, Span(header.start, header.end), header.end, end)
        if header.name == SUMMARY:
            part = replace(part, name="end" if part.text[:1].isdigit() else "impression")
        if header.name == PREAMBLE and any(old.text for old in blocks[-1]):
            blocks.append([])
        blocks[-1].append(part)
    return blocks


def _with_roles(blocks: Sequence[Sequence[Section]]) -> list[list[Section]]:
    """Mark the addenda and the wet reads."""
    leads = [_lead(block) for block in blocks]
    reported = any(
        lead not in ("addendum", "wet read") and _has_content(block)
        for lead, block in zip(leads, blocks, strict=True)
    )
    marked = []
    for lead, block in zip(leads, blocks, strict=True):
        inside = ""
        parts = []
        for part in block:
            if part.name in ("addendum", "wet read"):
                inside = part.name
            elif inside and not (reported and lead == inside) and part.name not in _BEHIND:
                ended = inside == "wet read" or lead == inside
                inside = "" if ended else inside
            if inside:
                addendum = inside == "addendum"
                part = replace(part, addendum=addendum, wet_read=not addendum)
            parts.append(part)
        marked.append(parts)
    return marked


def _lead(block: Sequence[Section]) -> str:
    return next((part.name for part in block if part.name != PREAMBLE), PREAMBLE)


def _has_content(block: Sequence[Section]) -> bool:
    return any(part.name != PREAMBLE or len(part.text.split()) > 2 for part in block)


def _with_bodies(text: str, blocks: Sequence[Sequence[Section]]) -> Iterator[Section]:
    """Yield the sections, with the findings that have no header as sections of their own."""
    spoken = {
        part.addendum
        for block in blocks
        for part in block
        if part.name == "findings" and part.text and not part.wet_read
    }
    for block in blocks:
        headed = any(part.name in (*_BEFORE_FINDINGS, *_SPEAKS) for part in block)
        for part in block:
            if part.name not in (*_BEFORE_FINDINGS, PREAMBLE):
                yield part
                continue
            kind = Kind(
                asking=part.name in ("indication", DIAGNOSIS),
                titled=part.name in (PREAMBLE, VIEW),
                whole=part.name == VIEW or (part.name == PREAMBLE and not headed),
                narrow=part.name in ("examination", PREAMBLE),
                spoken=part.addendum in spoken and not part.wet_read,
            )
            named = replace(part, name="examination") if part.name == VIEW else part
            ends = section_ends(text, *part.span, kind)
            *before, last = _split(text, named, ends.body, "findings")
            if before:
                yield from _split(text, before[0], ends.setting, "technique")
                yield last
            else:
                yield from _split(text, last, ends.setting, "technique")


def _split(text: str, part: Section, place: int, behind: str) -> Iterator[Section]:
    """Yield a section up to `place`, and what is behind as another without a header."""
    if place >= part.span.end:
        yield part
        return
    marks = (part.addendum, part.wet_read)
    yield _section(text, part.name, part.header, part.span.start, place, *marks)
    yield _section(text, behind, Span(place, place), place, part.span.end, *marks)


def _diagnoses(sections: Sequence[Section]) -> Iterator[Section]:
    """Yield the sections with each diagnosis as what its place makes it."""
    for place, part in enumerate(sections):
        if part.name != DIAGNOSIS:
            yield part
            continue
        before, behind = (
            any(
                other.name in _SPEAKS and other.text and other.addendum == part.addendum
                for other in others
            )
            for others in (sections[:place], sections[place:])
        )
        yield replace(part, name="indication" if behind and not before else "impression")


def _from_wet_reads(text: str, sections: Sequence[Section]) -> Iterator[Section]:
    """Yield the sections with the wet reads as findings, since nothing else is said."""
    for part in sections:
        if part.wet_read and part.name == "wet read":
            place = stamp_end(text, *part.span)
            yield from _split(text, replace(part, wet_read=False), place, "findings")
        else:
            yield replace(part, wet_read=False) if part.wet_read else part
