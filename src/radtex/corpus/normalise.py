"""The many spellings of archives' cells, brought to the values of a `Record`."""

import re
from typing import Literal

from radtex.corpus.record import Sex, View
from radtex.corpus.splits import Split
from radtex.corpus.view_words import view_of_cell
from radtex.errors import CorpusError

_UNKNOWN = {
    "", "?", "??", "-", "--", "---", "–", "—", ".", "nan", "na", "n/a", "#n/a", "<na>", "n.a.",
    "none", "null", "(null)", "\\n", "nil", "unk", "unknown", "not available", "not stated",
}  # fmt: skip

_SPLITS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "pool": "pool",
    "val": "validate",
    "valid": "validate",
    "validate": "validate",
    "validation": "validate",
    "dev": "validate",
    "test": "test",
    "testing": "test",
}

_LABEL_WORDS = {
    1: {"yes", "y", "true", "t", "present", "positive", "pos", "detected",
        "ja", "j", "wahr", "sí", "si", "verdadero", "oui", "vrai"},
    0: {"no", "n", "false", "f", "absent", "negative", "neg", "not present", "not detected",
        "nein", "falsch", "falso", "non", "faux"},
    -1: {"uncertain", "unsure", "maybe", "possible", "possibly", "equivocal", "indeterminate",
         "questionable", "doubtful", "probable", "suspected", "borderline", "unclear", "not sure",
         "hedge", "u", "unklar", "fraglich", "dudoso", "incierto"},
}  # fmt: skip
_LABELS = {word: value for value, words in _LABEL_WORDS.items() for word in words}

_AGE = re.compile(r"(\d{1,4}(?:[.,]\d+)?)\s*([YMWD]?)", re.IGNORECASE)
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
_PER_YEAR = {"": 1.0, "Y": 1.0, "M": 12.0, "W": 365.25 / 7, "D": 365.25}
_OLDEST = 120.0


def view(cell: str) -> View:
    """Return the view that a cell states, by `view_of_cell`; "" if it states that none is known."""
    return "" if is_unknown(cell) else view_of_cell(cell)


def sex(cell: str) -> Sex:
    """Return F for f, female or woman, M for m, male or man, in any case; "" for all else.

    German and Spanish words are read, too, but for letters that mean one sex here, another there.
    """
    match cell.strip().casefold():
        case "f" | "female" | "woman" | "w" | "weiblich" | "frau" | "mujer" | "femenino":
            return "F"
        case "m" | "male" | "man" | "männlich" | "mann" | "hombre" | "masculino":
            return "M"
        case _:
            return ""


def age(cell: str) -> float | None:
    """Return years from "63", "63.0", "63,0" or, as DICOM has it, "063Y", "018M", "006W", "010D".

    Returns:
        None where not stated, unreadable, or above 120 years.
    """
    found = _AGE.fullmatch(cell.strip())
    if found is None:
        return None
    years = float(found[1].replace(",", ".")) / _PER_YEAR[found[2].upper()]
    return years if years <= _OLDEST else None


def age_flags(cell: str) -> tuple[str, ...]:
    """Flag a stated age that `age` cannot make years of."""
    return ("age not readable",) if age(cell) is None and not is_unknown(cell) else ()


def label(cell: str) -> int | None:
    """Return 1, 0 or −1 from a number ("1.0", "1,0") or a word in any case; None if blank.

    Yes, true, present and positive are 1; no, false, absent and negative are 0; words of doubt
    ("uncertain", "maybe", "possible", "u") are −1. German, Spanish and French yes, no, true and
    false are known too, as their versions of Excel write them. What is not known is blank ("?").

    Raises:
        CorpusError: if the cell holds anything else; the message names the kind.
    """
    if is_unknown(cell):
        return None
    word = cell.strip().casefold()
    if word in _LABELS:
        return _LABELS[word]
    try:
        value = float(word.replace(",", ".").replace("−", "-"))
    except ValueError:
        kind = "several words" if len(word.split()) > 1 else "another word"
    else:
        if value in (1, 0, -1):
            return int(value)
        kind = "another number"
    raise CorpusError(f"a label is none of 1, 0, −1, yes, no and blank, but {kind}")


def text(cell: str) -> str:
    """Return a text, stripped; "" if it states that there is none, such as "nan" or "N/A"."""
    return "" if is_unknown(cell) else cell.strip()


def split(cell: str) -> Split | Literal[""]:
    """Return an official split by its usual names; "" if it is none of them."""
    return _SPLITS.get(cell.strip().casefold(), "")


def is_rounded(cell: str) -> bool:
    """Tell whether a cell is an id that a spreadsheet rounded, such as "1,23E+19"."""
    return _ROUNDED.fullmatch(cell.strip()) is not None


def is_unknown(cell: str) -> bool:
    """Tell whether a cell as a whole states nothing: blank, "?", "-", "nan", "N/A" or alike."""
    return cell.strip().casefold() in _UNKNOWN
