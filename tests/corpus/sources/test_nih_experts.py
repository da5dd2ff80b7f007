"""NIH ChestX-ray14 with the radiologists' labels and boxes that others add to it."""

import gzip
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.corpus.build import build
from radtex.corpus.label_policies import label_policy
from radtex.corpus.record import Record
from radtex.corpus.sources import open_source
from radtex.corpus.sources.nih_experts import read_boxes, read_expert_labels
from radtex.errors import CorpusError
from radtex.findings import NIH_LABELS

NIH = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]"
)
FOUR = f"{NIH},Fracture,Pneumothorax,Airspace opacity,Nodule or mass\n"
ALL = (
    "Image ID,Patient ID,Abnormal,Atelectasis,Cardiomegaly,Effusion,Infiltration,Mass,Nodule,"
    "Pneumonia,Pneumothorax,Consolidation,Edema,Emphysema,Fibrosis,Pleural Thickening,Hernia,"
    "Other\n"
)
BOXES = "Image Index,Finding Label,Bbox [x,y,w,h],,,\n"
FIRST, SECOND = "00000001_000.png", "00000002_000.png"


def entry(image: str, labels: str = "No Finding") -> str:
    return f"{image},{labels},0,{int(image[:8])},57,M,PA,2682,2749,0.143,0.143"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two films; a reader of each is a third file, that must not be taken for a final label."""
    root = tmp_path / "nih"
    for folder in ("images", "four_findings_expert_labels", "all_findings_expert_labels"):
        (root / folder).mkdir(parents=True)
    (root / "Data_Entry_2017_v2020.csv").write_text(
        f"{NIH}\n{entry(FIRST, 'Pneumothorax')}\n{entry(SECOND)}\n"
    )
    for seed, image in enumerate((FIRST, SECOND)):
        grey = np.random.default_rng(seed).integers(0, 256, (32, 32, 4), dtype=np.uint8)
        Image.fromarray(grey if seed else grey[..., 0]).save(root / "images" / image)
    four = root / "four_findings_expert_labels"
    (four / "test_labels.csv").write_text(f"{FOUR}{entry(FIRST)},NO,NO,YES,\n")
    (four / "individual_readers.csv").write_text(
        "Reader ID,Image ID,Patient ID,Fracture,Pneumothorax,Airspace opacity,Nodule/mass\n"
        f"7,{SECOND},2,YES,YES,YES,YES\n"
    )
    (root / "all_findings_expert_labels" / "test_labels.csv").write_text(
        f"{ALL}{FIRST},1,1" + ",NO" * 12 + ",YES,NO,HEDGE\n"
    )
    (root / "BBox_List_2017.csv").write_text(
        f"{BOXES}{FIRST},Infiltrate,256.0,512.0,128.0,600.0,,,\n{FIRST},Mass,0,0,1024,512\n"
    )
    return root


def test_expert_labels_stand_beside_those_of_the_archive(archive, tmp_path):
    corpus = build(open_source("nih", root=archive), tmp_path / "c", size=16, workers=1)
    assert corpus.info["source"]["images_labelled_by_experts"] == 1
    assert corpus.info["source"]["images_with_boxes"] == 1
    names = ["Pneumothorax", "Google Pneumothorax", "Google Airspace opacity"]
    values = corpus.labels(names, label_policy("paper"))
    assert values[0].tolist() == [1, 0, 1]
    assert values[1, 0] == 0
    assert np.isnan(values[1, 1:]).all()


def test_each_set_of_experts_has_names_of_its_own_and_readers_are_left_out(archive):
    labels = read_expert_labels(archive, "utf-8")
    assert labels.keys() == {FIRST}
    four = {"Fracture": 0, "Pneumothorax": 0, "Airspace opacity": 1}  # a blank is no label
    every = dict.fromkeys(NIH_LABELS, 0) | {"Abnormal": 1, "Pleural_Thickening": 1, "Other": -1}
    assert labels[FIRST] == {f"Google {name}": value for name, value in four.items()} | {
        f"Google14 {name}": value for name, value in every.items()
    }


def test_expert_files_may_lie_in_the_root_with_their_folder_as_prefix(tmp_path):
    file = tmp_path / "four_findings_expert_labels_validation_labels.csv"
    file.write_text(f"{FOUR}{entry(SECOND)},YES,NO,NO,NO\n")
    assert read_expert_labels(tmp_path, "utf-8")[SECOND]["Google Fracture"] == 1


def test_boxes_are_fractions_of_the_image_by_the_names_of_the_labels(archive):
    first, second = read_boxes(archive, "utf-8")[FIRST]
    infiltration = {"name": "Infiltration", "x": 0.25, "y": 0.5, "width": 0.125, "height": 0.5}
    assert first == infiltration  # it reached below the image
    assert second == {"name": "Mass", "x": 0.0, "y": 0.0, "width": 1.0, "height": 0.5}


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "four_findings_expert_labels/test_labels.csv",
            f"{FOUR}{entry(FIRST)},MAYBE,NO,NO,NO\n",
            "00000001_000.png is none of YES, NO, HEDGE",
        ),
        ("BBox_List_2017.csv", f"{BOXES}{FIRST},Mass,1,2,3,wide\n", "00000001_000.png: a box is"),
        (
            "all_findings_expert_labels/test_labels.csv",
            "Image ID,Reader\n",
            "no column of a finding; its columns are: Image ID, Reader",
        ),
        ("BBox_List_2017.csv", "Image Index,Finding Label\n", r"no column Bbox \[x, y, w, h\]"),
    ],
)
def test_damaged_additions_are_named(archive, file, content, message):
    (archive / file).write_text(content)
    with pytest.raises(CorpusError, match=message):
        open_source("nih", root=archive).listing("utf-8")


def test_the_real_tables_give_the_counts_that_are_known(wheel_tables, tmp_path):
    names = {
        "Data_Entry_2017_v2020.csv": "Data_Entry_2017_v2020.csv",
        "BBox_List_2017.csv": "BBox_List_2017.csv",
        "google2019_nih-chest-xray-labels.csv": ("four_findings_expert_labels_test_labels.csv"),
    }
    for packed, name in names.items():
        (tmp_path / name).write_bytes(gzip.decompress((wheel_tables / f"{packed}.gz").read_bytes()))
    listing = open_source("nih", root=tmp_path).listing("utf-8")
    records = [entry for entry in listing.entries if isinstance(entry, Record)]
    assert len(records) == len(listing.entries) == 112_120
    assert len({record.patient_id for record in records}) == 30_805
    views = Counter(record.view for record in records)
    assert (views["PA"], views["AP"]) == (67_310, 44_810)
    positive = Counter(name for record in records for name, value in record.labels.items() if value)
    assert (positive["Infiltration"], positive["Hernia"]) == (19_894, 227)
    assert (positive["Google Airspace opacity"], positive["Google Fracture"]) == (2_166, 186)
    assert listing.settings["images_labelled_by_experts"] == 4_376
    boxes = [box for record in records for box in record.boxes]
    assert (len(boxes), listing.settings["images_with_boxes"]) == (984, 880)
    assert {str(box["name"]) for box in boxes} < set(NIH_LABELS)
