"""PadChest: numbered folders of 16-bit PNG files, and a table of 36 columns."""

import ast
import gzip
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from radtex.corpus.build import build
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source
from radtex.corpus.sources.padchest import OWN, STANDARD, padchest_labels, parse_labels
from radtex.errors import CorpusError

TABLE = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
HEADER = (
    ",ImageID,ImageDir,StudyDate_DICOM,StudyID,PatientID,PatientBirth,PatientSex_DICOM,"
    "ViewPosition_DICOM,Projection,MethodProjection,Pediatric,Modality_DICOM,Manufacturer_DICOM,"
    "PhotometricInterpretation_DICOM,PixelRepresentation_DICOM,PixelAspectRatio_DICOM,"
    "SpatialResolution_DICOM,BitsStored_DICOM,WindowCenter_DICOM,WindowWidth_DICOM,Rows_DICOM,"
    "Columns_DICOM,XRayTubeCurrent_DICOM,Exposure_DICOM,ExposureInuAs_DICOM,ExposureTime,"
    "RelativeXRayExposure_DICOM,ReportID,Report,MethodLabel,Labels,Localizations,"
    "LabelsLocalizationsBySentence,labelCUIS,LocalizationsCUIS"
)
PATIENT = "313572750430997347502932654319389875966"
USUAL = {
    "": "0",
    "ImageDir": "0",
    "StudyDate_DICOM": "20150914",
    "StudyID": "135803415504923515076821959678074435083",
    "PatientID": PATIENT,
    "PatientBirth": "1929.0",
    "PatientSex_DICOM": "M",
    "Projection": "PA",
    "MethodProjection": "Manual review of DICOM fields",
    "Pediatric": "No",
    "Report": "cambi pulmonar cronic sever . cifosis sever .",
    "MethodLabel": "Physician",
    "Labels": "['normal']",
}


@pytest.fixture
def make_archive(tmp_path: Path) -> Callable[..., Path]:
    """Write a row for each dict of cells that differ from the usual; its image is 16-bit."""

    def make(*rows: dict[str, str], packed: bool = False) -> Path:
        root = tmp_path / "padchest"
        lines = [HEADER]
        for number, changed in enumerate(rows):
            cells = USUAL | {"ImageID": f"{number}_a.png"} | changed
            lines.append(",".join(f'"{cells.get(name, "")}"' for name in HEADER.split(",")))
            folder = root / cells["ImageDir"]
            folder.mkdir(parents=True, exist_ok=True)
            deep = np.random.default_rng(number).integers(0, 4096, (40, 32), dtype=np.uint16)
            Image.fromarray(deep).save(folder / cells["ImageID"])
        text = "\n".join(lines).encode()
        file = root / f"{TABLE}.gz" if packed else root / TABLE
        file.write_bytes(gzip.compress(text) if packed else text)
        return root

    return make


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_becomes_a_corpus(make_archive, tmp_path, packed):
    root = make_archive(
        {"Labels": "['cardiomegaly', ' COPD signs', '']"},
        {"Projection": "L"},
        {"Projection": "COSTAL"},
        {"Projection": "EXCLUDE"},
        {"Projection": "AP_horizontal", "ImageDir": "54", "PatientSex_DICOM": "O"},
        {"PatientID": ""},
        {"Labels": "normal"},
        packed=packed,
    )
    (root / "0" / "0_a.png").write_bytes((root / "0" / "0_a.png").read_bytes()[:-200])
    corpus = build(open_source("padchest", root=root), tmp_path / "c", size=16, workers=1)
    (row,) = corpus.index.to_dict("records")
    assert (row["source_path"], row["view"], row["sex"]) == ("54/4_a.png", "AP", "")
    assert (row["patient_id"], row["age"]) == (PATIENT, 86)
    assert row["findings"] == row["report"] == USUAL["Report"]
    dropped = [step["reason"] for step in corpus.info["flow"] if step["step"] == "dropped"]
    assert dropped[:-1] == [
        "view is lateral",
        "view is neither frontal nor lateral",
        "archive excludes the image from any projection",
        "patient id is no number",
        "labels are no list of names",
    ]
    assert "damaged" in dropped[-1]  # as the reader of images words it


