"""Where the body of a report begins that has no header of its own.

What stands before the findings says why the film was asked for, how it was taken, and what it was
compared with. It ends at the first sentence that says none of these. Sentences of views, times and
comparisons are told by a closed list of words, so that a sentence with any other word is kept.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from radtex.reports.word_files import word_file

Gap = Literal["start", "same", "line", "stop", "blank"]
"""What stands before a sentence: nothing, a blank, a new line, a stop and a new line, a blank
line."""

_LISTS: Mapping[str, Sequence[str]] = word_file("pre_findings.yaml")
_SETTING, _TITLE, _OPEN = (frozenset(_LISTS[name]) for name in ("setting", "title", "open"))

_FILM = re.compile(
    r"\b(?:lungs?\b|pulmon|heart|cardi|mediastin|hilar|hilum|hila\b|hilus|aort|pleura|effusion|"
    r"pneumoth|hydropneumo|haemoth|hemoth|ptx\b|consolidat|opaci|infiltrat|edema|oedema|atelect|"
    r"airspace|air.space|interstiti|vascul|congest|costophrenic|cp angle|diaphragm|hemidiaphragm|"
    r"nodul|mass\b|masses\b|lesion|granulom|calcif|scar|fibro|emphysem|bulla|hyperinfl|hyperexp|"
    r"volumes?\b|inspirat|rotat|bone|bony|osseous|skelet|ribs?\b|fractur|clavic|scoli|"
    r"degenerat|vertebr|sternotom|sternal|wires?\b|tubes?\b|catheter|lines?\b|picc|pacemaker|"
    r"icd\b(?!-?\d)|leads?\b|device|drain|swan|dobhoff|dobbhoff|nasogastric|enteric|endotrach|tracheo|"
    r"trachea|carina|stent|clips?\b|prosthe|valve|port\b|port-a-cath|hernia|bronch|apex|apices|"
    r"apical|bas(?:e|es|al|ilar)\b|bibas|lobes?\b|lobar|lower lobe|silhouette|contour|markings|"
    r"thicken|subcutaneous|free air|pneumoperiton|process|abnormal|disease\b|normal|"
    r"unremarkable|unchanged|change[sd]?\b|stable|clear\b|acute|evidence|shows?\b|demonstrat|"
    r"reveal|seen\b|noted\b|visuali|identif|detect|pneumoni|intubat|extubat|limited|obscur|"
    r"shadow|density|densities|finding|enlarge|widen|"
    r"derrame|neumot|neumon|pulm[oó]n|coraz|cardiomeg|silueta|atelec|diafragm|costofr|"
    r"costilla|alteraci|hallazg|infiltr|"
    r"herz|lunge|pneumo|erguss|ergu[sß]|stauung|infiltrat|zwerchfell|rippe|frakt|verschatt|"
    r"unauff[aä]llig|patholog|regelrecht)",
    re.IGNORECASE,
)
"""Words that a sentence about the film has."""

_SAYS = re.compile(
    r"\b(?:is|are|isn't|aren't|has|have|hasn't|was|were|appears?|remains?|shows?|demonstrates?|"
    r"reveals?|noted|seen|identified|evident|persists?|continues?|ends?|terminates?|projects?|"
    r"lies|lie|overl(?:ies|ie|ying)|represents?|no|without|negative|normal|clear|unremarkable|stable|"
    r"unchanged|intact|midline|enlarged|improved|increased|decreased|resolved|widened|"
    r"hay|sin|se observan?|normales?|limpios|libres?|ist|sind|kein|keine|keinen|ohne|"
    r"unauff[aä]llig|zeigt|nicht|frei|regelrecht)\b",
    re.IGNORECASE,
)
"""With one of these it states something of the film."""

_ASKS = re.compile(
    r"[\s\W]*(?:eval\b|evaluat(?:e|ion|ing)\b|assess\b|assessment\b|question\b|r/o\b|"
    r"rule[sd]? out|ruling out|please\b|pls\b|concern(?:s|ed|ing)? (?:for|of|about)\b|"
    r"(?:clinical )?suspicion\b|suspect(?:ed|ing)?\b|h/o\b|hx\b|history\b|"
    r"s/p\b|now\b|known\b|presents?\b|presented\b|presenting\b|recent\b|check\b|confirm\b|"
    r"look(?:ing)? for\b|any\b|is there\b|are there\b|complain|reason\b|query\b|"
    r"(?:\w+ ){0,2}history\b|(?:non-?)?smoker|"
    r"(?:patient|pt|he|she)\.? (?:with|has had|has been|presents|who|complain|is an? |reports|"
    r"denies|admits|states|had|feels|came|now)|"
    r"(?:a |an )?(?:_+|\d{1,3})[\s-]{0,2}(?:-| )?(?:y/?o\b|yo[mf]?\b|years?[ -]old|yr\b|yrs\b|"
    r"[mf]\b|year\b|años)|"
    r"(?:male|female|man|woman)\b|no (?:known|prior|previous|relevant|significant|past|pertinent) "
    r"(?!change)|descartar\b|valorar\b|sospecha\b|control\b|paciente (?:con|de|que)\b|"
    r"antecedentes?\b|ausschluss\b|frage\b|v\.? ?a\.?\b|verdacht\b|bekannte[rs]?\b|z\. ?n\.)",
    re.IGNORECASE,
)
"""How sentences begin that ask or tell a history."""

_WANTS = re.compile(
    r"\?\W{0,3}$|\b(?:r/o|rule out|evaluate for|assess for|eval for)\b", re.IGNORECASE
)

_SYMPTOM = re.compile(
    r"\b(?:fevers?|febrile|cough|coughing|pains?|dyspn|sob\b|shortness|breathless|hypox|chills|"
    r"nausea|vomit|sepsis|septic|leukocyt|smok|trauma|fell\b|fall\b|mvc\b|mva\b|syncope|"
    r"weakness|wheez|sputum|hemopty|haemopty|confus|altered mental|desat|tachy|"
    r"hypertens|diabet|preop|pre-op|postop|post-op|surgery|admitted|admission|transplant|"
    r"cancer|carcinoma|chemo|positive|history|symptom|complain|conditions\b|denies|tos\b|fiebre|disnea|dolor|husten|fieber|atemnot)",
    re.IGNORECASE,
)
_GRADED = re.compile(
    r"(?:mild|small|moderate|severe|large|trace|tiny|minimal|stable|patchy|low|bibasilar|"
    r"bilateral|diffuse|subtle|persistent|new)(?:ly)?\b",
    re.IGNORECASE,
)
_TECHNICAL = re.compile(
    r"\b(?:obtained|performed|acquired|submitted|reviewed|provided|taken|available|technique|"
    r"exposure|positioning|digital|detector|(?:made|comparison) (?:with|to)|compared (?:to|with)|"
    r"in comparison)\b",
    re.IGNORECASE,
)
_OWN_SENTENCE = re.compile(
    r"(?:(?:as |in )?compar\w+ (?:to|with)\b|the\b|there\b|a\b|an\b|no\b|mild|moderate|small|large)"
    r"|.{0,200}\b(?:shows?|demonstrates?|reveals?)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['.][^\W\d_]+)*")
_CUT = re.compile(
    r"""(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bvs)(?<!\bSt)(?<=[^\s?])[.?!:]["')\]]{0,3}"""
    r"""(?=\s|$)|\n\s*"""
)
_LISTED = re.compile(r"(?:\d{1,2}[.)]|[-*•])(?=\s|$)")
_BEGINS = re.compile(r"[^\W\d_]|\d|[_\[(\"'*•-]")
_STAMP_ENDS = re.compile(r"\d{1,2}[:.h]?\d{2}(?::\d{2})?\s*(?:[AP]\.?M\.?)?\W*$", re.IGNORECASE)
_STAMP = re.compile(
    r"(?:(?:_+|by|at|on|dr\.?|mon|tue|wed|thu|fri|sat|sun|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}),?\s+)"
    r"{0,9}\d{1,2}:\d{2}(?::\d{2})?(?:\s?[AP]\.?M\b\.?)?|(?:_+\s*)+(?:[AP]M\b)?",
    re.IGNORECASE,
)


