"""Finds the headers in the text of a report."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from radtex.reports.pre_findings import is_title, names_film
from radtex.reports.section_headers import (
    LONGEST,
    MOST_WORDS,
    PREAMBLE,
    SHORTEST_MISSPELT,
    begins_header,
    section_name,
)

VIEW = "view"
"""Name of a header that names the view: "PORTABLE AP CHEST:"."""

_VIEW_WORDS = {"CHEST", "RADIOGRAPH", "RADIOGRAPHS", "VIEW", "VIEWS", "FILM", "CXR", "X-RAY"}
_SEPARATOR = re.compile(r"[_=*-]{10,}")
_TOKEN = re.compile(r"\S+")
_AFTER_CAPITALS = re.compile(r"[A-Z][a-z]|A\b|\d+[.)]|[-–—]")
_DASHES = ("-", "–", "—", "--")
_BULLET = re.compile(r"[-*•·>]\s+")
_COLON = re.compile(r"[^\s:][ \t]{0,9}:")
_AFTER_COLON = re.compile(r"(?:[-–—]+(?=\s))?")
_STAMPED = re.compile(
    r"(?P<name>ADDENDUM|Addendum|WET READ|Wet read|PRELIMINARY READ)\b"
    r"(?:[ \t]{1,9}(?:(?:by|dictated|dated|on|at|from|to|the|report|am|pm)\b"
    r"|[A-Z][\w.,'()-]{0,30}|_{1,30},?|[(#]?\d(?:[\d/.:-]{0,20}\d)?[),]?|[#(])){0,12}"
    r"[ \t]{0,9}(?::(?!\d)|$)"
)
"""An addendum or a wet read, with names and times: "ADDENDUM by Dr. ___ on ___:"."""


class Header(NamedTuple):
    """A header, `text[start:end]`."""

    start: int
    """First character."""
    end: int
    """Behind the last one, with the colon."""
    name: str
    """A key of `HEADERS`, or `VIEW`."""


def find_headers(text: str) -> list[Header]:
    """Return the headers in their order, an empty one for a preamble before all others."""
    headers = [Header(0, 0, PREAMBLE)]
    start, previous = 0, ""
    capitals, small = text.isupper(), text.islower()
    for line in text.split("\n"):
        # In a report that is all capitals, a header word may be the last of a wrapped sentence.
        wrapped = capitals and previous.strip()[-1:].isalpha()
        for header in sorted(_headers_of(line, wrapped, small)) if _may_head(line) else ():
            described = headers[-1].name in ("findings", "impression")
            if start + header.start >= headers[-1].end and not (described and header.name == VIEW):
                headers.append(Header(start + header.start, start + header.end, header.name))
        start, previous = start + len(line) + 1, line
    return headers


def _may_head(line: str) -> bool:
    """Tell whether a line can hold a header: a quick look, since most cannot."""
    if ":" in line:
        return True
    word = "".join(line.split(None, 1)[:1])
    return (
        begins_header(word)
        or (len(line.strip()) >= SHORTEST_MISSPELT and line.isupper())
        or (word[:1] in "-_=*•·>[(#" and bool(word))
    )


def _headers_of(line: str, wrapped: bool, small: bool) -> Iterator[Header]:
    """Yield the headers of a line at their places in it; `wrapped` is one amid a sentence."""
    stripped = line.strip()
    first = len(line) - len(line.lstrip())
    if len(stripped) >= 10 and _SEPARATOR.fullmatch(stripped):
        yield Header(first, first + len(stripped), PREAMBLE)
        return
    alone = "" if wrapped or stripped.islower() else section_name(stripped, stripped.isupper())
    if alone:
        yield Header(first, first + len(stripped), alone)
        return
    stamped = _STAMPED.match(line.rstrip(), first)
    if stamped is not None and not names_film(stamped.group()):
        yield Header(first, stamped.end(), section_name(stamped["name"]))
    yield from _before_text(line, first)
    after = first
    bullet = _BULLET.match(line, first)
    for mark in _COLON.finditer(line):
        colon = mark.end() - 1
        before = max(after, colon - LONGEST)
        begin = bullet.end() if bullet and before <= first else first
        if header := _before_colon(line, begin, max(before, begin), colon, small):
            yield header
        after = mark.end()


def _before_text(line: str, first: int) -> Iterator[Header]:
    """Yield a header that text follows on its line without a colon.

    It is in capitals, or a dash follows.
    """
    tokens = [*_TOKEN.finditer(line, first, first + LONGEST)][: MOST_WORDS + 1]
    if not (tokens and begins_header(tokens[0].group())):
        return
    for count in range(len(tokens) - 1, 0, -1):
        end = tokens[count - 1].end()
        phrase = line[first:end]
        if not phrase[0].isupper() or not (name := section_name(phrase)):
            continue
        dash = tokens[count].group() in _DASHES
        held = phrase[-1] in "-–—"
        if dash or held or (phrase.isupper() and _AFTER_CAPITALS.match(tokens[count].group())):
            yield Header(first, tokens[count].end() if dash else end, name)
            return


def _before_colon(line: str, first: int, start: int, colon: int, small: bool) -> Header | None:
    """Return the longest header that ends at `colon`, looking no further back than `start`."""
    tokens = [*_TOKEN.finditer(line, start, colon)][-MOST_WORDS:]
    end = colon + 1
    if (dash := _AFTER_COLON.match(line, end)) is not None:
        end = dash.end()
    timed = line[colon + 1 : colon + 2].isdigit()
    for token in tokens:
        place = token.start()
        if place > first and not line[place - 1].isspace():
            continue
        phrase = line[place:colon].rstrip()
        if name := section_name(phrase, misspelt=place == first):
            if place == first:
                return Header(first, end, name)
            if phrase[0].isupper():
                return Header(_start_of_capitals(line, first, place), end, name)
            if small and line[max(0, place - 3) : place].rstrip()[-1:] in (".", ";"):
                return Header(place, end, name)
        elif not timed and phrase.isupper() and is_title(phrase):
            return Header(place, end, VIEW)
    phrase = line[first:colon] if colon - first <= LONGEST else ""
    names_view = not _VIEW_WORDS.isdisjoint(re.split(r"[^A-Z-]+", phrase))
    if not timed and ((names_view and phrase.isupper()) or is_title(phrase)):
        return Header(first, end, VIEW)
    return None


def _start_of_capitals(line: str, first: int, place: int) -> int:
    """Return where a header at `place` starts with the capitals before it: "OTHER FINDINGS:"."""
    before = line[first:place] if place - first <= LONGEST else ""
    return first if before.isupper() and before.replace(" ", "").isalpha() else place
