"""What both releases of MIMIC-CXR share: labels, splits, reports, patients and edema grades."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from fixtures.mimic import (
    IMAGES,
    LABELS,
    MANUAL,
    PATIENTS,
    by_image,
    label_row,
    listing,
    pack,
    write_table,
)
from radtex.corpus.build import build
from radtex.corpus.record import Rejection
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS


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
    assert sum(record.texts.impression == "No acute process." for record in found.entries) == 6
    assert found.settings["reports"].startswith("4 of 5 studies, from ")


def test_a_tree_without_reports_and_tables_still_lists(jpg):
    for name in ("split", "chexpert"):
        (jpg / f"mimic-cxr-2.0.0-{name}.csv.gz").unlink()
    found = listing(jpg)
    assert {record.texts.report + record.split for record in found.entries} == {""}
    assert [record.labels for record in found.entries] == [{}] * 7
    assert found.settings["labels"] == found.settings["splits"] == "none"
    assert found.settings["reports"] == f"0 of 5 studies, from {jpg}"


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
        assert record.labels == {**plain[name].labels, **grade}
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
    with pytest.raises(CorpusError, match="study 50414267: a label is none of 1, 0, −1, yes, no"):
        listing(jpg)
    write_table(labels, LABELS, ["10000032,50414267,1.0"])
    with pytest.raises(CorpusError, match="line 2: row has not as many fields as the header"):
        listing(jpg)


def test_reports_that_belong_to_no_study_are_refused(jpg, tmp_path):
    source = open_source("mimic-cxr-jpg", root=jpg)
    with pytest.raises(CorpusError, match="holds no report of these studies; expected files/p10/"):
        source.with_reports(tmp_path).listing("utf-8")
