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
    assert listing.settings["classes"] == "health (1 image), sick (1), tb (2)"
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


def test_splits_may_stand_within_classes(make_folder):
    root = make_folder(
        "TB/train/1.png", "TB/test/2.bmp", "NORMAL/train/3.tif", "NORMAL/test/4.webp"
    )
    listing = open_source("folder", root=root).listing("utf-8")
    assert {record.image_id: (record.split, record.labels["TB"]) for record in listing.entries} == {
        "NORMAL/test/4.webp": ("test", 0),
        "NORMAL/train/3.tif": ("train", 0),
        "TB/test/2.bmp": ("test", 1),
        "TB/train/1.png": ("train", 1),
    }


def test_what_the_folders_were_taken_for_is_said(make_folder):
    root = make_folder(
        "train/Normal/1.jpg", "train/Normal/2.jpg", "test/NORMAL/3.jpg", "train/TB/active/1.jpg",
        "train/TB/latent/2.jpg", "train/COVID/1.jpg", "test/TB/1.jpg",
    )  # fmt: skip
    (root / "test" / "COVID").mkdir()
    listing = open_source("folder", root=root).listing("utf-8")
    assert {record.labels["Normal"] for record in listing.entries[:1]} == {1}
    settings = dict(listing.settings)
    assert "one person may stand in several splits" in settings.pop("warning")
    assert settings == {
        "root": str(root),
        "classes": "COVID (1 image), Normal (3), TB (3)",
        "spelt in several ways": "Normal is NORMAL, Normal",
        "folders in classes, not told apart": "train/TB/active, train/TB/latent",
        "folders without images": "test/COVID",
        "classes that some splits lack": "COVID",
    }


def test_nothing_in_the_tree_goes_uncounted(make_folder):
    root = make_folder(
        "TB/1.jpg", "NORMAL/1.jpg", "TB/masks/1.png", "NORMAL/Lung Masks/1.png", "logo.png"
    )
    for name in ("TB/notes.txt", "more.zip", "NORMAL/film.mp4"):
        (root / name).write_bytes(b"abc")
    (root / "TB" / "away.png").symlink_to("/nonexistent")
    entries = open_source("folder", root=root).listing("utf-8").entries
    assert {
        entry.row: (entry.reason, entry.wrong) for entry in entries[1:] if hasattr(entry, "row")
    } == {
        "TB/masks/1.png": ("in a folder of masks", False),
        "NORMAL/Lung Masks/1.png": ("in a folder of masks", False),
        "logo.png": ("image is in no class folder", True),
        "TB/notes.txt": ("no image of a kind that is read (.txt)", False),
        "more.zip": ("packed file (.zip): unpack it to have its images read", False),
        "NORMAL/film.mp4": ("no image of a kind that is read (.mp4)", False),
        "TB/away.png": ("link that leads to nothing, or to what may not be read", True),
    }
    assert len(entries) == 9


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (("2019/1.jpg", "2020/1.jpg"), "the folders 2019, 2020 look like years or dates, not like"),
        (("2020/01/1.jpg", "2020/02/1.jpg"), "the folder 2020 looks like a year or a date"),
        (("train/2019/1.jpg", "test/2020/1.jpg"), "the folders 2019, 2020 look like years"),
        (("p10/s1/1.jpg", "p11/s2/1.jpg"), "the folders p10, p11 look like ids of patients"),
        (("TB/1.jpg", "NORMAL/1.jpg", "images/1.jpg"), "the folder images looks like a part of an"),
        ([f"{letter}/1.jpg" for letter in "abcdef"], "most of the 6 folders hold one image only"),
    ],
)
def test_folders_that_are_no_classes_stop_with_the_source_that_fits(make_folder, names, why):
    with pytest.raises(CorpusError, match="is no folder of classes: " + why) as caught:
        open_source("folder", root=make_folder(*names)).listing("utf-8")
    assert "use the source table, a CSV file with a row per image" in str(caught.value)


def test_folders_of_patients_are_known_by_their_headers(tmp_path, write_dicom):
    for name in ("Anna", "Berta", "Carla", "Dora"):
        for number in range(2):
            write_dicom(tmp_path / "four" / name / f"{number}", PatientID=name[0])
            write_dicom(tmp_path / "two" / name[0] / f"{number}", PatientID=name[0])
    with pytest.raises(
        CorpusError, match=r"each folder holds the DICOM files of one patient; .*dicom"
    ):
        open_source("folder", root=tmp_path / "four").listing("utf-8")
    with pytest.raises(CorpusError, match="named by the patient or the study of their DICOM files"):
        open_source("folder", root=tmp_path / "two").listing("utf-8")


def test_two_classes_of_one_patient_each_are_classes(tmp_path, write_dicom):
    for name in ("TB", "NORMAL"):
        write_dicom(tmp_path / name / "1.dcm", PatientID=f"{name}1")
    assert len(open_source("folder", root=tmp_path).listing("utf-8").entries) == 2


def test_the_folder_above_the_classes_is_told(make_folder):
    root = make_folder("data/train/TB/1.jpg", "data/test/TB/1.jpg")
    with pytest.raises(CorpusError, match=f"if they are one level down, name {root / 'data'}"):
        open_source("folder", root=root).listing("utf-8")


def test_a_folder_of_packed_files_says_so(tmp_path):
    for name in ("a.zip", "b.zip", "c.txt"):
        (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(
        CorpusError, match=r"holds no image; .*; of 3 files, 2: packed file \(\.zip\)"
    ):
        open_source("folder", root=tmp_path).listing("utf-8")
