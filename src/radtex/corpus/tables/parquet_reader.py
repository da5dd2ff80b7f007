"""Tables as Parquet."""

from pathlib import Path

from radtex.corpus.tables import packed
from radtex.corpus.tables.cells import cell_text
from radtex.corpus.tables.tables import Table, check_header
from radtex.errors import CorpusError

PARQUET = b"PAR1"
"""What a Parquet file begins with."""
_CELLS = 2**26
"""Cells of a table; a value that repeats takes no bytes in the file, but does as text."""


def read_parquet(path: Path) -> Table:
    """Read a Parquet file, as `read_table` does."""
    import pandas as pd  # here, since the processes of a build start faster without it
    from pyarrow.parquet import read_metadata

    try:
        about = read_metadata(path)
        unpacked = sum(about.row_group(at).total_byte_size for at in range(about.num_row_groups))
        if unpacked > packed.MAX_UNPACKED or about.num_rows * about.num_columns > _CELLS:
            raise CorpusError(
                f"{path} unpacks to more than {packed.MAX_UNPACKED:,} bytes or {_CELLS:,} cells; "
                "expected a table"
            )
        # Types that can be null: whole numbers beside blanks keep all their digits.
        frame = pd.read_parquet(path, dtype_backend="numpy_nullable")
    except (ValueError, OSError) as error:
        raise CorpusError(f"{path} is no Parquet table that can be read") from error
    header = tuple(str(column) for column in frame.columns)
    check_header(path, header)
    cells = frame.astype(object).where(frame.notna(), None).to_numpy()
    rows = [dict(zip(header, map(cell_text, row), strict=True)) for row in cells]
    return Table(path, header, rows)
