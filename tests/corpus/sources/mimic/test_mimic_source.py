"""MIMIC-CXR and MIMIC-CXR-JPG, in miniature trees of their own layout."""

import gzip
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

METADATA = (
    "dicom_id,subject_id,study_id,PerformedProcedureStepDescription,ViewPosition,Rows,Columns,"
    "StudyDate,StudyTime,ProcedureCodeSequence_CodeMeaning,ViewCodeSequence_CodeMeaning,"
    "PatientOrientationCodeSequence_CodeMeaning"
)
SPLIT = "dicom_id,study_id,subject_id,split"
LABELS = (
    "subject_id,study_id,Atelectasis,Cardiomegaly,Consolidation,Edema,Enlarged Cardiomediastinum,"
    "Fracture,Lung Lesion,Lung Opacity,No Finding,Pleural Effusion,Pleural Other,Pneumonia,"
    "Pneumothorax,Support Devices"
)
MANUAL = (
    "study_id,No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Lesion,Airspace Opacity,"
    "Edema,Consolidation,Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,"
    "Fracture,Support Devices"
)
RECORDS = "subject_id,study_id,dicom_id,path"
PATIENTS = "subject_id,gender,anchor_age,anchor_year,anchor_year_group,dod"
REPORT = """                                 FINAL REPORT
 EXAMINATION:  CHEST (PA AND LAT)

 INDICATION:  ___F with fever.

 FINDINGS:

 The lungs are clear in {study}.

 IMPRESSION:

 No acute process.
"""

IMAGES = (
    # image, patient, study, view, split
    ("02aa804e-bde0afdd-112c0b34-7bc16630-4e384014", "10000032", "50414267", "PA", "train"),
    ("174413ec-4ec4c1f7-34ea26b7-c5f994f8-79ef1962", "10000032", "50414267", "LATERAL", "train"),
    ("2a2277a9-b0ded155-c0de8eb9-c124d10e-82c5caab", "10000032", "53189527", "", "train"),
    ("e084de3b-be89b11e-20fe3f9f-9c8d8dfe-00000001", "11000011", "50000014", "AP", "validate"),
    ("68b5c4b1-227d0485-9cc38c3f-7b84ab51-4b472714", "19999987", "55368167", "PA", "test"),
    ("11111111-22222222-33333333-44444444-55555555", "19999987", "55368167", "LL", "test"),
    ("99999999-22222222-33333333-44444444-55555555", "19999987", "58621812", "LAO", "test"),
)


def path_of(patient: str, study: str) -> str:
    return f"files/p{patient[:2]}/p{patient}/s{study}"


def write_table(file: Path, header: str, rows: Sequence[str]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    text = "\n".join([header, *rows, ""]).encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
    return file


def write_image(file: Path, seed: int = 0) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 48), dtype=np.uint8)
    Image.fromarray(pixels).save(file)


def label_row(patient: str, study: str, **values: str) -> str:
    names = LABELS.split(",")[2:]
    return ",".join([patient, study, *(values.get(name.replace(" ", "_"), "") for name in names)])


def write_label_tables(root: Path) -> None:
    splits = [f"{image},{study},{patient},{split}" for image, patient, study, _, split in IMAGES]
    write_table(root / "mimic-cxr-2.0.0-split.csv.gz", SPLIT, splits)
    write_table(
        root / "mimic-cxr-2.0.0-chexpert.csv.gz",
        LABELS,
        [
            label_row("10000032", "50414267", No_Finding="1.0", Support_Devices="0.0"),
            label_row("10000032", "53189527", Edema="-1.0", Lung_Opacity="1.0"),
            label_row("11000011", "50000014"),
            label_row("19999987", "55368167", Edema="1.0", Lung_Opacity="0.0"),
        ],
    )


@pytest.fixture
def jpg(tmp_path: Path) -> Path:
    """MIMIC-CXR-JPG without reports; the file of study 50000014 is absent."""
    root = tmp_path / "jpg"
    for seed, (image, patient, study, _, _) in enumerate(IMAGES):
        if study != "50000014":
            write_image(root / path_of(patient, study) / f"{image}.jpg", seed)
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


