"""VinDr-CXR."""

import gzip
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.corpus.build import build
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source, vindr
from radtex.corpus.sources.vindr import majority, readings_of_boxes
from radtex.errors import CorpusError
from radtex.images.header import Header

FINDINGS = (
    "Aortic enlargement", "Atelectasis", "Calcification", "Cardiomegaly", "Clavicle fracture",
    "Consolidation", "Edema", "Emphysema", "Enlarged PA", "ILD", "Infiltration", "Lung Opacity",
    "Lung cavity", "Lung cyst", "Mediastinal shift", "Nodule/Mass", "Pleural effusion",
    "Pleural thickening", "Pneumothorax", "Pulmonary fibrosis", "Rib fracture", "Other lesion",
    "COPD", "Lung tumor", "Pneumonia", "Tuberculosis", "Other diseases", "No finding",
)  # fmt: skip


def reading(*present):
    return ",".join(str(int(name in present)) for name in FINDINGS)


@pytest.fixture
def physionet(tmp_path, write_dicom):
    root = tmp_path / "vindr"
    for file in ("train/a1.dicom", "train/b2.dicom", "test/c3.dicom"):
        write_dicom(root / file, PatientID="", ViewPosition="", BodyPartExamined="")
    tables = root / "annotations"
    tables.mkdir()
    (tables / "image_labels_train.csv").write_text(
        f"image_id,rad_id,{','.join(FINDINGS)}\n"
        f"a1,R8,{reading('Pleural effusion', 'Cardiomegaly')}\n"
        f"a1,R9,{reading('Pleural effusion')}\n"
        f"a1,R10,{reading('No finding')}\n"
        f"b2,R8,{reading('No finding')}\n"
        f"b2,R9,{reading('No finding')}\n"
        f"b2,R10,{reading('No finding')}\n"
    )
    (tables / "annotations_train.csv").write_text(
        "image_id,rad_id,class_name,x_min,y_min,x_max,y_max\n"
        "a1,R8,Pleural effusion,12,16,36,48\n"
        "a1,R8,Cardiomegaly,1,2,3,4\n"
        "a1,R9,Pleural effusion,0,0,24,32\n"
        "a1,R10,No finding,,,,\n"
        "b2,R8,No finding,,,,\n"
        "b2,R9,No finding,,,,\n"
        "b2,R10,No finding,,,,\n"
    )
    (tables / "image_labels_test.csv").write_text(
        f"image_id,{','.join(FINDINGS).replace('Other diseases', 'Other disease')}\n"
        f"c3,{reading('Other diseases')}\nd4,{reading('No finding')}\n"
    )
    (tables / "annotations_test.csv").write_text(
        "image_id,class_name,x_min,y_min,x_max,y_max\nc3,No finding,,,,\n"
    )
    return root


