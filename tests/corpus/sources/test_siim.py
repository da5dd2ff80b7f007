"""SIIM-ACR Pneumothorax Segmentation."""

import gzip
import json
from collections import Counter

import pandas as pd
import pytest

from radtex.corpus.build import build
from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources import open_source, siim
from radtex.errors import CorpusError
from radtex.images.header import Header

# On 64×48 pixels: rows 8 to 15 of columns 10 and 11, and rows 40 to 47 of column 20.
UPPER, LOWER = f"{10 * 64 + 8} 8 56 8", f"{20 * 64 + 40} 8"


def nested(folder, name):
    return f"{folder}/2.{name}/3.{name}/{name}.dcm"


@pytest.fixture
def first_stage(tmp_path, write_dicom):
    root = tmp_path / "siim"
    for name in ("1.10", "1.11", "1.12"):
        write_dicom(
            root / nested("dicom-images-train", name),
            PatientID=f"p{name}",
            StudyInstanceUID=f"2.{name}",
            ImageType=["DERIVED", "SECONDARY"],
        )
    write_dicom(root / nested("dicom-images-test", "1.13"), PatientID="")
    (root / "train-rle.csv").write_text(
        f"ImageId, EncodedPixels\n1.10, -1\n1.11, {UPPER}\n1.11, {LOWER}\n1.12, 5 x\n1.14, -1\n"
    )
    return root


def test_masks_become_a_label_and_one_box_around_all(first_stage):
    source = open_source("siim", root=first_stage)
    corpus = build(source, first_stage.parent / "out", size=8)
    index = corpus.index.set_index("image_id")
    assert index["label.Pneumothorax"].tolist() == [0, 1, pd.NA]
    assert index.index.tolist() == ["1.10", "1.11", "1.13"]
    assert json.loads(index["boxes"]["1.10"]) == []
    (box,) = json.loads(index["boxes"]["1.11"])
    assert box.pop("name") == "Pneumothorax"
    assert box == pytest.approx({"x": 10 / 48, "y": 8 / 64, "width": 11 / 48, "height": 40 / 64})
    assert index["study_id"]["1.10"] == "2.1.10"
    assert index["patient_id"].tolist() == ["p1.10", "p1.11", "1.13"]
    assert index["source_path"]["1.10"] == nested("dicom-images-train", "1.10")
    assert json.loads(index["flags"]["1.10"]) == ["derived image", "no report"]
    assert corpus.info["source"]["shares_patients_with"] == ["nih"]


def test_what_cannot_be_read_is_counted(first_stage):
    entries = open_source("siim", root=first_stage).listing("utf-8").entries
    assert [entry for entry in entries if isinstance(entry, Rejection)] == [
        Rejection("1.12", "a mask is not run-length coded"),
        Rejection("1.14", "image file is missing or may not be read"),
    ]


def test_the_second_stage_labels_the_images_of_the_first_and_adds_its_own(first_stage, write_dicom):
    write_dicom(first_stage / "stage_2_images" / "ID_0a1.dcm")
    (first_stage / "stage_2_train.csv").write_text(
        f"ImageId,EncodedPixels\n1.10,-1\n1.11,{UPPER}\n1.12,-1\n1.13,{LOWER}\n"
    )
    listing = open_source("siim", root=first_stage).listing("utf-8")
    found = {entry.image_id: (entry.split, entry.labels) for entry in listing.entries}
    assert found == {
        "1.10": ("train", {"Pneumothorax": 0}),
        "1.11": ("train", {"Pneumothorax": 1}),
        "1.12": ("train", {"Pneumothorax": 0}),
        "1.13": ("train", {"Pneumothorax": 1}),
        "ID_0a1": ("test", {}),
    }
    assert listing.settings["table"] == "stage_2_train.csv"


def test_a_mask_beyond_the_image_costs_its_image(first_stage):
    (first_stage / "train-rle.csv").write_text(f"ImageId, EncodedPixels\n1.10, {64 * 48} 5\n")
    first = open_source("siim", root=first_stage).listing("utf-8").entries[0]
    assert first == Rejection("1.10", "a box lies outside its image")


def test_a_folder_without_a_table_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"holds no stage_2_train\.csv or train-rle\.csv"):
        open_source("siim", root=tmp_path).listing("utf-8")


def test_the_real_table_gives_the_published_counts(wheel_tables, tmp_path, monkeypatch):
    packed = (wheel_tables / "siim-pneumothorax-train-rle.csv.gz").read_bytes()
    (tmp_path / "train-rle.csv").write_bytes(gzip.decompress(packed))
    header = Header(view_position="PA", body_part="CHEST", rows=1024, columns=1024)
    monkeypatch.setattr(siim, "read_headers", lambda paths: [header] * len(paths))
    entries = open_source("siim", root=tmp_path).listing("utf-8").entries
    assert all(isinstance(entry, Record) for entry in entries)
    assert Counter(entry.labels["Pneumothorax"] for entry in entries) == {0: 9_378, 1: 2_669}
    assert sum(len(entry.boxes) for entry in entries) == 2_669


def test_films_behind_a_linked_folder_are_found(first_stage):
    there = open_source("siim", root=first_stage).listing("utf-8").entries
    elsewhere = first_stage.parent / "elsewhere"
    (first_stage / "dicom-images-train").rename(elsewhere)
    (first_stage / "dicom-images-train").symlink_to(elsewhere)
    assert open_source("siim", root=first_stage).listing("utf-8").entries == there