def pack(folder: Path, inside: str) -> Path:
    file = folder.with_suffix(".zip")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for report in sorted(folder.rglob("*.txt")):
            archive.write(report, inside + report.relative_to(folder).as_posix())
    return file


def listing(root: Path, name: str = "mimic-cxr-jpg", **options: Any) -> Any:
    return open_source(name, root=root, **options).listing("utf-8")


def by_image(entries: Sequence[Record]) -> dict[str, Record]:
    return {record.image_id[:4]: record for record in entries}


def flow(corpus: Corpus) -> dict[str, int]:
    return {step.get("reason", step["step"]): step["rows"] for step in corpus.info["flow"]}


def test_a_corpus_comes_from_the_raw_tree_in_one_call(jpg, report_folder, tmp_path):
    corpus = build(
        open_source("mimic-cxr-jpg", root=jpg),
        tmp_path / "out",
        size=16,
        workers=1,
        split="official",
        reports=pack(report_folder, "mimic-cxr-reports/"),
    )
    index = corpus.index.set_index("study_id")
    assert set(index["split"]) <= {"train", "pool", "validate", "test"}
    assert list(index.index) == ["50414267", "53189527", "55368167"]
    assert index.loc["50414267", "view"] == "PA"
    assert index.loc["50414267", "patient_id"] == "10000032"
    assert index.loc["50414267", "findings"] == "The lungs are clear in 50414267."
    assert index.loc["50414267", "impression"] == "No acute process."
    assert index.loc["50414267", "indication"] == "___F with fever."
    assert index.loc["53189527", "label.Edema"] == -1
    assert index.loc["50414267", "label.No Finding"] == 1
    assert pd.isna(index.loc["55368167", "label.No Finding"])
    assert corpus.info["options"]["intensity"] == "equalize"
    assert corpus.info["source"]["labels"] == "mimic-cxr-2.0.0-chexpert.csv.gz"
    assert flow(corpus) == {
        "in": 7,
        "view is lateral": 2,
        "view is neither frontal nor lateral": 1,
        "image file is missing or may not be read": 1,
        "kept": 3,
        "no report": 1,
    }


@pytest.mark.parametrize("place", ["mimic-cxr-reports.zip", "mimic-cxr-reports", "files"])
def test_reports_are_found_below_the_root(jpg, report_folder, place):
    if place == "mimic-cxr-reports.zip":
        pack(report_folder, "").rename(jpg / place)
    elif place == "files":
        for report in report_folder.rglob("*.txt"):
            file = jpg / report.relative_to(report_folder)
            file.parent.mkdir(parents=True, exist_ok=True)
            report.rename(file)
    else:
        report_folder.rename(jpg / place)
    found = listing(jpg)
    assert sum(record.impression == "No acute process." for record in found.entries) == 6
    assert found.settings["reports"].startswith("4 of 5 studies, from ")


def test_a_tree_without_reports_and_tables_still_lists(jpg):
    for name in ("split", "chexpert"):
        (jpg / f"mimic-cxr-2.0.0-{name}.csv.gz").unlink()
    found = listing(jpg)
    assert {record.report + record.split for record in found.entries} == {""}
    assert [record.labels for record in found.entries] == [{}] * 7
    assert found.settings["labels"] == found.settings["splits"] == "none"
    assert found.settings["reports"] == f"0 of 5 studies, from {jpg}"


def test_views_are_merged_and_blanks_stay_unknown(jpg):
    views = [record.view for record in listing(jpg).entries]
    assert views == ["PA", "LATERAL", "", "AP", "PA", "LATERAL", "OTHER"]


