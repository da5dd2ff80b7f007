"""The many spellings of archives' cells, brought to the values of a `Record`."""

import re
from typing import Literal

from radtex.corpus.record import Sex, View
from radtex.corpus.splits import Split
from radtex.errors import CorpusError

_UNKNOWN = {"", "?", "nan", "na", "n/a", "none", "null", "unk", "unknown", "<na>"}

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

_AGE = re.compile(r"(\d{1,4}(?:\.\d+)?)\s*([YMWD]?)", re.IGNORECASE)
_PER_YEAR = {"": 1.0, "Y": 1.0, "M": 12.0, "W": 365.25 / 7, "D": 365.25}
_OLDEST = 120.0


def view(cell: str) -> View:
    """Return the view that a cell states.

    PA and AP in any position ("AP Supine") are frontal; L, LL, RL and the like are LATERAL. What
    states nothing is "", and so is "frontal" alone, which leaves PA or AP open. All else is OTHER.
    """
    words = re.findall(r"[A-Z]+", cell.upper())
    if words[:1] == ["PA"] or words[:1] == ["AP"]:
        return "PA" if words[0] == "PA" else "AP"
    if {"L", "LL", "RL", "LATERAL", "LAT"} & set(words):
        return "LATERAL"
    if words == ["FRONTAL"] or is_unknown(cell):
        return ""
    return "OTHER"


def sex(cell: str) -> Sex:
    """Return F for f, female or woman, M for m, male or man, in any case; "" for all else."""
    match cell.strip().casefold():
        case "f" | "female" | "woman":
            return "F"
        case "m" | "male" | "man":
            return "M"
        case _:
            return ""


def age(cell: str) -> float | None:
    """Return years from "63", "63.0", "063Y" or, as DICOM has it, "018M", "006W", "010D".

    Returns:
        None where not stated, unreadable, or above 120 years.
    """
    found = _AGE.fullmatch(cell.strip())
    if found is None:
        return None
    years = float(found[1]) / _PER_YEAR[found[2].upper()]
    return years if years <= _OLDEST else None


def age_flags(cell: str) -> tuple[str, ...]:
    """Flag a stated age that `age` cannot make years of."""
    return ("age not readable",) if age(cell) is None and not is_unknown(cell) else ()


def label(cell: str) -> int | None:
    """Return 1, 0 or −1, also written "1.0"; None if blank.

    Raises:
        CorpusError: if the cell holds anything else.
    """
    if is_unknown(cell):
        return None
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if value not in (1, 0, -1):
        raise CorpusError("a label is none of 1, 0, −1 and blank")
    return int(value)


def split(cell: str) -> Split | Literal[""]:
    """Return an official split by its usual names; "" if it is none of them."""
    return _SPLITS.get(cell.strip().casefold(), "")


def is_unknown(cell: str) -> bool:
    """Tell whether a cell states that nothing is known: blank, "?", "nan", "unknown" or alike."""
    return cell.strip().casefold() in _UNKNOWN
