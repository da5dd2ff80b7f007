"""The sentences of a report and their words, as the labeler reads them."""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from radtex.reports.sections import Span
from radtex.reports.spelling import known_form
from radtex.reports.word_forms import LONGEST, Language, base_form


class Word(NamedTuple):
    """A word and where it stands, `text[start:end]`."""

    form: str
    """The word in lower case or its base form, "#" for a number, "##" for a date, or a sign."""
    start: int
    """First character."""
    end: int
    """Behind the last character."""


class Sentence:
    """The words of a sentence, as written."""

    def __init__(self, forms: list[str], tokens: list[re.Match[str]]) -> None:
        """Take the forms of the words, and the parts of the text that they were read from."""
        self.forms = tuple(forms)
        """The form of each word."""
        self._tokens = tokens

    @property
    def words(self) -> list[Word]:
        """The words, and where they stand."""
        return [word for token in self._tokens for word in _words(token)]


_LETTER = r"[^\W\d_][\u0300-\u036f]*"
"""A letter, with accents that follow it as characters of their own."""

_BULLET = r"[-*+•·–—>►▪‣◦●○■□]+|[(#]?\d{1,2}[.)](?!\d)|\(?[a-hA-H][.)](?=[ \t])|o(?=[ \t]+[A-Z])"

_ABBREVIATION = r"z\.\s?n\.|v\.\s?a\.|a\.\s?e\.|o\.\s?b\.|st\.\s?p\.|d\.\s?d\."
_CUT_WORD = "re|li|bds|ca|evtl|ggf|bzw|dch[oa]|izq|izd[oa]|aprox"
"""German and Spanish words whose stop ends no sentence."""

_BREAK = r"(?:\r\n|\r(?!\n)|[\n\x0b\x0c\x85\u2028\u2029])"
_SPACE = r"[^\S\r\n\x0b\x0c\x85\u2028\u2029]"
"""A line's end, and white space within a line."""

_PLAIN = "(?![cC][aA][nN][nN][oO][tT])[a-wyzA-WYZ][a-zA-Z]*"
"""A word that none of the forms below begins with, if a blank or a comma follows."""

_TOKEN = re.compile(
    # Most words, found fast, several at a time.
    rf"(?:(?P<plain>{_PLAIN}(?: {_PLAIN}){{0,30}})(?=[ ,])|"
    rf"(?P<blank>[Xx]{{3,}}(?!{_LETTER})|_+)"
    # A mark within words: "r/o", "w/o", "vs."
    r"|(?P<short>(?<![^\W_])(?:[A-Za-z]/[A-Za-z](?![^\W_])|and/or\b"
    r"|(?:vs|approx|poss|prob|incl|dr|cf|e\.g|i\.e)\.(?=[ \t\n]*[\w(])))"
    rf"|(?P<abbreviated>(?<![^\W_])(?:(?i:{_ABBREVIATION})|(?i:{_CUT_WORD})\.(?= ?[a-zäöü])))"
    # A number of a list within a line: "No mass 2) Effusion"
    r"|(?P<item>(?<=\s)(?:\(?(?:\d{1,2}|[a-hA-H])\)|#\d{1,2})(?=\s*[^\W\d_]))"
    r"|(?P<asked>(?<![\w)\]?])\?+(?=[ \t]*[^\W_]))"
    rf"|(?P<end>[.;!|•●▪■◦‣]|\?+|</?(?i:br|p|li|div|tr)\s?/?>"
    rf"|{_BREAK}{_SPACE}*(?:(?={_BREAK})|{_BULLET}))"
    r"|(?P<tag></?[a-zA-Z]{1,6}[^<>\n]{0,40}>)"
    rf"|(?P<line>{_BREAK})"
    r"|(?P<date>\d+(?:[/-]\d+)+)"
    r"|(?P<number>\d+(?:[.:·]\d+)*)"
    r"|(?P<dash>(?<=\s)[-–—]+(?=\s|[^\W\d_])|--+>?|—|//+|=+>?|-+>|[→⇒➔➜]|(?<=\s)\+(?=\s))"
    r"|(?P<slash>(?<=\s)/(?=\s))"
    r"|(?P<bracket>[(\[{)\]}])"
    rf"|(?P<word>(?:{_LETTER})+(?:['’´`](?:{_LETTER})+)?)|(?P<sign>[,:/&¿])"
    r")(?: (?=[a-zA-Z]))?"
)

