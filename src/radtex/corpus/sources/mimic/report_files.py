"""The report files of MIMIC-CXR: a text file per study, in a folder or in the zip as published."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from radtex.corpus.record import Texts
from radtex.corpus.report_texts import report_texts
from radtex.errors import CorpusError
from radtex.parallel import map_in_chunks
from radtex.progress import progress_bar

LAYOUT = "files/p10/p10000032/s50414267.txt"
MAX_REPORT = 2**20
"""Bytes that one report may have; a page of text has a few thousand."""
MAX_REPORTS = 2**30
"""Bytes that the wanted reports of a zip may have: 4,700 for each of the archive's 227,835."""

_CHUNK = 1024
_MEMBER = re.compile(r"(?:^|/)p\d+/s(\d+)\.txt$")


def read_report_files(files: Path, patients: Mapping[str, str], encoding: str) -> dict[str, str]:
    """Return the text of each study that has a report.

    Args:
        files: a zip, or a folder that holds `mimic-cxr-reports/files/`, `files/` or the folders
            p10 to p19.
        patients: the patient of each study that is wanted.
        encoding: of the text.

    Raises:
        CorpusError: if there is no such file; a zip is damaged or encrypted; a report is longer
            than `MAX_REPORT`, or all of a zip together than `MAX_REPORTS`; or a report is not text
            in `encoding`.
    """
    if not files.exists():
        raise CorpusError(f"{files} does not exist; expected a folder or a zip of reports")
    contents = _in_zip(files, patients) if files.suffix == ".zip" else _in_folder(files, patients)
    texts = {}
    with progress_bar("reading reports", len(patients), "studies") as bar:
        for study, name, data in contents:
            bar.advance()
            if len(data) > MAX_REPORT:
                raise CorpusError(
                    f"{name} in {files} is longer than {MAX_REPORT:,} bytes; expected a report"
                )
            try:
                texts[study] = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise CorpusError(
                    f"{name} in {files} is not {encoding} text; name its encoding, "
                    "for example --encoding latin-1"
                ) from error
    return texts


def split_reports(reports: Mapping[str, str]) -> dict[str, Texts]:
    """Return the sections of each study's report, found on all cores."""
    found = map_in_chunks(
        report_texts, list(reports.values()), _CHUNK, "finding sections", "reports"
    )
    return dict(zip(reports, found, strict=True))


def _in_folder(folder: Path, patients: Mapping[str, str]) -> Iterator[tuple[str, str, bytes]]:
    layouts = (folder / "mimic-cxr-reports" / "files", folder / "files")
    base = next((layout for layout in layouts if layout.is_dir()), folder)
    for study, patient in patients.items():
        file = base / f"p{patient[:2]}" / f"p{patient}" / f"s{study}.txt"
        try:
            with file.open("rb") as handle:
                yield study, file.name, handle.read(MAX_REPORT + 1)
        except FileNotFoundError:
            continue


def _in_zip(file: Path, patients: Mapping[str, str]) -> Iterator[tuple[str, str, bytes]]:
    try:
        with zipfile.ZipFile(file) as archive:
            found = [(_MEMBER.search(info.filename), info) for info in archive.infolist()]
            wanted = [(match[1], info) for match, info in found if match and match[1] in patients]
            if sum(info.file_size for _, info in wanted) > MAX_REPORTS:
                raise CorpusError(
                    f"the reports in {file} unpack to more than {MAX_REPORTS:,} bytes"
                )
            for study, info in wanted:
                with archive.open(info) as member:
                    yield study, info.filename, member.read(MAX_REPORT + 1)
    # zipfile raises RuntimeError for an encrypted member, NotImplementedError for a strange one
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise CorpusError(f"{file} is damaged, encrypted or no zip file; fetch it anew") from error