def test_the_readers_vote_and_boxes_follow_the_vote(physionet):
    source = open_source("vindr", root=physionet)
    corpus = build(source, physionet.parent / "out", size=8, split="official")
    index = corpus.index.set_index("image_id")
    positive = {
        image: [
            name.removeprefix("label.")
            for name in index.columns
            if name.startswith("label.") and index[name][image] == 1
        ]
        for image in index.index
    }
    assert positive == {"a1": ["Pleural Effusion"], "b2": ["No Finding"], "c3": ["Other diseases"]}
    assert sum(name.startswith("label.") for name in index.columns) == 28
    assert index.filter(like="label.").notna().all(axis=None)
    assert json.loads(index["boxes"]["a1"]) == [
        {"name": "Pleural Effusion", "x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5},
        {"name": "Pleural Effusion", "x": 0, "y": 0, "width": 0.5, "height": 0.5},
    ]
    assert index["split"]["c3"] == "test"
    assert set(index["view"]) == {"PA"}
    assert index["patient_id"].tolist() == ["a1", "b2", "c3"]
    assert json.loads(index["flags"]["a1"]) == ["body part not stated", "no report"]
    assert "names no patients" in corpus.info["source"]["warning"]


def test_a_missing_image_and_a_strange_label_are_counted(physionet):
    table = physionet / "annotations" / "image_labels_train.csv"
    table.write_text(table.read_text().replace("b2,R8,0", "b2,R8,7"))
    entries = open_source("vindr", root=physionet).listing("utf-8").entries
    assert [entry for entry in entries if isinstance(entry, Rejection)] == [
        Rejection("b2", "a label is none of 1, 0, −1, yes, no and blank, but another number"),
        Rejection("d4", "image file is missing or may not be read"),
    ]


def test_kaggles_table_is_read_too_and_its_test_images_are_unlabelled(tmp_path, write_dicom):
    for file in ("train/a1.dicom", "train/b2.dicom", "test/c3.dicom"):
        write_dicom(tmp_path / file, PatientID="")
    (tmp_path / "train.csv").write_text(
        "image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max\n"
        "a1,Pleural effusion,10,R8,12.0,16.0,36.0,48.0\n"
        "a1,Pleural effusion,10,R8,0.0,0.0,12.0,16.0\n"
        "a1,Pleural effusion,10,R9,12.0,16.0,36.0,48.0\n"
        "a1,Cardiomegaly,3,R9,12.0,16.0,36.0,48.0\n"
        "a1,No finding,14,R10,,,,\n"
        "b2,No finding,14,R8,,,,\nb2,No finding,14,R9,,,,\nb2,Cardiomegaly,3,R10,1,1,9,9\n"
    )
    listing = open_source("vindr", root=tmp_path).listing("utf-8")
    first, second, third = listing.entries
    assert first.labels == {"Cardiomegaly": 0, "No Finding": 0, "Pleural Effusion": 1}
    assert second.labels == {"Cardiomegaly": 0, "No Finding": 1, "Pleural Effusion": 0}
    assert (len(first.boxes), len(second.boxes)) == (3, 0)
    assert (third.labels, third.split) == ({}, "test")
    assert listing.settings["layout"] == "Kaggle"


def test_a_table_that_is_cut_off_is_refused_since_readers_would_be_missing(physionet):
    table = physionet / "annotations" / "image_labels_train.csv"
    table.write_text(table.read_text()[:-20])
    with pytest.raises(CorpusError, match=r"damaged at line 7; fetch it anew"):
        open_source("vindr", root=physionet).listing("utf-8")


def test_a_folder_without_the_tables_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"annotations_train\.csv does not exist"):
        open_source("vindr", root=tmp_path).listing("utf-8")


def test_the_real_table_gives_the_published_counts(wheel_tables, tmp_path, monkeypatch):
    packed = (wheel_tables / "vinbigdata-train.csv.gz").read_bytes()
    (tmp_path / "train.csv").write_bytes(gzip.decompress(packed))
    header = Header(body_part="CHEST", rows=4000, columns=4000)
    monkeypatch.setattr(vindr, "read_headers", lambda paths: [header] * len(paths))
    entries = open_source("vindr", root=tmp_path).listing("utf-8").entries
    assert len(entries) == 15_000
    assert all(isinstance(entry, Record) and len(entry.labels) == 15 for entry in entries)
    readers = pd.read_csv(tmp_path / "train.csv").groupby(["class_name", "image_id"])["rad_id"]
    votes = (readers.nunique() >= 2).groupby("class_name").sum()
    assert {
        name: sum(entry.labels[vindr.LABEL_NAMES.get(name, name)] for entry in entries)
        for name in votes.index
    } == votes.to_dict()
    assert votes["No finding"] == 10_606


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=5))
def test_a_finding_is_present_where_more_than_half_of_the_readers_saw_it(votes):
    readings = [
        {"image_id": "i", "rad_id": f"R{number}", "Mass": str(int(mass)), "Edema": str(int(edema))}
        for number, (mass, edema) in enumerate(votes)
    ]
    assert majority(readings) == {
        "Mass": int(sum(mass for mass, _ in votes) > len(votes) / 2),
        "Edema": int(sum(edema for _, edema in votes) > len(votes) / 2),
    }


def test_no_reading_says_nothing_and_a_strange_one_is_refused():
    assert majority([]) == {}
    with pytest.raises(CorpusError, match="none of 1, 0, −1, yes, no and blank"):
        majority([{"image_id": "i", "Mass": "2"}])


def test_a_reader_of_several_boxes_has_one_vote():
    drawn = {
        "a": [
            {"rad_id": "R1", "class_name": "Mass"},
            {"rad_id": "R1", "class_name": "Mass"},
            {"rad_id": "R2", "class_name": "Edema"},
        ],
        "b": [{"rad_id": "R1", "class_name": "Edema"}],
    }
    assert readings_of_boxes(drawn) == {
        "a": [{"Edema": "0", "Mass": "1"}, {"Edema": "1", "Mass": "0"}],
        "b": [{"Edema": "1", "Mass": "0"}],
    }