class _Sentence(NamedTuple):
    start: int
    end: int
    gap: Gap


class Kind(NamedTuple):
    """What a section before the findings is, and what else the report has."""

    asking: bool
    """Whether it is an indication; else it tells of views, dates and the like."""
    titled: bool
    """Whether it has no header, or one that names the view alone, so that its first sentence may be
    the body's."""
    whole: bool
    """Whether there is no other section, so that all but views, times and comparisons is the
    body."""
    narrow: bool
    """Whether it may hold other lines than sentences, as an examination does."""
    spoken: bool
    """Whether the report has findings under a header of their own, so that only clear sentences
    about the film, on lines of their own, are taken from other sections."""


class Ends(NamedTuple):
    """Where a section before the findings ends; the end of its text where nothing follows."""

    setting: int
    """Where an indication turns to views and comparisons; not behind the body."""
    body: int
    """Where the findings begin."""


def section_ends(text: str, start: int, end: int, kind: Kind) -> Ends:
    """Return what a section before the findings holds besides, in time linear in its length.

    Args:
        text: the report.
        start: first character of the section.
        end: behind its last character.
        kind: what the section is.
    """
    first = True
    after_setting = False
    graded = -1
    listed = bool(_LISTED.match(text, start))
    set_apart = not kind.asking
    setting = -1
    film = start - 1
    for sentence in _sentences(text, start, end):
        words = text[sentence.start : sentence.end]
        if film < sentence.start:
            found = _FILM.search(text, sentence.start, end)
            film = end if found is None else found.start()
        before, after_setting = after_setting, _is_setting(words)
        if after_setting:
            views = _names_view(words)
            set_apart = set_apart or views
            apart = views or sentence.gap in ("line", "stop", "blank")
            if setting < 0 and kind.asking and not first and apart:
                setting = sentence.start
        elif first and not kind.titled:
            own = not kind.asking and not kind.spoken and _OWN_SENTENCE.match(words)
            if own and _describes(words):
                return Ends(sentence.start, sentence.start)
        elif (kind.whole and not kind.spoken) or (
            not (_asks(words) or (listed and _LISTED.match(words)))
            and _begins(sentence, words, kind, set_apart, before, film < end)
        ):
            body = graded if graded >= 0 and sentence.gap == "same" else sentence.start
            return Ends(setting if setting >= 0 else body, body)
        else:
            setting = -1
        # "Mild cardiomegaly." says something of the film if the sentence behind it does.
        if first or after_setting or not (_GRADED.match(words) and _FILM.search(words)):
            graded = -1
        elif graded < 0:
            graded = sentence.start
        first = False
    return Ends(setting if setting >= 0 else end, end)


