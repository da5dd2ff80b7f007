"""Tables as Parquet."""

from pathlib import Path

from radtex.corpus.tables.tables import Table, check_header
from radtex.errors import CorpusError


def read_parquet(path: Path) -> Table:
    """Read a Parquet file, as `read_table` does."""
    import pandas as pd  # here, since the processes of a build start faster without it

    try:
        frame = pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise CorpusError(f"{path} is no Parquet table that can be read") from error
    header = tuple(str(column) for column in frame.columns)
    check_header(path, header)
    cells = frame.astype(object).where(frame.notna(), "").to_numpy()
    rows = [dict(zip(header, map(_text, row), strict=True)) for row in cells]
    return Table(path, header, rows)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
