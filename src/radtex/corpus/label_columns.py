"""Which columns of a table are labels, where nobody names them."""

import re
from collections.abc import Collection, Sequence

from radtex.corpus import normalise
from radtex.corpus.tables import Columns, Table
from radtex.errors import CorpusError
from radtex.findings import is_known_label

_ROW_NUMBER = re.compile(r"unnamed: \d+|index|level_\d+|__index_level_\d+__")
_COUNT = re.compile(
    r"(n|num|number|count|anzahl)([ _.-].*)?|.*[ _-](count|number|anzahl)"
    r"|(images|films|views|series|studies)[ _-](of|per|in)[ _-].*"
)
"""A number of things, such as `images_of_study` in the table of `radtex next`."""
_BOOLEANS = {"true", "false", "wahr", "falsch", "vrai", "faux", "verdadero", "falso"}
"""As Excel writes them in English, German, French and Spanish."""


MAX_LABELS = 1000
"""Labels of a corpus: each costs memory in every row, and archives have fifteen."""


def refuse_many_labels(names: Collection[str]) -> None:
    """Refuse more labels than a corpus holds.

    Raises:
        CorpusError: if there are more than `MAX_LABELS`.
    """
    if len(names) > MAX_LABELS:
        raise CorpusError(
            f"{len(names):,} labels were found, and a corpus holds at most {MAX_LABELS:,}; name "
            "those that count, by --labels or --label-columns"
        )


def guess_labels(table: Table, columns: Columns) -> list[str]:
    """Return the columns that look like labels, in the order of the table.

    They are those with the name of a known finding, whatever their cells, and others whose cells
    are all 1, 0, −1, True, False, a word of doubt ("u") or blank, and not doubts or blank alone. A
    column of other words, such as "smoker" with yes and no, may be anything. Columns that play a
    role, numbers of things by their name ("images_of_study"), and the numbers of rows that other
    programs add ("Unnamed: 0", "index"), are none.
    """
    taken = set(columns.named.values())
    free = [
        name
        for name in table.header
        if name and name not in taken and not _ROW_NUMBER.fullmatch(name.casefold())
    ]
    return [
        name
        for name in free
        if is_known_label(name)
        or (not _COUNT.fullmatch(name.casefold()) and _holds_labels([r[name] for r in table.rows]))
    ]


def can_hold_labels(cells: Sequence[str]) -> bool:
    """Tell whether cells are all labels or blank, in numbers or words, and not blank alone."""
    try:
        stated = {normalise.label(cell) for cell in cells}
    except CorpusError:
        return False
    return bool(stated - {None})


def _holds_labels(cells: Sequence[str]) -> bool:
    """The same of numbers, beside which there may be words of doubt."""
    stated = [cell.strip() for cell in cells if not normalise.is_unknown(cell)]
    plain = [cell for cell in stated if _is_plain(cell)]
    doubts = [cell for cell in stated if not _is_plain(cell)]
    return bool(plain) and can_hold_labels(stated) and {*map(normalise.label, doubts)} <= {-1}


def _is_plain(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return cell.casefold() in _BOOLEANS
    return True
