"""A folder per class, with or without a folder per split above."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fixtures.archives import counted
from radtex.corpus.build import build
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError

ALONE = "patient not stated, the image counts as one of its own"


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    def make(*names: str) -> Path:
        for number, name in enumerate(names):
            file = tmp_path / "folder" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            grey = np.random.default_rng(number).integers(0, 256, (40, 48), dtype=np.uint8)
            Image.fromarray(grey).save(file, format="JPEG")
        return tmp_path / "folder"

    return make


def test_kermanys_tree_keeps_its_splits_and_guesses_no_patient(make_folder, tmp_path):
    root = make_folder(
        "train/NORMAL/IM-0115-0001.jpeg",
        "train/PNEUMONIA/person1_bacteria_1.jpeg",
        "val/NORMAL/NORMAL2-IM-1427-0001.jpeg",
        "test/PNEUMONIA/person1_virus_6.jpeg",
        "train/NORMAL/.DS_Store.jpeg",
        "__MACOSX/train/NORMAL/._IM-0115-0001.jpeg",
    )
    (root / "train" / "NORMAL" / "Thumbs.db").touch()
    source = open_source("folder", root=root)
    corpus = build(source, tmp_path / "c", size=16, workers=1, split="official")
    index = corpus.index.set_index("image_id")
    assert index["split"].to_dict() == {
        "test/PNEUMONIA/person1_virus_6.jpeg": "test",
        "train/NORMAL/IM-0115-0001.jpeg": index["split"].iloc[1],
        "train/PNEUMONIA/person1_bacteria_1.jpeg": index["split"].iloc[2],
        "val/NORMAL/NORMAL2-IM-1427-0001.jpeg": "validate",
    }
    assert set(index["split"].iloc[1:3]) <= {"train", "pool"}  # the pool is carved from train
    assert index["label.PNEUMONIA"].tolist() == [1, 0, 1, 0]
    assert index["label.NORMAL"].tolist() == [0, 1, 0, 1]
    assert index["patient_id"].nunique() == 4
    flow = counted(corpus)
    assert flow == {
        "in": 7,
        "hidden, or in a hidden folder": 2,
        "file is empty": 1,
        "kept": 4,
        ALONE: 4,
        "no report": 4,
    }
    assert "one person may stand in several splits" in corpus.info["source"]["warning"]


def test_classes_may_stand_at_the_first_level_and_images_any_deeper(make_folder):
    root = make_folder("tb/a.JPG", "tb/site 2/a.jpg", "sick/b.jpeg", "health/c.jpg")
    listing = open_source("folder", root=root).listing("utf-8")
    assert listing.settings["classes"] == "health (1 images), sick (1), tb (2)"
    assert [(record.image_id, record.split) for record in listing.entries] == [
        ("health/c.jpg", ""),
        ("sick/b.jpeg", ""),
        ("tb/a.JPG", ""),
        ("tb/site 2/a.jpg", ""),
    ]
    assert listing.entries[3].labels == {"health": 0, "sick": 0, "tb": 1}


def test_dicom_files_tell_their_patients_and_views(make_folder, tmp_path, write_dicom):
    root = make_folder("normal/a.jpg")
    write_dicom(root / "mass" / "1.dcm", PatientID="p1", StudyInstanceUID="1.2", ViewPosition="AP")
    write_dicom(root / "mass" / "2.dcm", PatientID="p1", StudyInstanceUID="1.2", ViewPosition="LL")
    write_dicom(root / "mass" / "3.dcm", PatientID="")
    (root / "mass" / "4.dcm").write_bytes(b"no dicom")
    corpus = build(open_source("folder", root=root), tmp_path / "c", size=16, workers=1)
    (film, photo) = corpus.index.to_dict("records")
    assert (film["patient_id"], film["study_id"], film["view"]) == ("p1", "1.2", "AP")
    assert (film["age"], film["label.mass"], film["label.normal"]) == (63, 1, 0)
    assert photo["patient_id"] == "normal/a.jpg"
    dropped = {s["reason"]: s["rows"] for s in corpus.info["flow"] if s["step"] == "dropped"}
    assert (dropped["view is lateral"], dropped["patient id is empty"]) == (1, 1)
    assert sum(dropped.values()) == 3


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("a.jpg", "b.jpg"),
        ("chest_xray/train/NORMAL/a.jpg", "chest_xray/test/NORMAL/b.jpg"),  # a zip nested twice
        ("train/NORMAL/a.jpg", "test/b.jpg"),
        ("train/NORMAL/a.jpg", "train/TB/a.jpg", "chest_xray/train/TB/a.jpg"),
        ("only/a.jpg", "only/b.jpg"),
    ],
)
def test_another_layout_is_refused(make_folder, tmp_path, names):
    (tmp_path / "folder").mkdir()
    root = make_folder(*names)
    with pytest.raises(CorpusError, match="expected a folder for each of two classes or more"):
        open_source("folder", root=root).listing("utf-8")
