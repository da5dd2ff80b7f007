"""A hospital's export in miniature, all of it drawn: films, reports and labels to try radtex on."""

import csv
import logging
import re
import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radtex.files import new_output, whole_folder
from radtex.findings import TARGET_SETS
from radtex.phantom.study import Study, render, sample_study
from radtex.progress import progress_bar
from radtex.spreadsheet_cells import shielded

_log = logging.getLogger(__name__)

STUDIES, NEW_STUDIES, SIZE = 400, 12, 128
LABELS = TARGET_SETS["radtex9"]
_PICTURE_EVERY = 4
"""One study in so many is a picture, without any header."""
_INVERTED_EVERY = 3
"""One DICOM file in so many is stored with dense tissue black (MONOCHROME1)."""
_LABELLED_EVERY = 3
"""One patient in so many has labels in the sheet."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DATE = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ABOUT = """\
Synthetic radiographs, drawn by `radtex demo --sample-data`. No patient is in them.

export/      what a hospital's archive might export: DICOM files, and pictures in export/scanned/
reports.csv  a row for each study, cells separated by semicolons
labels.xlsx  labels of a third of the patients, by accession number
studies.csv  one table for all: path in pictures/, patient, report, labels
pictures/    the films of studies.csv, as PNG files
films/       films of other patients, without report or label
film.dcm     one of them, alone
"""


def write_sample_data(
    folder: Path, studies: int = STUDIES, seed: int = 0, size: int = SIZE
) -> None:
    """Write a folder of films, reports and labels; the same arguments give the same bytes.

    Args:
        folder: the folder to make.
        studies: how many studies the export has.
        seed: seed for all that is drawn.
        size: side of the films in pixels.

    Raises:
        OutputError: if `folder` exists.
    """
    with (
        new_output(folder),
        whole_folder(folder) as aside,
        progress_bar("drawing", studies + NEW_STUDIES, "films") as bar,
    ):
        for name in ("pictures", "export/scanned", "films"):
            (aside / name).mkdir(parents=True)
        drawn = [sample_study(seed, number) for number in range(studies)]
        for number, study in enumerate(drawn):
            film = render(study, size)
            Image.fromarray(film).save(aside / _picture(study))
            place = aside / "export" / _exported(number, study)
            if place.suffix:
                Image.fromarray(film).save(place)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                _write_dicom(place, film, study, inverted=number % _INVERTED_EVERY == 0)
            bar.advance(1)
        for number in range(NEW_STUDIES):
            study = sample_study(seed + 1, number)
            film = render(study, size)
            file = aside / "films" / f"film{number:02d}"
            if number % 2:
                Image.fromarray(film).save(file.with_suffix(".png"))
            else:
                _write_dicom(file.with_suffix(".dcm"), film, study, inverted=False)
            bar.advance(1)
        (aside / "film.dcm").write_bytes((aside / "films" / "film00.dcm").read_bytes())
        _write_tables(aside, drawn)
        (aside / "README.txt").write_text(_ABOUT, encoding="utf-8")
    _log.info("%s holds %d studies; its README.txt says what is where", folder, studies)


def _accession(study: Study) -> str:
    return "A" + study.study_id.lstrip("s").replace("-", "")


def _picture(study: Study) -> str:
    return f"pictures/{study.study_id}.png"


def _exported(number: int, study: Study) -> str:
    """Where the export has the film: DICOM files have no suffix there."""
    if number % _PICTURE_EVERY == _PICTURE_EVERY - 1:
        return f"scanned/{_accession(study)}.png"
    return f"2024-{1 + number % 12:02d}/{_accession(study)}/IM0001"


def _is_labelled(study: Study) -> bool:
    return int(study.patient_id.rpartition("-")[2]) % _LABELLED_EVERY == 1


def _write_dicom(file: Path, film: NDArray[np.uint8], study: Study, *, inverted: bool) -> None:
    """Write a film with 12 bits, as a CR or DX machine would."""
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

    portable = study.view == "AP"
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    kind = UID("1.2.840.10008.5.1.4.1.1.1" + ("" if portable else ".1.1"))
    image = generate_uid(entropy_srcs=[study.study_id, "image"])
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = kind, image
    data = FileDataset(str(file), Dataset(), preamble=bytes(128), file_meta=meta)
    data.SOPClassUID, data.SOPInstanceUID = kind, image
    data.StudyInstanceUID = generate_uid(entropy_srcs=[study.study_id, "study"])
    data.SeriesInstanceUID = generate_uid(entropy_srcs=[study.study_id, "series"])
    data.PatientID, data.PatientName = study.patient_id, f"Phantom^{study.patient_id}"
    data.PatientSex, data.PatientAge = study.sex, f"{study.age:03d}Y"
    data.AccessionNumber, data.StudyDate = _accession(study), "20240101"
    data.Modality, data.BodyPartExamined = "CR" if portable else "DX", "CHEST"
    data.ViewPosition = study.view
    data.ImageType = ["ORIGINAL", "PRIMARY"]
    levels = film.astype(np.uint16) * 16
    data.PhotometricInterpretation = "MONOCHROME1" if inverted else "MONOCHROME2"
    data.PixelData = (4080 - levels if inverted else levels).astype("<u2").tobytes()
    data.Rows, data.Columns = film.shape
    data.SamplesPerPixel, data.PixelRepresentation = 1, 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.WindowCenter, data.WindowWidth = 2040, 4080
    data.save_as(file, enforce_file_format=True)


def _write_tables(folder: Path, studies: Sequence[Study]) -> None:
    _write_csv(
        folder / "reports.csv",
        ";",
        ("Accession Number", "Patient ID", "File", "Report"),
        (
            (_accession(study), study.patient_id, _exported(number, study), study.report.text)
            for number, study in enumerate(studies)
        ),
    )
    _write_csv(
        folder / "studies.csv",
        ",",
        ("path", "patient", "age", "sex", "view", "report", *LABELS),
        (
            (_picture(study), study.patient_id, study.age, study.sex, study.view,
             study.report.text, *(study.labels[name] for name in LABELS))
            for study in studies
        ),
    )  # fmt: skip
    sheet = [
        (_accession(study), *(study.labels[name] for name in LABELS))
        for study in studies
        if _is_labelled(study)
    ]
    (folder / "labels.xlsx").write_bytes(_excel([("Accession Number", *LABELS), *sheet]))


def _write_csv(
    file: Path, separator: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    with file.open("w", encoding="utf-8", newline="") as text:
        table = csv.writer(text, delimiter=separator)
        for row in (header, *rows):
            table.writerow([shielded(str(cell)) for cell in row])


def _excel(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a workbook of one sheet, without the time of its making."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Labels")
    for row in rows:
        sheet.append(row)
    written, dated = BytesIO(), BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(dated, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name == "docProps/core.xml":
                body = _DATE.sub(b"1980-01-01T00:00:00Z", body)
            new.writestr(zipfile.ZipInfo(name, _EPOCH), body, zipfile.ZIP_DEFLATED)
    return dated.getvalue()
