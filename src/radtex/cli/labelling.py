"""`radtex label`: labels that readers bring to a corpus that is built."""

from pathlib import Path
from typing import Annotated

from radtex.cli.corpus import ColumnFlags
from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Names, given
from radtex.corpus.tables import Columns
from radtex.errors import CorpusError


@shows_defaults_of("radtex.corpus.readings.label_table:bring_labels")
def label(
    corpus: Path,
    table: Path | None = None,
    /,
    *,
    reader: str | None = None,
    reader_column: str | None = None,
    label_columns: Names = None,
    columns: Annotated[Columns, ColumnFlags] = Columns(),
    replace: bool | None = None,
    undo: bool = False,
    encoding: str | None = None,
) -> None:
    """Bring a table of labels into a corpus; its images and splits stay as they are.

    A row names its film by path, image id, study id or accession number. Bad rows are left out, and
    named by number. Of several readers, the label that most gave counts; of a tie, uncertain.

    Args:
        corpus: A folder that `corpus build` made.
        table: A CSV, Excel or Parquet file, such as the one of `radtex next`, filled in.
        reader: Who read the films, for a table without a column of readers. What the same reader
            stated before of the same study and finding is replaced. Without it, `reader`.
        reader_column: Column of the readers' names. Without it, it is found by its usual names.
        label_columns: Columns that are labels. Without it, they are found by the names of the
            corpus's labels and of findings.
        columns: The column that plays each role.
        replace: Make void all that these readers stated before, not only of the same studies.
        undo: Undo the last table that was brought. The file `labels.jsonl` of the corpus keeps it.
        encoding: Encoding of a CSV.
    """
    from radtex.corpus.readings.label_table import bring_labels, undo_labels

    if undo:
        if table is not None:
            raise CorpusError(
                f"--undo takes no table, and {table} was named; leave one of them out"
            )
        print(undo_labels(corpus))
        return
    if table is None:
        raise CorpusError("name a table of labels: a CSV, Excel (.xlsx) or Parquet file")
    options = given(
        reader=reader,
        reader_column=reader_column,
        label_columns=label_columns,
        columns=columns,
        replace=replace,
        encoding=encoding,
    )
    print(bring_labels(corpus, table, **options))
