"""The report files of MIMIC-CXR: a text file per study, in a folder or in the zip as published."""

import re
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from radtex.corpus.on_disk.spilled_texts import SpilledTexts, TextSpill
from radtex.corpus.report_texts import report_texts
from radtex.errors import CorpusError
from radtex.inputs import MISSING, open_input, read_input, why_unread
from radtex.parallel import map_stream
from radtex.progress import progress_bar

LAYOUT = "files/p10/p10000032/s50414267.txt"
MAX_REPORT = 2**20
"""Bytes that one report may have; a page of text has a few thousand."""
MAX_REPORTS = 2**30
"""Bytes that the wanted reports of a zip may have: 4,700 for each of the archive's 227,835."""

_CHUNK = 256
_MEMBER = re.compile(r"(?:^|/)p\d+/s(\d+)\.txt$")


class ReportFiles(NamedTuple):
    """The reports of an archive."""

    texts: dict[str, SpilledTexts]
    """By study."""
    problems: dict[str, str]
    """By study: why a report that is there is not read."""


def read_report_files(files: Path, patients: Mapping[str, str], encoding: str) -> ReportFiles:
    """Return the texts of each study that has a report, or why it cannot be read.

    Their sections are found on all cores, while the next files are read.

    Args:
        files: a zip, or a folder that holds `mimic-cxr-reports/files/`, `files/` or the folders
            p10 to p19.
        patients: the patient of each study that is wanted.
        encoding: of the text.

    Raises:
        CorpusError: if there is no such file; a zip is damaged or encrypted, or its reports are
            longer than `MAX_REPORTS` together; or no report is text in `encoding`.
    """
    if not files.exists():
        raise CorpusError(f"{files} does not exist; expected a folder or a zip of reports")
    contents = _in_folder(files, patients) if files.is_dir() else _in_zip(files, patients)
    read = ReportFiles({}, {})
    spill = TextSpill()
    studies: deque[str] = deque()

    def reports() -> Iterator[str]:
        for study, data in contents:
            if isinstance(data, str):
                read.problems[study] = data
                continue
            try:
                report = data.decode(encoding)
            except UnicodeError:
                read.problems[study] = f"report is not {encoding} text"
                continue
            studies.append(study)
            yield report

    with progress_bar("reading reports", len(patients), "studies") as bar:
        for texts in map_stream(report_texts, reports(), _CHUNK):
            read.texts[studies.popleft()] = spill.add(texts)
            bar.advance()
    if read.problems and not read.texts:
        why = next(iter(read.problems.values()))
        raise CorpusError(
            f"no report in {files} can be read; the first: {why}. If they have another encoding, "
            "name it, for example --encoding latin-1"
        )
    return read


def _in_folder(folder: Path, patients: Mapping[str, str]) -> Iterator[tuple[str, bytes | str]]:
    layouts = (folder / "mimic-cxr-reports" / "files", folder / "files")
    base = next((layout for layout in layouts if layout.is_dir()), folder)
    for study, patient in patients.items():
        file = base / f"p{patient[:2]}" / f"p{patient}" / f"s{study}.txt"
        try:
            yield study, read_input(file, MAX_REPORT, CorpusError, "report")
        except FileNotFoundError:
            continue
        except CorpusError as error:
            yield study, str(error)
        except OSError as error:
            yield study, why_unread(error).replace(MISSING, "report may not be read")


def _in_zip(file: Path, patients: Mapping[str, str]) -> Iterator[tuple[str, bytes | str]]:
    try:
        with open_input(file, None, CorpusError) as opened, zipfile.ZipFile(opened) as archive:
            wanted = [
                (match[1], info)
                for info in archive.infolist()
                if (match := _MEMBER.search(info.filename)) and match[1] in patients
            ]
            if sum(info.file_size for _, info in wanted) > MAX_REPORTS:
                raise CorpusError(
                    f"the reports in {file} unpack to more than {MAX_REPORTS:,} bytes"
                )
            # of MIMIC-CXR's reports this list alone takes 150 MB
            archive.filelist.clear()
            archive.NameToInfo.clear()
            wanted.reverse()
            while wanted:
                study, info = wanted.pop()
                with archive.open(info) as member:
                    data = member.read(MAX_REPORT + 1)
                long = f"report is larger than {MAX_REPORT:,} bytes"
                yield study, long if len(data) > MAX_REPORT else data
    # zipfile raises RuntimeError for an encrypted member, NotImplementedError for a strange one
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise CorpusError(f"{file} is damaged, encrypted or no zip file; fetch it anew") from error
