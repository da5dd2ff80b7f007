"""Which columns of a table are labels, where nobody names them."""

from collections.abc import Sequence

from radtex.corpus import normalise
from radtex.corpus.tables import Columns, Table
from radtex.errors import CorpusError
from radtex.findings import is_known_label


def guess_labels(table: Table, columns: Columns) -> list[str]:
    """Return the columns that look like labels, in the order of the table.

    They are those with the name of a known finding, and others that hold nothing but what
    `normalise.label` reads, and not blanks alone. Columns that play a role are none.
    """
    free = [name for name in table.header if name and name not in columns.named.values()]
    return [
        name
        for name in free
        if is_known_label(name) or _holds_labels([row[name] for row in table.rows])
    ]


def _holds_labels(cells: Sequence[str]) -> bool:
    try:
        values = [normalise.label(cell) for cell in cells]
    except CorpusError:
        return False
    return any(value is not None for value in values)
