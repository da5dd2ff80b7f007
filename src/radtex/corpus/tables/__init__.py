"""Tables of text cells, and the roles that their columns play."""

from radtex.corpus.tables.columns import Columns
from radtex.corpus.tables.read import read_table
from radtex.corpus.tables.tables import Table

__all__ = ["Columns", "Table", "read_table"]
