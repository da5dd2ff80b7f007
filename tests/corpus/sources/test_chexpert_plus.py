"""CheXpert Plus, in a miniature tree of its own layout."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from fixtures.archives import counted, write_csv, write_film
from radtex.corpus.build import build
from radtex.corpus.record import Rejection
from radtex.corpus.sources import open_source
from radtex.corpus.sources.chexpert import CheXpert
from radtex.corpus.sources.chexpert_plus import CheXpertPlus
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

COLUMNS = (
    "path_to_image,path_to_dcm,frontal_lateral,ap_pa,deid_patient_id,patient_report_date_order,"
    "report,section_narrative,section_clinical_history,section_history,section_comparison,"
    "section_technique,section_procedure_comments,section_findings,section_impression,"
    "section_end_of_impression,section_summary,section_accession_number,age,sex,race,ethnicity,"
    "interpreter_needed,insurance_type,recent_bmi,deceased,split"
)
BLANK = dict.fromkeys(CHEXPERT_LABELS)


def listing(root: Path) -> Any:
    return open_source("chexpert-plus", root=root).listing("utf-8")


def records(root: Path) -> dict[str, Any]:
    entries = listing(root).entries
    return {entry.image_id: entry for entry in entries if not isinstance(entry, Rejection)}


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
    write_csv(root / "df_chexpert_plus_240401.csv", rows, COLUMNS.split(","))
    for seed, row in enumerate(rows):
        if "patient00003" not in str(row["path_to_image"]):
            file = root / "PNG" / str(row["path_to_image"])
            write_film(file.with_suffix(".png"), seed)
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
    assert counted(corpus) == {
        "in": 5,
        "image file is missing or may not be read": 1,
        "kept": 4,
        "no report": 1,
    }


def test_a_report_whose_sections_the_table_lacks_is_split_itself(plus):
    record = records(plus)["patient00002/study1/view1_frontal"]
    assert record.texts.impression == "1. CLEAR LUNGS."
    assert record.texts.indication == "60 years of age, cough."
    assert record.texts.report == REPORT.strip()


def test_images_and_patients_are_named_as_in_chexpert(plus):
    record = records(plus)["patient00001/study1/view1_frontal"]
    assert (record.study_id, record.patient_id) == ("patient00001/study1", "patient00001")
    assert CheXpertPlus.namespace == CheXpert.namespace


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
    found = listing(plus)
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
    assert records(plus)[image].labels == {}
    write_label_file(plus, "findings_fixed.json", {path: {"Edema": 0}})
    assert records(plus)[image].labels == {}
    write_label_file(plus, "report_fixed.json", {path: {"Edema": 1}})
    assert records(plus)[image].labels == BLANK | {"Edema": 1}
    write_label_file(plus, "impression_fixed.json", {path: {"Fracture": 0}})
    found = records(plus)
    assert found[image].labels == BLANK | {"Fracture": 0}
    assert found["patient00001/study1/view1_frontal"].labels == BLANK


@pytest.mark.parametrize("line", ["{", "[]", '{"path_to_image": "x"}', "null"])
def test_a_damaged_file_of_labels_is_refused_with_its_line(plus, line):
    file = write_label_file(
        plus, "impression_fixed.json", {"train/patient00001/study1/view1_frontal.jpg": {}}
    )
    file.write_text(file.read_text() + line + "\n")
    with pytest.raises(CorpusError, match="line 2: expected path_to_image and 14 labels"):
        listing(plus)


def test_a_folder_without_the_table_of_chexpert_plus_is_refused(tmp_path):
    with pytest.raises(CorpusError, match=r"df_chexpert_plus_240401.csv does not exist"):
        listing(tmp_path)
