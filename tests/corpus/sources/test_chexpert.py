"""CheXpert, in miniature trees of its own layouts."""

import gzip
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fixtures.archives import counted, write_csv, write_film
from radtex.corpus.build import build
from radtex.corpus.record import Rejection
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

LABELS = (
    "No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung Lesion,Edema,"
    "Consolidation,Pneumonia,Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,Fracture,"
    "Support Devices"
)
IMAGES = "Path,Sex,Age,Frontal/Lateral,AP/PA," + LABELS
BLANK = dict.fromkeys(CHEXPERT_LABELS)
TRAIN = (
    # path, sex, age, frontal or lateral, AP or PA, labels
    ("patient00001/study1/view1_frontal.jpg", "Female", "68", "Frontal", "AP", {"No Finding": 1}),
    ("patient00002/study2/view1_frontal.jpg", "Male", "0", "Frontal", "PA", {"Edema": -1}),
    ("patient00002/study2/view2_lateral.jpg", "Male", "0", "Lateral", "", {"Edema": -1}),
    ("patient21513/study5/view2_frontal.jpg", "Unknown", "34", "Frontal", "LL", {"Fracture": 0}),
    ("patient43017/study1/view1_lateral.jpg", "Male", "90", "Lateral", "", {}),
    ("patient64540/study1/view1_frontal.jpg", "Male", "45", "Frontal", "AP", {"Pneumonia": 1}),
)
ABSENT = dict.fromkeys(CHEXPERT_LABELS, 0)
VALID = (("patient64541/study1/view1_frontal.jpg", "Male", "73", "Frontal", "AP", ABSENT),)
TEST = ("patient64741/study1/view1_frontal.jpg", "patient64741/study1/view2_lateral.jpg")


def image_rows(prefix: str, images: Sequence[tuple[Any, ...]]) -> list[dict[str, object]]:
    return [
        dict(zip(IMAGES.split(",")[:5], (f"{prefix}/{path}", *cells), strict=True))
        | {name: f"{value:.1f}" for name, value in labels.items()}
        for path, *cells, labels in images
    ]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """CheXpert-v1.0-small, with the test studies beside; the file of patient64540 is absent."""
    root = tmp_path / "CheXpert-v1.0-small"
    for split, images in (("train", TRAIN), ("valid", VALID)):
        write_csv(
            root / f"{split}.csv", image_rows(f"{root.name}/{split}", images), IMAGES.split(",")
        )
        for seed, (path, *_) in enumerate(images):
            if "patient64540" not in path:
                write_film(root / split / path, seed)
    for path in TEST:
        write_film(root / "test" / path)
    studies = ["CheXpert-v1.0/test/patient64741/study1", "CheXpert-v1.0/test/patient64742/study1"]
    rows = [{"Study": study} | ABSENT | {"Edema": 1} for study in studies]
    write_csv(root / "groundtruth.csv", rows, f"Study,{LABELS}".split(","))
    return root


def listing(root: Path) -> Any:
    return open_source("chexpert", root=root).listing("utf-8")


def records(root: Path) -> dict[str, Any]:
    entries = listing(root).entries
    return {entry.image_id: entry for entry in entries if not isinstance(entry, Rejection)}


def test_a_corpus_comes_from_the_shipped_folder(small, tmp_path):
    source = open_source("chexpert", root=small)
    corpus = build(source, tmp_path / "out", size=16, workers=1, split="official")
    index = corpus.index.set_index("image_id")
    assert set(index["patient_namespace"]) == {"chexpert"}
    assert index.loc["patient00002/study2/view1_frontal", "label.Edema"] == -1
    assert index.loc["patient00001/study1/view1_frontal", "study_id"] == "patient00001/study1"
    assert index.loc["patient64541/study1/view1_frontal", "split"] == "validate"
    assert index.loc["patient64741/study1/view1_frontal", "split"] == "test"
    assert index.loc["patient00001/study1/view1_frontal", "split"] in ("train", "pool")
    assert corpus.info["options"]["intensity"] == "equalize"
    assert counted(corpus) == {
        "in": 10,
        "study has no image files": 1,
        "view is lateral": 4,
        "image file is missing or may not be read": 1,
        "kept": 4,
        "age is 0, taken as not stated": 1,
        "no report": 4,
    }


def test_cells_of_the_table_become_those_of_a_record(small):
    found = records(small)
    first, second = (found[f"patient0000{n}/study{n}/view1_frontal"] for n in (1, 2))
    assert (first.patient_id, first.view, first.age, first.sex) == ("patient00001", "AP", 68, "F")
    assert first.labels == BLANK | {"No Finding": 1}
    assert first.source_path == "train/patient00001/study1/view1_frontal.jpg"
    assert (second.age, second.sex, second.view) == (None, "M", "PA")
    assert found["patient21513/study5/view2_frontal"].view == "LATERAL"
    assert found["patient21513/study5/view2_frontal"].sex == ""
    assert found["patient43017/study1/view1_lateral"].view == "LATERAL"
    assert found["patient64541/study1/view1_frontal"].labels == ABSENT