_SIGNS = {"[": "(", "{": "(", "]": ")", "}": ")"}
_NEGATED = re.compile(r"(?P<verb>[a-z]+?)(?:n['’´`]t|(?<=can)not)\Z")
_POSSESSIVE = re.compile(r"['’´`]s?\Z")
_IRREGULAR = {"ca": "can", "wo": "will", "sha": "shall"}
_UNENDED = re.compile(
    r"(?:[,/(]|\b(?:and|or|of|the|an?|in|with|to|for|no|at|on|by|is|are|as))\Z", re.I
)
_CAPITAL = re.compile(r"[A-ZÄÖÜÁÉÍÓÚÑ][^\W\d_A-Z]|[A-Z]\s+[a-z]")
_NARROWEST = 30
"""Characters of a line, at least, where lines are wrapped."""


def split_sentences(text: str, span: Span) -> Iterator[Sentence]:
    """Yield the sentences in a part of a report that have words; blanks are not words.

    A sentence ends at a stop, at an empty line, before a bullet or a number of a list, and where
    the next line begins with a capital, unless the line before is not done.

    Args:
        text: the report.
        span: the part of it.
    """
    forms: list[str] = []
    tokens: list[re.Match[str]] = []
    for match in _TOKEN.finditer(text, *span):
        kind = match.lastgroup or ""
        form = match[kind].lower()
        if kind == "plain":
            forms += form.split(" ")
            tokens.append(match)
        elif kind == "sign" or (kind == "word" and form.isalpha() and not form.endswith("not")):
            forms.append(form)
            tokens.append(match)
        elif kind in ("end", "item") or (
            kind == "line" and _line_ends_sentence(text, span, match.start())
        ):
            if form[0] == "?":
                forms.append("?")
                tokens.append(match)
            if forms:
                yield Sentence(forms, tokens)
                forms, tokens = [], []
        elif kind not in ("blank", "tag", "line"):
            forms.extend([word.form for word in _words(match)])
            tokens.append(match)
    if forms:
        yield Sentence(forms, tokens)


def in_base_forms(
    forms: Iterable[str], language: Language, own: Collection[str] = ()
) -> list[Word]:
    """Return words as the rules of their language know them, without those it passes over.

    Args:
        forms: of the words.
        language: of the text.
        own: base forms that are right as they are, beside those of the rules.

    Returns:
        The words; they start and end at their places among `forms`.
    """
    known = []
    for place, form in enumerate(forms):
        if len(form) <= LONGEST and form[0].isalpha():
            plain = base_form(form, language) if own else ""
            form = plain if plain in own else known_form(form, language)
        if form:
            known.append(Word(form, place, place + 1))
    return known


def _line_ends_sentence(text: str, span: Span, place: int) -> bool:
    before = text[max(span.start, place - 20) : place].rstrip()
    after = text[place : place + 100].lstrip()
    if not before or not after or _UNENDED.search(before):
        return False
    if _CAPITAL.match(after):
        return True
    if not after[:1].isupper() or not before[-1:].isupper():
        return False
    # All is in capitals: the line was ended by hand if the next word would have fitted.
    wide = _widest_line(text, span)
    line = place - max(text.rfind("\n", span.start, place), span.start - 1) - 1
    return wide < _NARROWEST or line + 1 + len(after.split(None, 1)[0]) <= wide


@lru_cache(maxsize=1)
def _widest_line(text: str, span: Span) -> int:
    return max(map(len, text[slice(*span)].split("\n")))


def _words(match: re.Match[str]) -> Iterator[Word]:
    kind = match.lastgroup or ""
    start, end = match.span(kind)
    form = match[kind].lower()
    match kind:
        case "plain":
            for part in form.split(" "):
                yield Word(part, start, start + len(part))
                start += len(part) + 1
        case "end":
            yield Word("?", start, end)
        case "date":
            yield Word("##", start, end)
        case "slash":
            yield Word(",", start, end)
        case "number":
            yield Word("#", start, end)
        case "asked":
            yield Word("¿", start, end)
        case "dash":
            yield Word("-", start, end)
        case "bracket":
            yield Word(_SIGNS.get(form, form), start, end)
        case "abbreviated":
            parts = "".join(form.split())
            yield Word(parts if parts.count(".") > 1 else parts.removesuffix("."), start, end)
        case "short":
            yield Word("or" if form == "and/or" else form.rstrip("."), start, end)
        case "word":
            if negated := _NEGATED.match(form):
                verb = negated["verb"]
                yield Word(_IRREGULAR.get(verb, verb), start, start + len(verb))
                yield Word("not", start + len(verb), end)
            else:
                yield Word(_POSSESSIVE.sub("", form), start, end)
        case _:
            yield Word(form, start, end)
