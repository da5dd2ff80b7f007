"""References to earlier studies: finding them, and rewriting a report as if there were none.

An image does not show what has changed since another one, so a captioner that learns "unchanged"
learns to make it up. The rules are the tables of this file, and all ignore case. "Prior sternotomy"
and "prior granulomatous disease" stay, since they are history and no earlier study; so does
"acute".
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from radtex.findings import NO_FINDING
from radtex.reports.labeling import find_mentions, label_report

_STUDY = (
    r"(?:(?:stud(?:y|ies)|exam(?:ination)?s?|radiographs?|films?|x-?rays?|cts?|scans?|images?|"
    r"imaging|reports?|comparisons?|evaluations?)\b|chest(?= ?(?:[.,;)]|$)))"
)
_STUDIES = rf"{_STUDY}(?:(?: chest)? {_STUDY})*"
_NAMED = r"(?: (?!of\b|on\b|in\b|from\b|with\b|to\b|at\b|by\b)[\w-]+)"
_EARLIER_STUDY = (
    r"(?:(?:the|a|an|that|this|these|those|multiple|any) )?(?:most )?(?:"
    rf"(?:prior|previous|earlier|preceding|comparison){_NAMED}{{0,4}}? {_STUDIES}|"
    rf"(?:recent|old|last|outside) (?:prior )?{_NAMED}{{0,1}}? ?{_STUDIES}|"
    r"(?:prior|previous)s?(?= ?(?:[.,;)]|$)| and\b))"
)
_DATE = r"(?: (?:of|from|dated|on|performed|obtained|in) (?:\w+ )?\d[\d/.:-]*\d)?"
_HOW = (
    r"(?:(?:grossly|essentially|relatively|largely|overall|slightly|mildly|minimally|moderately|"
    r"markedly|significantly|substantially|definitely|appreciably|now|also|again|not|otherwise|"
    r"been|somewhat|fairly|generally|perhaps|further|clearly|likely) ){0,4}"
)
_MUCH = (
    r"(?:(?:significant|interval|substantial|appreciable|relevant|definite|mild|slight|minimal|"
    r"moderate|marked|further|gross|obvious|great|other|some|any) ){0,4}"
)
_SAME = r"(?:unchanged|stable|similar|constant|new|persistent|worse|larger|smaller)"
_GREW = (
    r"(?:increased|decreased|enlarged|worsened|progressed|developed|changed|grown|appeared|"
    r"diminished|persisted)"
)
_ASPECT = (
    r"(?: in (?:size|appearance|position|positioning|extent|location|configuration|contour|"
    r"caliber|severity|degree|prominence|number|distribution|the interval)"
    r"(?: (?:and|or) \w+)?)?"
)
_OF_ASPECT = _ASPECT.removesuffix("?")
_SEEN = r"(?:seen|noted|demonstrated|identified|visualized|visible|evident|present|described)"
_PIECE_START = r"(?:^|(?<=[,;] )|(?<= and )|(?<= with )|(?<= the )|(?<= an )|(?<= a ))"
_PHRASE_END = (
    r"(?= ?[.,;)]|$| (?:with|without|in|at|over|overlying|since|from|on|compared|when|as)\b)"
)

_REFERENCE = re.compile(
    "|".join(
        (
            r"\b(?:unchanged|stable|stably|stability|interval(?:ly)?|again|similar|previously)\b",
            r"\b(?:re-?demonstrat\w+|re-?identified|new|newly|since|still|now|no longer)\b",
            r"\b(?:compared|comparison|comparisons|comparing|comparable|as before|priors)\b",
            rf"\b{_EARLIER_STUDY}",
            r"\b(?:remain|remains|remained|continu(?:e|es|ed|ing)|persist\w*)\b",
            r"\b(?:worsen\w*|worse(?! (?:in|at|on)\b)|progress\w*|improv\w*|regress\w*)\b",
            r"\b(?:resolved|resolving|extubated|(?<!document )(?<!ensure )resolution)\b",
            r"\b(?:increasing|decreasing|enlarging)\b",
            rf"\b(?:no|not|without|little|any) {_MUCH}changed?\b|\bnot {_HOW}changed\b",
            rf"\b(?:increase|decrease|change) in\b|\b(?:has|have) {_HOW}(?:{_GREW}|cleared)\b",
            r"\b(?:has|have) been (?:\w+ )?(?:removed|placed|inserted|withdrawn|advanced)\b",
        )
    ),
    re.I,
)
"""What counts as a reference to an earlier study."""

_GONE = re.compile(
    r"\b(?:no longer|resolved|resolution|removed|removal|cleared|clearing|withdrawn|disappeared|"
    r"improved|improvement|extubat\w+|(?:more|less) \w+ than)\b",
    re.I,
)
"""In a clause with a reference: what it names may be gone, so the clause is dropped."""

_NEGATION = re.compile(
    r"\b(?:no|not|none|without|nor|neither|never|negative for|(?:free|clear|absence|lack) of)\b",
    re.I,
)
_DENIED = re.compile(
    r"\b(?:new|newly|interval|worsening|progression|progressive|progressed|developed|increasing|"
    r"increase|increased|enlarging|change|changed)\b",
    re.I,
)
"""After a negation: an old finding may still be there, so the clause ends before the negation."""

_Rules = tuple[tuple[re.Pattern[str], str], ...]


def _rules(*table: tuple[str, str]) -> _Rules:
    return tuple((re.compile(pattern, re.I), words) for pattern, words in table)


_COMPARISONS = _rules(
    (r",? ?\bin the interval\b,?", ""),
    # "Compared to the prior study of 5/6/2010, …"; "… from the previous radiograph"
    (rf",? ?\b(?:(?:as |when |again |in )*(?:compar(?:ed|ison|ing|able)|relative|similar) "
     rf"(?:is made )?(?:to|with)|from|since|than|as (?:seen |noted )?on|as in|on|to|with) "
     rf"{_EARLIER_STUDY}{_DATE}", ""),
    # "Effusion, larger since yesterday"
    (r",? ?\b(?:(?:as )?compared (?:to|with)|since|from) (?:yesterday|last (?:night|week|month)|"
     rf"this morning|admission|(?:the )?(?:prior|previous)s?){_PHRASE_END}", ""),
    # "No change in the large hernia"; "mild interval increase in the effusion"
    (rf"^(?:there (?:is|has been|are) )?(?:no |little )?{_MUCH}"
     r"(?:change|increase|decrease|worsening|progression) (?:in|of) (?:(?:the )?"
     r"(?:size|appearance|amount|extent|position|degree)(?: and \w+)? of )?(?:the )?", ""),
    # "mild edema, improved": it is still there
    (rf", {_HOW}(?:improved|{_GREW}){_ASPECT}{_PHRASE_END}", ""),
)  # fmt: skip
"""Pattern and replacement, applied in this order to a clause with a reference."""

_REWRITES = _rules(
    # "There has been interval placement of a line"; "a line has been placed"
    (rf" (?:has|have) {_HOW}been {_HOW}(?:placed|inserted|advanced|repositioned)\b", ""),
    (rf"\bthere (?:has|have) been {_MUCH}(?:development|placement|appearance|insertion) of ",
     "there is "),
    (rf"\bthere (?:has|have) been (?:an? )?{_MUCH}", "there is "),
    (r"\binterval (?:development|placement|appearance|insertion) of ", ""),
    # "Stable appearance of the effusion"
    (rf"\b{_SAME} (?:appearance|size|position|extent|degree|amount) of (?:the )?", ""),
    # "Again seen is an effusion"; "redemonstration of an effusion"
    (r"^(?:again|re-?demonstrated)(?: (?:seen|noted|demonstrated|identified|visualized))?,? "
     r"(is|are) ", r"there \1 "),
    (r"^(?:again|re-?demonstrated)(?: (?:seen|noted|demonstrated|identified|visualized))?,? ",
     ""),
    (r"\b(?:re-?demonstration|persistence|continued presence) of ", ""),
    (r"\bre-?demonstrated\b", "seen"),
    # "and again seen effusion"; "effusion again noted in the left base"
    (rf"{_PIECE_START}(?:again|previously) {_SEEN}\b ?", ""),
    (rf"(?<!is)(?<!are)(?<!was)(?<!were) again {_SEEN}\b", ""),
    # "is stable and normal"; "normal and unchanged"; "cardiomegaly, unchanged"
    (rf"\b{_HOW}{_SAME} (?:and|but) ", ""),
    (rf",? (?:and|but) {_HOW}{_SAME}{_ASPECT}{_PHRASE_END}", ""),
    (rf",? (?:with|without) (?:no )?{_MUCH}change{_ASPECT}{_PHRASE_END}", ""),
    (rf", {_HOW}{_SAME}{_ASPECT}{_PHRASE_END}", ""),
    # "the effusion is unchanged in size"; "the effusion has increased"
    (r",?(?: (?:which|that))? (?:is|are|was|were|appears?|remains?|(?:has|have) been) "
     rf"{_HOW}(?:{_SAME}|changed){_ASPECT}{_PHRASE_END}", ""),
    (rf" (?:has|have) {_HOW}{_GREW}{_ASPECT}{_PHRASE_END}", ""),
    # "effusion unchanged in size"
    (rf",? ?\b{_HOW}(?:{_SAME}|{_GREW}){_OF_ASPECT}(?!\w)", ""),
    (r" persists?\b", ""),
    # "the heart remains enlarged"; "there continues to be an effusion"
    (r"\b(?:has remained|remains|remained|continues to be|continues to remain)\b", "is"),
    (r"\b(?:have remained|remain|continue to be|continue to remain)\b", "are"),
    (r"\bcontinues? to (?=show|demonstrate|have)", ""),
    (r"\bthere (?:continues|persists)\b", "there is"),
    # what is left: "stable cardiomegaly", "a persistent opacity", "previously seen nodule"
    (r"\bpreviously(?: (?:seen|noted|described|identified|demonstrated|visualized|reported))?\b"
     r" ?", ""),
    (rf"\b{_HOW}(?:unchanged|stable|stably|similar|new|newly|interval|persistent|persistently|"
     r"worse(?! (?:in|at|on)\b)|"
     r"persisting|worsening|worsened|increasing|decreasing|enlarging|improving|resolving|"
     r"progressive|progressively|progressing|continued|continuing)(?:[ -]appearing)?\b,? ?", ""),
    (r",? ?\b(?:again|still|now|as before),?(?= |$)", ""),
)  # fmt: skip
"""The same, after negations have been dealt with."""

_SAYS = re.compile(
    r"\b(?:airspace|arthri|atelecta|athero|blunt|bronch|calcif|cardiomeg|chang|clear|congest|"
    r"consolidat|copd|deform|degenerat|densit|dilat|disease|ectas|ectati|effusion|elevat|emphysem|"
    r"engorg|enlarg|fibro|fractur|fusion|granuloma|hernia|hyper|hypo|infiltrat|interstiti|kypho|"
    r"lesion|lucen|markings|mass|nodul|nonenlarged|obscur|o?edema|opaci|osteo|pneumo|prominen|"
    r"reticul|scar|scolio|thicken|tortuo|unfold|widen|intact|limits|normal|unremarkable|"
    r"catheter|clip|device|drain|hardware|icd|lead|lines?\b|pace|picc|port\b|postop|stent|"
    r"sternotomy|surg|tube|valve|wire|big|large|low\b|mild|moderate|severe|small)",
    re.I,
)
"""Beginnings of words that make a remainder worth keeping: a finding, a device, a size, normal."""

_SENTENCE = re.compile(r"(?<=[.!?])\s(?=[A-Z0-9(])|\s(?=\(?\d{1,2}[.)] [A-Z])")
_BULLET = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s")
_CAPITAL = re.compile(r"[A-Z][a-z]|[A-Z] [a-z]")
_UNDONE = re.compile(
    r"(?:[,/(-]|\b(?:and|or|of|the|an?|in|with|to|for|no|at|on|by|is|are|as|from|than))$", re.I
)
_LONGEST = 2000
"""Characters of a sentence that is rewritten, at most; a longer one is no sentence."""
_NUMBER = re.compile(r"\(?\d{1,2}[.)]")
_MODIFIER = (
    rf"{_HOW}(?:unchanged|stable|stably|similar|new|newly|interval|persist\w+|worse|worsen\w+|"
    r"increas(?:ed|ing)|decreas(?:ed|ing)|enlarging|larger|smaller|improv\w+|resolv\w+|progress\w+|"
    r"continu\w+|chronic|again|previously|re-?demonstrated|constant)\b"
)
_CHANGE = re.compile(rf"{_MODIFIER}{_ASPECT}", re.I)
_FOLLOWS = r"(?:[\w-]+ ){0,6}?(?:is|are|was|were|has|have|remains?|appears?|persists?)\b"
_CLAUSE = re.compile(
    r"(; |,? but | [-–—/] | and (?=(?:there|no)\b)|"
    rf",? (?:and|while|although|with) (?=the {_FOLLOWS})|"
    r"(?:(?<=stable)|(?<=unchanged)) and (?=the\b|[\w-]+ (?:[\w-]+ ){0,3}?(?:is|are)\b)|"
    r", (?:(?:and|while|although|with) )?"
    r"(?=(?:the|there|no|lungs?|heart|cardiomediastinal|stable|unchanged)\b)|"
    rf"(?:, (?:and )?|,? and |,? although |,? while )(?={_FOLLOWS}(?! {_SEEN}))|"
    rf"(?:, (?:and |with |but )?| and | with )(?=(?:(?:the|an?) )?{_MODIFIER}))",
    re.I,
)
_ALWAYS = re.compile(r"; |,? but", re.I)
_CHOICE = re.compile(r"\bn?or\b", re.I)
_DENIAL = re.compile(rf"{_NEGATION.pattern}|\b(?:absent|excluded|resolved|ruled out|gone)\b", re.I)
_LOOSE_END = re.compile(
    r"(?:[\s,]{1,3}(?:is|are|has|have|with|and|or|but|appears?)){0,4}[\s,]{0,3}$", re.I
)
_POINTS = re.compile(r"(?:this|these|it|which)\b(?! (?:is|are|may|likely)\b)", re.I)
_A, _AN = re.compile(r"\b(a) (?=[aeio])", re.I), re.compile(r"\b(a)n (?=[^aeiouh\W])", re.I)
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|appears?|shows?)\b", re.I)


def refers_to_priors(text: str) -> bool:
    """Return whether a text refers to an earlier study: "unchanged", "compared with the prior"."""
    return any(map(_REFERENCE.search, _sentences(text)))


def priors_rate(texts: Iterable[str]) -> float:
    """Return the share of texts that refer to an earlier study, among those that are not empty.

    Args:
        texts: the texts.

    Returns:
        The share, 0 to 1; 0 if all texts are empty.
    """
    references = [refers_to_priors(text) for text in texts if text.strip()]
    return sum(references) / len(references) if references else 0.0


def remove_priors(text: str) -> str:
    """Drop or rewrite each clause that refers to an earlier study; white space is collapsed.

    "Unchanged small left effusion." becomes "Small left effusion.", since that is still true of
    this image. "The heart is unchanged." and "No new opacity." go, since without the reference
    they would say nothing or something else. The result never refers to an earlier study, and
    `label_report` reads no observation in it that it does not read alike in the text: where a
    rewriting would deny what is present, or state what is not, the sentence goes too.

    Args:
        text: the text, from which `remove_blanks` has removed the marks of de-identification.
    """
    kept: list[tuple[str, bool]] = []
    number, dropped = "", False
    for sentence in _sentences(text):
        remainder = _without_reference(sentence)
        if _NUMBER.fullmatch(sentence):
            number += f"{sentence} "
        elif remainder:
            kept.append((number + remainder, remainder != sentence))
            number = ""
        else:
            dropped, number = True, ""
    if number:
        kept.append((number.strip(), False))
    if not dropped and not any(changed for _, changed in kept):
        return " ".join(sentence for sentence, _ in kept)
    return " ".join(_agreeing(kept, text))


def _sentences(text: str) -> list[str]:
    """Return the sentences; one that only the end of its line ends gets its stop."""
    blocks = [*_blocks(text)]
    ended = [f"{block}." if block[-1].isalnum() else block for block in blocks[:-1]]
    return [part for block in (*ended, *blocks[-1:]) for part in _SENTENCE.split(block)]


def _blocks(text: str) -> Iterator[str]:
    """Yield lines that belong together: up to a blank one, a bullet, or a new beginning."""
    block: list[str] = []
    for line in (" ".join(line.split()) for line in text.split("\n")):
        begins = _CAPITAL.match(line) and block and not _UNDONE.search(block[-1])
        if block and (not line or begins or _BULLET.match(line)):
            yield " ".join(block)
            block = []
        if line:
            block.append(line)
    if block:
        yield " ".join(block)


@lru_cache(maxsize=1 << 12)
def _without_reference(sentence: str) -> str:
    if not _REFERENCE.search(sentence):
        return sentence
    if len(sentence) > _LONGEST:
        return ""
    words = sentence.rstrip(".!? ")
    end = sentence[len(words) :]
    labels = _labels(sentence)
    for candidate in (_rewritten(words), _untouched(words)):
        if candidate and not _REFERENCE.search(candidate):
            remainder = candidate[0].upper() + candidate[1:] + end
            if not _disagreements(labels, _labels(remainder)):
                return remainder
    return ""


def _rewritten(words: str) -> str:
    """Return what is left of a sentence; what was rewritten stands apart from a denial."""
    kept, last, last_changed = "", "", False
    for joint, clause in _clauses(words):
        remainder = _rewrite(clause)
        if not remainder:
            last_changed = True
            continue
        changed = last_changed or remainder != clause
        apart = changed and (_DENIAL.search(last) or _DENIAL.search(remainder))
        if not kept:
            kept = remainder
        elif apart:
            kept += f". {remainder[0].upper()}{remainder[1:]}"
        else:
            kept += joint + remainder
        last, last_changed = remainder, remainder != clause
    return kept


def _untouched(words: str) -> str:
    """Return the clauses of a sentence that have no reference, each as a sentence."""
    kept = [clause for _, clause in _clauses(words) if not _REFERENCE.search(clause)]
    return ". ".join(clause[:1].upper() + clause[1:] for clause in kept)


def _clauses(words: str) -> list[tuple[str, str]]:
    """Return clauses, each with the words that join it to the one before it.

    Before an "or", what follows a comma is still part of the list that the "or" ends.
    """
    *_, choice = (0, *(match.start() for match in _CHOICE.finditer(words)))
    clauses, joint, start = [], "", 0
    for match in _CLAUSE.finditer(words):
        if match.start() > choice or _ALWAYS.match(match[0]):
            clauses.append((joint, words[start : match.start()]))
            joint, start = match[0], match.end()
    return [*clauses, (joint, words[start:])]


def _agreeing(sentences: Sequence[tuple[str, bool]], text: str) -> list[str]:
    """Return sentences without those that deny or state what their text does not.

    That is a sentence that was rewritten, or denies by name what another one stated that is gone.
    """
    labels = _labels(text)
    kept = [*sentences]
    while wrong := _disagreements(labels, _labels(" ".join(part for part, _ in kept))):
        agreeing = [(part, changed) for part, changed in kept if not _tells(part, changed, wrong)]
        if len(agreeing) == len(kept):
            break
        kept = agreeing
    return [part for part, _ in kept]


def _tells(sentence: str, changed: bool, labels: Collection[str]) -> bool:
    mentions = find_mentions(sentence, "english")
    return any(m.label in labels and (changed or m.cues) for m in mentions)


def _labels(text: str) -> Mapping[str, int | None]:
    return label_report(text, "english")


def _disagreements(before: Mapping[str, int | None], after: Mapping[str, int | None]) -> list[str]:
    """Return what is stated after, and was not stated before or stated otherwise."""
    return [
        label
        for label, state in after.items()
        if label != NO_FINDING and state is not None and state != before[label]
    ]


def _rewrite(clause: str) -> str:
    if not _REFERENCE.search(clause):
        return clause
    for pattern, words in _COMPARISONS:
        clause = pattern.sub(words, clause)
    if _GONE.search(clause):
        return ""
    negation = _NEGATION.search(clause)
    if negation and _DENIED.search(clause, negation.end()):
        clause = _LOOSE_END.sub("", clause[: negation.start()])
    for pattern, words in _REWRITES:
        clause = pattern.sub(words, clause)
    clause = _LOOSE_END.sub("", " ".join(clause.split()).lstrip(" ,"))
    if not _VERB.search(clause):
        clause = re.sub(r"^the ", "", clause, flags=re.I)
    clause = _AN.sub(r"\1 ", _A.sub(r"\1n ", clause))
    points = _POINTS.match(clause) or _CHANGE.fullmatch(clause)
    says = _SAYS.search(clause) and not points
    return clause if says and not _REFERENCE.search(clause) else ""
