"""Any CSV, Excel or Parquet table with a row per image, image files beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from radtex.corpus import normalise
from radtex.corpus.label_columns import guess_labels
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.tables import Columns, read_table
from radtex.corpus.tables.shown_names import shown_columns
from radtex.corpus.trees.moved_paths import with_located_paths
from radtex.errors import CorpusError

_IDS = ("image_id", "study_id", "accession")


@dataclass(frozen=True)
class TableSource(FileSource):
    """The table file (`root`); image paths in it are relative to its folder."""

    columns: Columns = field(default_factory=Columns)
    """Which column plays which role; those not named are guessed by common names."""
    labels: Sequence[str] = ()
    """The label columns. Where none is named, they are guessed by `guess_labels`."""
    is_joined: bool = False
    """Whether other tables are joined to this one; then `columns` may name theirs, too."""

    name = "table"
    tabular = True
    namespace = "table"
    expects = "a CSV, Excel (.xlsx) or Parquet file, a row per image, image paths relative to it"
    origin = "your own"

    @property
    def folder(self) -> Path:
        """The folder of the table."""
        return self.root.parent

    def listing(self, encoding: str) -> Listing:
        """List the rows of the table."""
        table = read_table(self.root, encoding)
        named = self.columns.within(table.header) if self.is_joined else self.columns
        columns = table.guess_columns(named)
        for role in ("image", "patient_id"):
            if role not in columns.named:
                raise CorpusError(
                    f"{self.root} has no column that looks like {role}; name it. "
                    f"Its columns are: {shown_columns(table.header)}"
                )
        table.require(self.labels)
        labels = self.labels or guess_labels(table, columns)
        entries = [*(_entry(row, columns, labels) for row in table.rows), *table.rejections]
        entries = with_located_paths(entries, self.folder)
        settings = {"root": str(self.root), "columns": columns.named, "labels": list(labels)}
        places = [f"line {table.line(row)}" for row in range(len(table.rows))]
        places += [rejection.row for rejection in table.rejections]
        return Listing(entries, settings | table.settings, table.header, places)


def _entry(row: Mapping[str, str], columns: Columns, labels: Sequence[str]) -> Record | Rejection:
    cells = {role: row[column].strip() for role, column in columns.named.items()}
    cells |= {role: normalise.text(cells[role]) for role in _IDS if role in cells}
    path, patient, age = cells["image"], cells["patient_id"], cells.get("age", "")
    image_id = cells.get("image_id", path)
    if normalise.is_unknown(patient):
        return Rejection(image_id, "patient id is empty")
    if normalise.is_rounded(patient):
        return Rejection(image_id, "patient id is a number that a spreadsheet rounded (1.2E+19)")
    values: dict[str, int | None] = {}
    for name in labels:
        try:
            values[name] = normalise.label(row[name])
        except CorpusError as error:
            return Rejection(image_id, f"{name}: {error}")
    return Record(
        image_id=image_id,
        study_id=cells.get("study_id") or cells.get("accession") or image_id,
        patient_id=patient,
        source_path=path,
        view=normalise.view(cells.get("view", "")),
        age=normalise.age(age),
        sex=normalise.sex(cells.get("sex", "")),
        split=normalise.split(cells.get("split", "")),
        labels=values,
        flags=normalise.age_flags(age),
        accession=cells.get("accession", ""),
        texts=columns.texts(row),
    )
