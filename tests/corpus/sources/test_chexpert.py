"""CheXpert and CheXpert Plus, in miniature trees of their own layouts."""

import gzip
import json
import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
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
PLUS = (
    "path_to_image,path_to_dcm,frontal_lateral,ap_pa,deid_patient_id,patient_report_date_order,"
    "report,section_narrative,section_clinical_history,section_history,section_comparison,"
    "section_technique,section_procedure_comments,section_findings,section_impression,"
    "section_end_of_impression,section_summary,section_accession_number,age,sex,race,ethnicity,"
    "interpreter_needed,insurance_type,recent_bmi,deceased,split"
)
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


def write_csv(file: Path, header: str, rows: Sequence[Mapping[str, object]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=header.split(",")).to_csv(file, index=False)
    return file


def write_image(file: Path, seed: int = 0) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 48), dtype=np.uint8)
    Image.fromarray(pixels).save(file)


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
        write_csv(root / f"{split}.csv", IMAGES, image_rows(f"{root.name}/{split}", images))
        for seed, (path, *_) in enumerate(images):
            if "patient64540" not in path:
                write_image(root / split / path, seed)
    for path in TEST:
        write_image(root / "test" / path)
    studies = ["CheXpert-v1.0/test/patient64741/study1", "CheXpert-v1.0/test/patient64742/study1"]
    rows = [{"Study": study} | ABSENT | {"Edema": 1} for study in studies]
    write_csv(root / "groundtruth.csv", f"Study,{LABELS}", rows)
    return root


def listing(root: Path, name: str = "chexpert") -> Any:
    return open_source(name, root=root).listing("utf-8")


def records(root: Path, name: str = "chexpert") -> dict[str, Any]:
    entries = listing(root, name).entries
    return {entry.image_id: entry for entry in entries if not isinstance(entry, Rejection)}