def _begins(
    sentence: _Sentence,
    words: str,
    kind: Kind,
    set_apart: bool,
    after_setting: bool,
    described: bool,
) -> bool:
    """Tell whether a sentence begins the body; `described` is whether the film is yet named."""
    clear = _describes(words)
    if kind.spoken:
        return clear and sentence.gap in ("stop", "blank", "start")
    if kind.titled:
        return clear or (bool(_FILM.search(words)) and words.endswith((".", ":")))
    if sentence.gap == "line":
        return clear or (after_setting and described)
    if set_apart:
        return clear or described or not kind.narrow
    if sentence.gap == "same":
        return clear and not _SYMPTOM.search(words)
    return clear or (described and not _tells(words))


def stamp_end(text: str, start: int, end: int) -> int:
    """Return where a wet read begins behind the names and the time that stand before it."""
    line_end = text.find("\n", start, end)
    line = text[start : line_end if line_end >= 0 else end]
    if len(line) <= 120 and _STAMP_ENDS.search(line) and not _FILM.search(line):
        return start + len(line)
    stamp = _STAMP.match(text, start, end)
    return stamp.end() if stamp else start


def is_title(line: str) -> bool:
    """Tell whether a line names a view and says nothing else: "Chest, two views"."""
    words = [*_words(line)]
    return _SETTING.issuperset(words) and not _TITLE.isdisjoint(words)


def names_film(text: str) -> bool:
    """Tell whether a text has words of what films show."""
    return bool(_FILM.search(text))


def _sentences(text: str, start: int, end: int) -> Iterator[_Sentence]:
    """Yield the sentences; a new line ends one if the next begins like one."""
    gap: Gap = "start"
    begin = start
    lower = text.islower()
    for cut in _CUT.finditer(text, start, end):
        if cut.start() < begin:
            continue
        newline = cut.group()[0] == "\n"
        if newline:
            following = text[cut.end() : cut.end() + 1]
            blank = cut.group().count("\n") > 1
            if not blank and (
                (following.islower() and not lower)
                or not _BEGINS.match(following)
                or _is_open(text[max(begin, cut.start() - 20) : cut.start()])
            ):
                continue
            if cut.start() > begin:
                yield _Sentence(begin, cut.start(), gap)
            gap, begin = "blank" if blank else "line", cut.end()
        else:
            if _LISTED.fullmatch(text, begin, cut.end()):
                continue
            yield _Sentence(begin, cut.end(), gap)
            space = re.compile(r"\s*").match(text, cut.end(), end)
            breaks = space.group().count("\n") if space else 0
            gap = "blank" if breaks > 1 else "stop" if breaks else "same"
            begin = space.end() if space else cut.end()
    if begin < end:
        yield _Sentence(begin, end, gap)


def _is_open(line: str) -> bool:
    """Tell whether a sentence goes on behind the end of a line."""
    return line.rstrip()[-1:] == "," or "".join(line.split()[-1:]).lower() in _OPEN


def _words(text: str) -> Iterator[str]:
    return (word.group().lower() for word in _WORD.finditer(text))


def _is_setting(text: str) -> bool:
    """Tell whether a sentence speaks of views, times and comparisons only."""
    if _SETTING.issuperset(_words(text)):
        return True
    return len(text) < 400 and bool(_TECHNICAL.search(text)) and not _FILM.search(text)


def _names_view(text: str) -> bool:
    words = {*_words(text)}
    return words <= _SETTING and not words.isdisjoint(_TITLE | {"comparison", "compared"})


def _describes(text: str) -> bool:
    return bool(_FILM.search(text) and _SAYS.search(text))


def _asks(text: str) -> bool:
    return bool(_ASKS.match(text) or _WANTS.search(text))


def _tells(text: str) -> bool:
    """Tell whether a sentence names symptoms and nothing of the film."""
    return bool(_SYMPTOM.search(text)) and not _FILM.search(text)
