"""Reading a table, whatever kind of file it is."""

from pathlib import Path

from radtex.corpus.tables.csv_reader import read_csv
from radtex.corpus.tables.parquet_reader import read_parquet
from radtex.corpus.tables.tables import Table
from radtex.errors import CorpusError


def read_table(path: Path, encoding: str = "utf-8") -> Table:
    """Read a table as text; blank and null cells are "".

    Args:
        path: a CSV, packed (.csv.gz) or not, or a Parquet file (.parquet).
        encoding: of the text in a CSV.

    Raises:
        CorpusError: if the file is missing, empty, no table, not text in `encoding`, or unpacks to
            more than `MAX_UNPACKED` bytes.
    """
    if not path.is_file():
        raise CorpusError(f"{path} is no file; expected a CSV or Parquet table")
    return read_parquet(path) if path.suffix == ".parquet" else read_csv(path, encoding)
