"""CSV and Parquet tables of text cells, and the roles that their columns play."""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import BinaryIO

from radtex.corpus.record import Rejection, Texts
from radtex.corpus.report_texts import report_texts
from radtex.errors import CorpusError

_NAMES: Mapping[str, tuple[str, ...]] = {
    "image": ("image", "image_path", "path", "path_to_image", "file", "file_name", "file_path",
              "image_file", "img", "img_path", "image_id"),
    "image_id": ("image_id", "image_index", "dicom_id", "img_id"),
    "study_id": ("study_id", "study", "exam_id", "accession_number", "study_instance_uid"),
    "patient_id": ("patient_id", "patient", "subject_id", "subject", "deid_patient_id", "pid"),
    "view": ("view", "view_position", "projection", "ap_pa"),
    "age": ("age", "patient_age", "age_years"),
    "sex": ("sex", "gender", "patient_sex", "patient_gender"),
    "split": ("split", "subset", "partition"),
    "indication": ("indication", "section_indication", "clinical_history", "history"),
    "findings": ("findings", "section_findings"),
    "impression": ("impression", "section_impression", "conclusion"),
    "report": ("report", "report_text", "text", "note", "notes", "clinical_notes"),
}  # fmt: skip


MAX_UNPACKED = 2**30
"""Bytes that a packed table may have: 2,800 for each of MIMIC-CXR's 377,110 images."""


@dataclass(frozen=True)
class Columns:
    """The column that plays each role; None if there is none, or if its name is to be guessed."""

    image: str | None = None
    """Column of the paths of image files."""
    image_id: str | None = None
    """Column of image ids."""
    study_id: str | None = None
    """Column of study ids."""
    patient_id: str | None = None
    """Column of patient ids."""
    view: str | None = None
    """Column of views, such as PA."""
    age: str | None = None
    """Column of ages."""
    sex: str | None = None
    """Column of sexes."""
    split: str | None = None
    """Column of official splits."""
    indication: str | None = None
    """Column of indications."""
    findings: str | None = None
    """Column of findings."""
    impression: str | None = None
    """Column of impressions."""
    report: str | None = None
    """Column of whole reports, or of text without sections."""

    @property
    def named(self) -> dict[str, str]:
        """The column of each role that has one."""
        return {role: column for role, column in vars(self).items() if column is not None}

    def texts(self, row: Mapping[str, str]) -> Texts:
        """Return the texts of a row.

        A report without columns for its findings and impression is split by `report_texts`.
        """
        indication, findings, impression, report = (
            "" if column is None else row[column].strip()
            for column in (self.indication, self.findings, self.impression, self.report)
        )
        if not findings and not impression:
            texts = report_texts(report)
            texts["indication"] = indication or texts["indication"]
            return texts
        return Texts(indication=indication, findings=findings, impression=impression, report=report)


@dataclass(frozen=True)
class Table:
    """A table of text cells."""

    path: Path
    """Where it was read."""
    header: tuple[str, ...]
    """Names of the columns."""
    rows: Sequence[Mapping[str, str]]
    """The cells of each row, by column."""
    rejections: Sequence[Rejection] = ()
    """Lines of a CSV with fewer fields than the header, or more that are not blank."""

    def require(self, columns: Sequence[str]) -> None:
        """Refuse a table that lacks one of `columns`.

        Raises:
            CorpusError: if a column is missing; the message lists those there are.
        """
        missing = [column for column in columns if column not in self.header]
        if missing:
            raise CorpusError(
                f"{self.path} has no column {', '.join(missing)}; "
                f"its columns are: {', '.join(filter(None, self.header))}"
            )

    def guess_columns(self, given: Columns) -> Columns:
        """Complete the given columns by common names, in any case, with or without "_".

        Raises:
            CorpusError: if the table lacks a given column.
        """
        self.require(list(given.named.values()))
        plain = {_plain(column): column for column in reversed(self.header)}
        found: dict[str, str | None] = {}
        for role in (field.name for field in fields(Columns)):
            guesses = (plain[_plain(name)] for name in _NAMES[role] if _plain(name) in plain)
            found[role] = given.named.get(role) or next(guesses, None)
        return Columns(**found)


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
    return _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path, encoding)


def _read_csv(path: Path, encoding: str) -> Table:
    rows: list[Mapping[str, str]] = []
    rejections = []
    try:
        with _open(path) as binary, io.TextIOWrapper(binary, encoding, newline="") as text:
            reader = csv.reader(text)
            if text.read(1) != "\ufeff":
                text.seek(0)
            names = [name.strip() for name in next(reader, [])]
            while names and not names[-1]:
                names.pop()
            header = tuple(names)
            _check_header(path, header)
            for cells in reader:
                if len(cells) >= len(header) and not any(cells[len(header) :]):
                    rows.append(dict(zip(header, cells, strict=False)))
                elif cells:
                    line = f"line {reader.line_num}"
                    rejections.append(Rejection(line, "row has not as many fields as the header"))
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{path} is not {encoding} text (after line {reader.line_num}); name its encoding, "
            "for example --encoding latin-1 or --encoding cp1252"
        ) from error
    except LookupError as error:
        raise CorpusError(
            f"unknown encoding {encoding!r}; expected a name such as utf-8, latin-1 or cp1252"
        ) from error
    except csv.Error as error:
        raise CorpusError(f"{path} is no CSV near line {reader.line_num}: {error}") from error
    return Table(path, header, rows, rejections)


def _open(path: Path) -> BinaryIO:
    if path.suffix != ".gz":
        return path.open("rb")
    unpacked = io.BytesIO()
    try:
        with gzip.open(path) as packed:
            while piece := packed.read(2**20):
                unpacked.write(piece)
                if unpacked.tell() > MAX_UNPACKED:
                    raise CorpusError(
                        f"{path} unpacks to more than {MAX_UNPACKED:,} bytes; expected a table"
                    )
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CorpusError(f"{path} is damaged or no gzip file; fetch it anew") from error
    unpacked.seek(0)
    return unpacked


def _check_header(path: Path, header: tuple[str, ...]) -> None:
    if not any(header):
        raise CorpusError(f"{path} is empty; expected a header line of column names")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise CorpusError(f"{path} names columns twice: {', '.join(twice)}; rename one of each")


def _read_parquet(path: Path) -> Table:
    import pandas as pd  # here, since the processes of a build start faster without it

    try:
        frame = pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise CorpusError(f"{path} is no Parquet table that can be read") from error
    header = tuple(str(column) for column in frame.columns)
    _check_header(path, header)
    cells = frame.astype(object).where(frame.notna(), "").to_numpy()
    rows = [dict(zip(header, map(_text, row), strict=True)) for row in cells]
    return Table(path, header, rows)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())
