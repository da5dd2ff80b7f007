"""Tables that may be joined to images: their keys, and the columns that they are joined for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from radtex.corpus.joining.matching import Key, keys_of
from radtex.corpus.label_columns import guess_labels
from radtex.corpus.tables import Columns, Table
from radtex.corpus.tables.shown_names import shown_columns
from radtex.errors import CorpusError

_TEXTS = ("findings", "impression", "report")


@dataclass(frozen=True)
class JoinedTable:
    """A table that tells more about images."""

    kind: Literal["reports", "labels"]
    """What it holds."""
    table: Table
    """Its rows: of images, or of studies."""
    columns: Columns
    """Which of its columns plays which role."""
    keys: Sequence[Key]
    """What it may be joined by."""
    labels: Sequence[str] = ()
    """Its columns of labels."""

    @classmethod
    def of_reports(cls, table: Table, named: Columns) -> "JoinedTable":
        """Find keys and texts of a table of reports.

        Args:
            table: the reports.
            named: the columns that the user named; those that it lacks are of another table.

        Raises:
            CorpusError: if it has no key or no text.
        """
        columns = table.guess_columns(named.within(table.header))
        if not any(role in columns.named for role in _TEXTS):
            raise CorpusError(
                f"{table.path} has no column that looks like findings, impression or report; name "
                "it, for example --report-column NAME; "
                f"its columns are: {shown_columns(table.header)}"
            )
        return cls("reports", table, columns, keys_of(table, columns, named))

    @classmethod
    def of_labels(cls, table: Table, named: Columns, labels: Sequence[str] = ()) -> "JoinedTable":
        """Find keys and labels of a table of labels.

        Args:
            table: the labels.
            named: the columns that the user named; those that it lacks are of another table.
            labels: its columns of labels; by default they are guessed.

        Raises:
            CorpusError: if it has no key, no label, or not those that are named.
        """
        columns = table.guess_columns(named.within(table.header))
        keys = keys_of(table, columns, named)
        table.require(labels)
        of_keys = {key.column for key in keys}
        labels = labels or [n for n in guess_labels(table, columns) if n not in of_keys]
        if not labels:
            raise CorpusError(
                f"{table.path} has no column that looks like labels; name them by "
                f"--label-columns; its columns are: {shown_columns(table.header)}"
            )
        return cls("labels", table, columns, keys, labels)


def refuse_absent(named: Columns, headers: Sequence[Collection[str]]) -> None:
    """Refuse column names that no table has.

    Args:
        named: the columns that the user named.
        headers: the columns of each table.

    Raises:
        CorpusError: if one is in no table; the message lists the columns there are.
    """
    there = list(dict.fromkeys(name for header in headers for name in header if name))
    absent = [name for name in named.named.values() if name not in there]
    if absent and not there:
        raise CorpusError(
            f"no table is read that could have a column {', '.join(absent)}; "
            "give one by --reports or --labels"
        )
    if absent:
        raise CorpusError(
            f"no table has a column {', '.join(absent)}; the columns are: {shown_columns(there)}"
        )