def test_a_study_without_a_row_of_labels_has_blank_ones(jpg):
    records = by_image(listing(jpg).entries)
    blank = dict.fromkeys(CHEXPERT_LABELS)
    assert records["9999"].labels == records["e084"].labels == blank
    assert records["02aa"].labels == blank | {"No Finding": 1, "Support Devices": 0}
    assert records["02aa"].labels == records["1744"].labels


def test_plain_tables_do_as_well_as_packed_ones(jpg):
    packed = listing(jpg).entries
    for file in jpg.glob("*.csv.gz"):
        (jpg / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
        file.unlink()
    assert listing(jpg).entries == packed


def test_negbio_serves_where_chexpert_is_absent(jpg):
    file = jpg / "mimic-cxr-2.0.0-negbio.csv.gz"
    write_table(file, LABELS, [label_row("10000032", "50414267", Fracture="1.0")])
    assert by_image(listing(jpg).entries)["02aa"].labels["Fracture"] is None
    (jpg / "mimic-cxr-2.0.0-chexpert.csv.gz").unlink()
    found = listing(jpg)
    assert by_image(found.entries)["02aa"].labels["Fracture"] == 1
    assert found.settings["labels"] == file.name


def test_labels_by_hand_replace_the_automatic_ones_of_their_studies(jpg):
    values = {"study_id": "55368167", "Airspace Opacity": "1.0", "Pneumonia": "-1.0"}
    row = ",".join(values.get(name, "") for name in MANUAL.split(","))
    write_table(jpg / "mimic-cxr-2.1.0-test-set-labeled.csv", MANUAL, [row])
    found = listing(jpg)
    records = by_image(found.entries)
    by_hand = dict.fromkeys(CHEXPERT_LABELS) | {"Lung Opacity": 1, "Pneumonia": -1}
    assert records["68b5"].labels == records["1111"].labels == by_hand
    assert records["2a22"].labels["Edema"] == -1
    assert found.settings["manual_labels"] == (
        "mimic-cxr-2.1.0-test-set-labeled.csv, instead of the automatic ones of 1 studies"
    )


def test_age_and_sex_come_from_the_patients_of_mimic_iv(jpg, tmp_path):
    patients = write_table(
        tmp_path / "hosp" / "patients.csv.gz",
        PATIENTS,
        ["10000032,F,52,2180,2014 - 2016,2180-09-09", "19999987,M,57,2145,2011 - 2013,"],
    )
    records = by_image(listing(jpg, patients=patients).entries)
    assert (records["02aa"].age, records["02aa"].sex) == (52, "F")
    assert (records["68b5"].age, records["68b5"].sex) == (57 + 2180 - 2145, "M")
    assert (records["e084"].age, records["e084"].sex) == (None, "")
    assert by_image(listing(jpg).entries)["02aa"].age is None


def severity_folder(folder: Path) -> Path:
    study = "subject_id,study_id,edema_severity"
    write_table(
        folder / "regex_report_edema_severity.csv",
        study,
        ["10000032,50414267,0", "10000032,53189527,1", "11000011,50000014,2"],
    )
    write_table(folder / "expert_report_edema_severity.csv", study, ["10000032,53189527,3"])
    write_table(
        folder / "consensus_image_edema_severity.csv",
        "subject_id,study_id,dicom_id,edema_severity",
        [f"11000011,50000014,{IMAGES[3][0]},1"],
    )
    return folder


def test_edema_grades_become_a_label_and_patients_graded_by_consensus_are_test(jpg, tmp_path):
    plain = by_image(listing(jpg).entries)
    found = listing(jpg, severity=severity_folder(tmp_path / "severity"))
    graded = by_image(found.entries)
    grades = {"02aa": 0, "1744": 0, "2a22": 3, "e084": 1}
    for name, record in graded.items():
        grade = {"Edema Severity": grades[name]} if name in grades else {}
        assert record.labels == plain[name].labels | grade
        assert record.split == ("test" if name == "e084" else plain[name].split)
    assert plain["e084"].split == "validate"
    assert graded["e084"].flags == (
        "edema graded by consensus",
        "patient held out for edema grades",
    )
    assert "1 patients graded by consensus are test" in found.settings["severity"]


def test_edema_grades_reach_the_corpus(jpg, tmp_path):
    source = open_source("mimic-cxr-jpg", root=jpg, severity=severity_folder(tmp_path / "severity"))
    corpus = build(source, tmp_path / "out", size=16, workers=1)
    assert corpus.index["label.Edema Severity"].tolist() == [0, 3, pd.NA]


def test_strange_rows_are_counted_and_broken_tables_refused(jpg):
    metadata = jpg / "mimic-cxr-2.0.0-metadata.csv.gz"
    text = gzip.decompress(metadata.read_bytes()) + b"x,../..,5,,,,,,,,,\nshort\n"
    metadata.write_bytes(gzip.compress(text))
    assert listing(jpg).entries[7:] == [
        Rejection("x", "patient or study id is no number"),
        Rejection("line 10", "row has not as many fields as the header"),
    ]
    labels = jpg / "mimic-cxr-2.0.0-chexpert.csv.gz"
    write_table(labels, LABELS, [label_row("10000032", "50414267", Edema="7")])
    with pytest.raises(CorpusError, match="study 50414267: a label is none of 1, 0, −1 and blank"):
        listing(jpg)
    write_table(labels, LABELS, ["10000032,50414267,1.0"])
    with pytest.raises(CorpusError, match="line 2: row has not as many fields as the header"):
        listing(jpg)


@pytest.mark.parametrize(
    ("name", "table"), [("mimic-cxr-jpg", "mimic-cxr-2.0.0-metadata"), ("mimic-cxr", "cxr-record")]
)
def test_a_folder_without_the_table_of_images_is_refused(tmp_path, name, table):
    with pytest.raises(CorpusError, match=f"is no MIMIC-CXR.* archive: it holds no {table}"):
        listing(tmp_path, name)


def test_reports_that_belong_to_no_study_are_refused(jpg, tmp_path):
    source = open_source("mimic-cxr-jpg", root=jpg)
    with pytest.raises(CorpusError, match="holds no report of these studies; expected files/p10/"):
        source.with_reports(tmp_path).listing("utf-8")


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


def test_the_dicom_release_takes_views_and_dates_from_headers(dicom, report_folder, tmp_path):
    write_label_tables(dicom)
    patients = write_table(
        tmp_path / "patients.csv.gz", PATIENTS, ["10000032,F,52,2180,2014 - 2016,"]
    )
    corpus = build(
        open_source("mimic-cxr", root=dicom, patients=patients),
        tmp_path / "out",
        size=16,
        workers=1,
        split="official",
        reports=report_folder,
    )
    index = corpus.index.set_index("study_id")
    assert list(index.index) == ["50414267", "53189527", "55368167"]
    assert index["view"].tolist() == ["PA", "", "PA"]
    assert index.loc["50414267", "age"] == 52
    assert index.loc["55368167", "split"] == "test"
    assert index.loc["53189527", "label.Lung Opacity"] == 1
    assert corpus.info["options"]["intensity"] == "window"
    counted = flow(corpus)
    assert counted["view is lateral"] == 2
    assert counted["image file is missing or may not be read"] == 1
    assert counted["view not stated"] == 1
    assert counted["kept"] == 3


def test_both_releases_name_images_studies_patients_and_splits_alike(jpg, dicom, report_folder):
    write_label_tables(dicom)
    report_folder.rename(dicom / report_folder.name)
    (jpg / report_folder.name).symlink_to(dicom / report_folder.name)
    of_jpg = by_image(listing(jpg).entries)
    found = listing(dicom, "mimic-cxr").entries
    of_dicom = by_image([entry for entry in found if isinstance(entry, Record)])
    assert of_jpg.keys() - of_dicom.keys() == {"e084"}
    for name, record in of_dicom.items():
        for field in ("image_id", "study_id", "patient_id", "split", "labels", "report", "view"):
            assert getattr(record, field) == getattr(of_jpg[name], field)
