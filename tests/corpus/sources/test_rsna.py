"""RSNA Pneumonia Detection Challenge."""

import json
from collections import Counter
from zipfile import ZipFile

import pandas as pd
import pytest

from radtex.corpus.build import build
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source, rsna
from radtex.errors import CorpusError
from radtex.images.header import Header

LABELS = """patientId,x,y,width,height,Target
aa-1,,,,,0
bb-2,12.0,16.0,24.0,32.0,1
bb-2,30.0,8.0,12.0,16.0,1
cc-3,,,,,0
dd-4,,,,,0
"""
CLASSES = """patientId,class
aa-1,No Lung Opacity / Not Normal
bb-2,Lung Opacity
bb-2,Lung Opacity
cc-3,Normal
dd-4,Normal
"""
MAPPING = [
    {"img_id": "00000005_001.png", "subset_img_id": "aa-1", "subset_group": "train"},
    {"img_id": "00000005_002.png", "subset_img_id": "bb-2", "subset_group": "train"},
    {"img_id": "00012345_000.png", "subset_img_id": "cc-3", "subset_group": "train"},
    {"img_id": "00000009_000.png", "subset_img_id": "dd-4", "subset_group": "train"},
    {"img_id": "00000007_000.png", "subset_img_id": "ee-5", "subset_group": "test"},
]


@pytest.fixture
def archive(tmp_path, write_dicom):
    """Kaggle's second stage; the image of dd-4 is missing."""
    root = tmp_path / "rsna"
    for folder, names in (("train", ("aa-1", "bb-2", "cc-3")), ("test", ("ee-5",))):
        for name in names:
            write_dicom(root / f"stage_2_{folder}_images" / f"{name}.dcm", PatientID=name)
    (root / "stage_2_train_labels.csv").write_text(LABELS)
    (root / "stage_2_detailed_class_info.csv").write_text(CLASSES)
    return root


def with_mapping(root, mapping=MAPPING):
    (root / "pneumonia-challenge-dataset-mappings_2018.json").write_text(json.dumps(mapping))
    return root


def test_rows_of_an_image_become_one_record_with_its_boxes(archive):
    corpus = build(open_source("rsna", root=with_mapping(archive)), archive.parent / "out", size=8)
    index = corpus.index.set_index("image_id")
    assert index.index.tolist() == ["aa-1", "bb-2", "cc-3", "ee-5"]
    assert index["label.Lung Opacity"].tolist() == [0, 1, 0, pd.NA]
    assert index["label.Pneumonia"].tolist() == [0, 1, 0, pd.NA]
    assert index["label.No Finding"].tolist() == [0, 0, 1, pd.NA]
    assert json.loads(index["boxes"]["bb-2"]) == [
        {"name": "Lung Opacity", "x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5},
        {"name": "Lung Opacity", "x": 0.625, "y": 0.125, "width": 0.25, "height": 0.25},
    ]
    assert (index["view"]["bb-2"], index["age"]["bb-2"], index["sex"]["bb-2"]) == ("PA", 63, "M")
    dropped = [step for step in corpus.info["flow"] if step["step"] == "dropped"]
    assert [step["examples"] for step in dropped] == [["row 4"]]


def test_the_mapping_gives_nih_patients_in_their_namespace(archive):
    source = open_source("rsna", root=with_mapping(archive))
    listing = source.listing("utf-8")
    patients = [entry.patient_id for entry in listing.entries if isinstance(entry, Record)]
    assert patients == ["5", "5", "12345", "7"]
    assert source.namespace == "nih"
    assert listing.settings == {"root": str(archive)}


def test_without_the_mapping_patients_are_unknown_and_said_to_be(archive):
    source = open_source("rsna", root=archive)
    listing = source.listing("utf-8")
    assert listing.entries[0].patient_id == "aa-1"
    assert source.namespace == "rsna"
    assert listing.settings["shares_patients_with"] == ["nih"]
    assert "each image counts as a patient of its own" in listing.settings["warning"]


def test_official_splits_are_those_of_the_challenge(archive):
    source = open_source("rsna", root=archive)
    corpus = build(source, archive.parent / "out", size=8, split="official")
    splits = corpus.index.set_index("image_id")["split"]
    assert splits["ee-5"] == "test"
    assert set(splits.drop("ee-5")) <= {"train", "pool", "validate"}


def test_an_image_that_the_mapping_lacks_is_left_out(archive):
    with_mapping(archive, MAPPING[1:])
    first = open_source("rsna", root=archive).listing("utf-8").entries[0]
    assert first == Rejection("aa-1", "image is not in the mapping to NIH patients")


@pytest.mark.parametrize("mapping", [{"a": 1}, [{"img_id": "x.png", "subset_img_id": "aa-1"}]])
def test_a_damaged_mapping_is_refused(archive, mapping):
    with_mapping(archive, mapping)
    with pytest.raises(CorpusError, match="damaged; expected a list with img_id"):
        open_source("rsna", root=archive).listing("utf-8")


def test_a_box_that_is_none_costs_its_image(archive):
    (archive / "stage_2_train_labels.csv").write_text(LABELS.replace("12.0,16.0,24.0", ",16.0,1"))
    second = open_source("rsna", root=archive).listing("utf-8").entries[1]
    assert second == Rejection("bb-2", "a box is not four numbers")


def test_a_folder_without_the_tables_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"stage_2_train_labels\.csv does not exist"):
        open_source("rsna", root=tmp_path).listing("utf-8")


def test_the_real_tables_give_the_published_counts(wheel_tables, tmp_path, monkeypatch):
    with ZipFile(wheel_tables / "kaggle_stage_2_train_labels.csv.zip") as packed:
        packed.extract("stage_2_train_labels.csv", tmp_path)
    (tmp_path / "stage_2_detailed_class_info.csv").write_text("patientId,class\n")
    stated = pd.read_csv(
        wheel_tables / "kaggle_stage_2_train_images_dicom_headers.csv.gz", dtype=str
    )
    headers = {
        row.PatientID: Header(
            body_part=row.BodyPartExamined,
            view_position=row.ViewPosition,
            sex=row.PatientSex,
            age=row.PatientAge,
            rows=1024,
            columns=1024,
        )
        for row in stated.itertuples()
    }
    monkeypatch.setattr(rsna, "read_headers", lambda paths: [headers[p.stem] for p in paths])
    entries = open_source("rsna", root=tmp_path).listing("utf-8").entries
    assert len(entries) == 26_684
    assert all(isinstance(entry, Record) for entry in entries)
    assert sum(entry.labels["Pneumonia"] for entry in entries) == 6_012
    assert sum(len(entry.boxes) for entry in entries) == 9_555
    assert Counter(entry.view for entry in entries) == {"PA": 14_511, "AP": 12_173}
    assert Counter(entry.sex for entry in entries) == {"M": 15_166, "F": 11_518}
