"""Miniature trees of both releases of MIMIC-CXR."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fixtures.archives import write_film
from fixtures.mimic import (
    IMAGES,
    METADATA,
    RECORDS,
    REPORT,
    path_of,
    write_label_tables,
    write_table,
)


@pytest.fixture
def jpg(tmp_path: Path) -> Path:
    """MIMIC-CXR-JPG without reports; the file of study 50000014 is absent."""
    root = tmp_path / "jpg"
    for seed, (image, patient, study, _, _) in enumerate(IMAGES):
        if study != "50000014":
            write_film(root / path_of(patient, study) / f"{image}.jpg", seed)
    write_table(
        root / "mimic-cxr-2.0.0-metadata.csv.gz",
        METADATA,
        [
            f"{image},{patient},{study},CHEST (PA AND LAT),{view},3056,2544,21800506,213014.531,"
            "CHEST (PA AND LAT),postero-anterior,Erect"
            for image, patient, study, view, _ in IMAGES
        ],
    )
    write_label_tables(root)
    return root


@pytest.fixture
def report_folder(tmp_path: Path) -> Path:
    """The reports as the zip unpacks: beside the folders of the studies; one study has none."""
    folder = tmp_path / "mimic-cxr-reports"
    for _, patient, study, _, _ in IMAGES:
        if study != "53189527":
            file = folder / f"{path_of(patient, study)}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(REPORT.format(study=study))
    return folder


@pytest.fixture
def dicom(tmp_path: Path, write_dicom: Callable[..., Any]) -> Path:
    """MIMIC-CXR as DICOM; the file of study 50000014 is absent."""
    root = tmp_path / "dicom"
    paths = [f"{path_of(patient, study)}/{image}.dcm" for image, patient, study, _, _ in IMAGES]
    for path, (_, patient, study, view, _) in zip(paths, IMAGES, strict=True):
        if study != "50000014":
            write_dicom(
                root / path,
                PatientID=patient,
                ViewPosition=view,
                StudyDate="21800506",
                StudyID=study,
            )
    rows = [
        f"{patient},{study},{image},{path}"
        for path, (image, patient, study, _, _) in zip(paths, IMAGES, strict=True)
    ]
    write_table(root / "cxr-record-list.csv.gz", RECORDS, rows)
    return root