def test_what_is_odd_about_a_row_is_flagged(make_archive):
    root = make_archive(
        {},
        {
            "Pediatric": "PED",
            "MethodProjection": "resnet-50.t7",
            "MethodLabel": "RNN_model",
            "Labels": "['exclude']",
            "PatientBirth": "nan",
        },
        {"Labels": "['unchanged', 'Cardiomegaly']", "PatientBirth": "2020.0"},
    )
    plain, odd, later = open_source("padchest", root=root).listing("utf-8").entries
    assert plain.flags == ()
    assert odd.flags == (
        "filmed by the protocol for children",
        "view from a classifier",
        "labels from a text classifier",
        "labels: excluded by the archive",
    )
    assert (odd.age, odd.labels) == (None, {})
    assert later.flags == ("age not readable", "labels: refer to an earlier report")


def test_labels_get_the_usual_names():
    found = parse_labels("['hydropneumothorax', 'NSG tube', ' copd signs', 'gynecomastia']")
    labels = padchest_labels(found)
    assert labels.keys() == {*STANDARD, *OWN}
    assert {name for name, value in labels.items() if value} == {
        "Pleural Effusion",
        "Pneumothorax",
        "Support Devices",
        "COPD signs",
    }
    assert set(labels.values()) == {0, 1}


def test_normal_beside_a_finding_is_no_no_finding():
    assert padchest_labels({"normal"})["No Finding"] == 1
    assert padchest_labels({"normal", "nodule"})["No Finding"] == 0


def test_absence_is_blank_where_the_report_refers_to_an_earlier_one():
    labels = padchest_labels({"unchanged", "cardiomegaly"})
    assert labels["Cardiomegaly"] == 1
    assert {value for name, value in labels.items() if name != "Cardiomegaly"} == {None}


@given(st.lists(st.text("abcXYZ é-/", max_size=12), max_size=6))
def test_lists_are_read_as_python_reads_them(names):
    cell = repr(names)
    expected = {name.strip().casefold() for name in ast.literal_eval(cell)} - {""}
    assert parse_labels(cell) == expected


@pytest.mark.parametrize("cell", ["", "nan", "[]"])
def test_no_labels_are_none(cell):
    assert padchest_labels(parse_labels(cell)) == {}


@pytest.mark.parametrize("cell", ["normal", "['normal'", "[__import__('os')]", "[" * 9999])
def test_what_is_no_list_of_names_is_refused(cell):
    with pytest.raises(CorpusError, match="labels are no list of names"):
        parse_labels(cell)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(CorpusError, match=f"holds no {TABLE}"):
        open_source("padchest", root=tmp_path).listing("utf-8")


@pytest.mark.soak
def test_the_real_table_gives_the_counts_that_are_known(wheel_tables, tmp_path):
    (tmp_path / f"{TABLE}.gz").symlink_to(wheel_tables / f"{TABLE}.gz")
    entries = open_source("padchest", root=tmp_path).listing("utf-8").entries
    records = [entry for entry in entries if isinstance(entry, Record)]
    assert len(entries) == 160_861
    assert Counter(entry.reason for entry in entries if isinstance(entry, Rejection)) == {
        "archive excludes the image from any projection": 11
    }
    assert Counter(record.view for record in records) == {
        "PA": 91_728,
        "LATERAL": 49_579,
        "AP": 14_346 + 4_559,
        "OTHER": 630,
        "": 8,
    }
    assert len({record.patient_id for record in records}) == 67_625
    flags = Counter(flag for record in records for flag in record.flags)
    assert flags["filmed by the protocol for children"] == 274
    assert flags["labels from a text classifier"] == 121_808 - 11
    table = gzip.decompress((wheel_tables / f"{TABLE}.gz").read_bytes()).decode().casefold()
    names = {name for usual in STANDARD.values() for name in usual} | set(OWN)
    assert [name for name in names if f"'{name.casefold()}'" not in table] == []