def test_labels_of_a_test_study_count_for_each_of_its_images(small):
    labels = ABSENT | {"Edema": 1}
    test = {name: record for name, record in records(small).items() if record.split == "test"}
    assert {record.view for record in test.values()} == {"", "LATERAL"}
    assert [record.labels for record in test.values()] == [labels, labels]
    assert [record.source_path for record in test.values()] == [f"test/{path}" for path in TEST]
    assert (
        Rejection("CheXpert-v1.0/test/patient64742/study1", "study has no image files")
        in listing(small).entries
    )


def test_a_table_of_test_images_goes_before_one_of_studies(small):
    rows = [{"Path": f"test/{path}"} | dict.fromkeys(CHEXPERT_LABELS, 1) for path in TEST]
    write_csv(small / "test_labels.csv", rows, f"Path,{LABELS}".split(","))
    found = listing(small)
    test = [record for record in found.entries if record.split == "test"]
    assert [set(record.labels.values()) for record in test] == [{1}, {1}]
    assert found.settings["tables"]["test"] == "test_labels.csv"


def test_the_batches_of_the_newer_download_give_the_same_records(small, tmp_path):
    root = tmp_path / "chexpertchestxrays-u20210408"
    first = root / "CheXpert-v1.0 batch 1 (validate & csv)"
    first.mkdir(parents=True)
    batches = {
        "CheXpert-v1.0 batch 2 (train 1)": ("patient00001", "patient00002", "patient21513"),
        "CheXpert-v1.0 batch 3 (train 2)": ("patient43017",),
        "CheXpert-v1.0 batch 4 (train 3)": ("patient64540",),
    }
    for batch, patients in batches.items():
        for patient in patients:
            if (small / "train" / patient).is_dir():
                shutil.copytree(small / "train" / patient, root / batch / patient)
    shutil.copytree(small / "valid", first / "valid")
    for name in ("train.csv", "valid.csv"):
        text = (small / name).read_text().replace("CheXpert-v1.0-small", "CheXpert-v1.0")
        (first / name).write_text(text)
    of_batches, of_small = records(root), records(small)
    path = "patient43017/study1/view1_lateral"
    assert of_batches[path].source_path == f"CheXpert-v1.0 batch 3 (train 2)/{path}.jpg"
    assert of_batches.keys() == {
        name for name, record in of_small.items() if record.split != "test"
    }
    for name, record in of_batches.items():
        assert record == replace(of_small[name], source_path=record.source_path)
        exists = (root / record.source_path).is_file()
        assert exists == (record.patient_id != "patient64540")


def test_the_folder_around_the_archive_does_as_well(small):
    inside, around = records(small), records(small.parent)
    assert inside.keys() == around.keys()
    path = "patient00001/study1/view1_frontal"
    assert around[path].source_path == f"{small.name}/{inside[path].source_path}"


def test_strange_rows_are_counted_and_other_folders_refused(small, tmp_path):
    with (small / "valid.csv").open("a") as file:
        file.write(
            "CheXpert-v1.0-small/valid/patient1/view1.jpg,Male,50,Frontal,AP" + ",0" * 14 + "\n"
        )
        file.write(f"valid/{VALID[0][0]},Male,50,Frontal,AP" + ",7" * 14 + "\nshort\n")
    reasons = [entry.reason for entry in listing(small).entries if isinstance(entry, Rejection)]
    assert reasons == [
        "path does not end as those of the archive's images do",
        "a label is none of 1, 0, −1, yes, no and blank, but another number",
        "row has not as many fields as the header",
        "study has no image files",
    ]
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("none", "does not exist"),
        ("empty", "it holds no train.csv"),
    ):
        with pytest.raises(CorpusError, match=said):
            listing(tmp_path / name)


def test_the_real_table_is_read_whole(wheel_tables, tmp_path):
    packed = (wheel_tables / "chexpert_train.csv.gz").read_bytes()
    (tmp_path / "train.csv").write_bytes(gzip.decompress(packed))
    entries = listing(tmp_path).entries
    assert len(entries) == 223_414
    assert len({record.study_id for record in entries}) == 187_641
    assert len({record.patient_id for record in entries}) == 64_540
    assert len({record.image_id for record in entries}) == 223_414
    assert Counter(record.view for record in entries) == {
        "AP": 161_590, "PA": 29_420, "LATERAL": 32_387 + 17,
    }  # fmt: skip
    assert Counter(record.sex for record in entries) == {"M": 132_636, "F": 90_777, "": 1}
    assert Counter(record.labels["No Finding"] for record in entries) == {1: 22_381, None: 201_033}
    ages = [record.age for record in entries if record.age is not None]
    assert (len(ages), min(ages), max(ages)) == (223_411, 18, 90)