def flow(corpus: Corpus) -> dict[str, int]:
    return {step.get("reason", step["step"]): step["rows"] for step in corpus.info["flow"]}


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
    assert flow(corpus) == {
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
    write_csv(small / "test_labels.csv", f"Path,{LABELS}", rows)
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
        assert vars(record) | {"source_path": ""} == vars(of_small[name]) | {"source_path": ""}
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
        "a label is none of 1, 0, −1 and blank",
        "row has not as many fields as the header",
        "study has no image files",
    ]
    for name in ("none", "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(CorpusError, match=r"is no CheXpert archive: it holds no train.csv"):
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


REPORT = """NARRATIVE:
RADIOGRAPHIC EXAMINATION OF THE CHEST: 1/2/2003

CLINICAL HISTORY: 60 years of age, cough.

IMPRESSION:

1. CLEAR LUNGS.
"""


def plus_row(path: str, **cells: object) -> dict[str, object]:
    dicom = path.replace(".jpg", ".dcm")
    split, patient = path.split("/")[:2]
    view = "Lateral" if "lateral" in path else "Frontal"
    return {
        "path_to_image": path,
        "path_to_dcm": dicom,
        "frontal_lateral": view,
        "deid_patient_id": patient,
        "age": "60.0",
        "sex": "Male",
        "split": split,
        **cells,
    }


@pytest.fixture
def plus(tmp_path: Path) -> Path:
    """CheXpert Plus as PNG, without labels; the file of patient00003 is absent."""
    root = tmp_path / "chexpert-plus"
    sections = {
        "report": REPORT,
        "section_clinical_history": " 60 years of age, cough.",
        "section_findings": "The lungs are clear.\nNo effusion.",
        "section_impression": "1. CLEAR LUNGS.",
    }
    rows = [
        plus_row("train/patient00001/study1/view1_frontal.jpg", ap_pa="AP", **sections),
        plus_row("train/patient00001/study1/view2_lateral.jpg", **sections),
        plus_row("train/patient00002/study1/view1_frontal.jpg", ap_pa="PA", report=REPORT),
        plus_row("train/patient00003/study1/view1_frontal.jpg", ap_pa="PA"),
        plus_row("valid/patient64541/study1/view1_frontal.jpg", sex="Unknown", age=""),
    ]
    write_csv(root / "df_chexpert_plus_240401.csv", PLUS, rows)
    for seed, row in enumerate(rows):
        if "patient00003" not in str(row["path_to_image"]):
            file = root / "PNG" / str(row["path_to_image"])
            write_image(file.with_suffix(".png"), seed)
    return root


def write_label_file(root: Path, name: str, labels: Mapping[str, Mapping[str, object]]) -> Path:
    file = root / "chexbert_labels" / name
    file.parent.mkdir(exist_ok=True)
    names = [*CHEXPERT_LABELS[1:], CHEXPERT_LABELS[0]]
    rows = [
        {"path_to_image": path, **dict.fromkeys(names), **values} for path, values in labels.items()
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_a_corpus_with_reports_comes_from_chexpert_plus(plus, tmp_path):
    path = "train/patient00001/study1/view1_frontal.jpg"
    write_label_file(plus, "impression_fixed.json", {path: {"Edema": -1.0, "No Finding": 1.0}})
    source = open_source("chexpert-plus", root=plus)
    corpus = build(source, tmp_path / "out", size=16, workers=1, split="official", views="all")
    index = corpus.index.set_index("image_id")
    both = index[index["study_id"] == "patient00001/study1"]
    assert list(both["view"]) == ["AP", "LATERAL"]
    assert set(both["findings"]) == {"The lungs are clear.\nNo effusion."}
    assert set(both["impression"]) == {"1. CLEAR LUNGS."}
    assert set(both["indication"]) == {"60 years of age, cough."}
    assert set(both["report"]) == {REPORT.strip()}
    assert both["source_path"].iloc[0] == "PNG/train/patient00001/study1/view1_frontal.png"
    assert both["label.Edema"].tolist() == [-1, pd.NA]
    valid = index.loc["patient64541/study1/view1_frontal"]
    assert (valid["split"], valid["sex"], valid["view"]) == ("validate", "", "")
    assert np.isnan(valid["age"])
    assert corpus.info["options"]["intensity"] == "window"
    assert corpus.info["source"]["images"] == "PNG"
    assert corpus.info["source"]["labels"] == "impression_fixed.json"
    assert flow(corpus) == {
        "in": 5,
        "image file is missing or may not be read": 1,
        "kept": 4,
        "no report": 1,
    }


def test_a_report_whose_sections_the_table_lacks_is_split_itself(plus):
    record = records(plus, "chexpert-plus")["patient00002/study1/view1_frontal"]
    assert record.impression == "1. CLEAR LUNGS."
    assert record.indication == "60 years of age, cough."
    assert record.report == REPORT.strip()


def test_images_and_patients_are_named_as_in_chexpert(plus, small):
    path = "patient00001/study1/view1_frontal"
    with_report, without = records(plus, "chexpert-plus")[path], records(small)[path]
    assert with_report.study_id == without.study_id
    assert with_report.patient_id == without.patient_id
    assert open_source("chexpert", root=small).namespace == (
        open_source("chexpert-plus", root=plus).namespace
    )


@pytest.mark.parametrize(
    ("tree", "suffix"),
    [
        ("PNG/PNG", ".png"),
        ("DICOM/Uncompressed", ".dcm"),
        ("DICOM/Compressed", ".dcm"),
        (".", ".jpg"),
    ],
)
def test_images_are_found_in_whichever_tree_lies_there(plus, tree, suffix):
    image = plus / "PNG" / "train/patient00001/study1/view1_frontal.png"
    moved = plus / tree / "train/patient00001/study1" / f"view1_frontal{suffix}"
    moved.parent.mkdir(parents=True)
    image.rename(moved)
    shutil.rmtree(plus / "PNG" / "train")
    shutil.rmtree(plus / "PNG" / "valid")
    found = listing(plus, "chexpert-plus")
    assert plus / found.entries[0].source_path == moved
    assert found.settings["images"] == tree


def test_dicom_files_are_read(plus, tmp_path, write_dicom: Callable[..., Any]):
    shutil.rmtree(plus / "PNG")
    write_dicom(plus / "DICOM/Uncompressed/train/patient00001/study1/view1_frontal.dcm")
    source = open_source("chexpert-plus", root=plus)
    corpus = build(source, tmp_path / "out", size=16, workers=1)
    assert list(corpus.index["image_id"]) == ["patient00001/study1/view1_frontal"]


def test_labels_of_the_impression_go_before_those_of_the_report(plus):
    path = "train/patient00002/study1/view1_frontal.jpg"
    image = "patient00002/study1/view1_frontal"
    assert records(plus, "chexpert-plus")[image].labels == {}
    write_label_file(plus, "findings_fixed.json", {path: {"Edema": 0}})
    assert records(plus, "chexpert-plus")[image].labels == {}
    write_label_file(plus, "report_fixed.json", {path: {"Edema": 1}})
    assert records(plus, "chexpert-plus")[image].labels == BLANK | {"Edema": 1}
    write_label_file(plus, "impression_fixed.json", {path: {"Fracture": 0}})
    found = records(plus, "chexpert-plus")
    assert found[image].labels == BLANK | {"Fracture": 0}
    assert found["patient00001/study1/view1_frontal"].labels == BLANK


@pytest.mark.parametrize("line", ["{", "[]", '{"path_to_image": "x"}', "null"])
def test_a_damaged_file_of_labels_is_refused_with_its_line(plus, line):
    file = write_label_file(
        plus, "impression_fixed.json", {"train/patient00001/study1/view1_frontal.jpg": {}}
    )
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(CorpusError, match="line 2: expected path_to_image and 14 labels"):
        listing(plus, "chexpert-plus")


def test_a_folder_without_the_table_of_chexpert_plus_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"df_chexpert_plus_240401.csv is no file"):
        listing(tmp_path, "chexpert-plus")
