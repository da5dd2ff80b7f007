"""Which folders are classes, and which only look like it."""

import re
from pathlib import PurePath

import pytest

from radtex.corpus.sources.class_folders import Place, class_folders, in_masks, why_no_classes


def places(*names: str) -> dict[str, tuple[str, str]] | None:
    found = class_folders([PurePath(name) for name in names])
    if found is None:
        return None
    return {path.as_posix(): (place.label, place.split) for path, place in found.places.items()}


def test_classes_stand_at_the_first_level_or_beside_a_level_of_splits():
    assert places("TB/a", "TB/b/c", "normal/x") == {
        "TB/a": ("TB", ""), "TB/b/c": ("TB", ""), "normal/x": ("normal", ""),
    }  # fmt: skip
    assert places("train/TB/a", "Test/TB/b/c") == {
        "train/TB/a": ("TB", "train"), "Test/TB/b/c": ("TB", "test"),
    }  # fmt: skip
    assert places("TB/train/a", "TB/val/b", "normal/test/c/d") == {
        "TB/train/a": ("TB", "train"),
        "TB/val/b": ("TB", "validate"),
        "normal/test/c/d": ("normal", "test"),
    }


def test_files_outside_of_class_folders_have_no_place():
    assert places("TB/a", "normal/b", "logo") == {"TB/a": ("TB", ""), "normal/b": ("normal", "")}
    assert places("train/TB/a", "train/b") == {"train/TB/a": ("TB", "train")}
    assert places("TB/train/a", "TB/b") == {"TB/train/a": ("TB", "train")}
    assert places("a", "b") == {}
    assert places() == {}


@pytest.mark.parametrize(
    "names",
    [("train/TB/a", "more/TB/a"), ("TB/train/a", "normal/b/c"), ("TB/train/a", "TB/b/c")],
)
def test_splits_at_some_places_only_are_no_layout(names):
    assert places(*names) is None


def test_spellings_of_a_class_are_one():
    names = ["train/Normal/1", "train/Normal/2", "test/NORMAL/3", "val/normal /4"]
    names += ["train/Lung_Opacity/1", "test/lung opacity/2", "val/Lung-Opacity/2", "val/TB/1"]
    found = class_folders([PurePath(name) for name in names])
    assert found is not None
    assert found.counts == {"Lung-Opacity": 3, "Normal": 4, "TB": 1}
    assert found.spellings == {
        "Lung-Opacity": ["Lung-Opacity", "Lung_Opacity", "lung opacity"],
        "Normal": ["NORMAL", "Normal", "normal "],
    }
    assert found.places[PurePath("val/normal /4")] == Place("Normal", "validate")


@pytest.mark.parametrize(
    "name",
    [
        "2019", "1999", "2020-05", "2020_05_17", "20200517", "2020.5", "202005", "17.05.2020",
        "17-05-20", "2019-2020", "May 2020", "January", "2020 Jan", "Jan20", "Q1 2021", "2021-Q3",
        "12 May 2020", "year 3", "Januar 2020", "enero2021", "week 12", "KW 7",
    ],
)  # fmt: skip
def test_years_and_dates_are_no_classes(name):
    why = why_no_classes({name: 40, "other": 50})
    assert why == f"the folder {name} looks like a year or a date, not like a class"


@pytest.mark.parametrize(
    "name",
    [
        "patient00001", "Patient 1", "pat_7", "p10", "p10000032", "s50414267", "study1", "STUDY-2",
        "series3", "case12", "subject_4", "sub-01", "ses-2", "00000001", "123", "A0012345",
        "CXR1234", "PA000001", "ST000001", "1.2.840.113619.2.5", "batch1", "id_55",
        "02aa804e-bde0afdd-112c0b34-7bc16630-4e384014", "DOE^JOHN", "person1", "exam 9", "12-34",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    ],
)  # fmt: skip
def test_ids_are_no_classes(name):
    assert "look like ids" in why_no_classes({name: 40, name + "1": 50})


@pytest.mark.parametrize("name", ["images", "masks", "Labels", "DICOM", "png", "annotations"])
def test_parts_of_an_archive_are_no_classes(name):
    assert "looks like a part of an archive" in why_no_classes({name: 40, "other": 50})


@pytest.mark.parametrize(
    "name",
    [
        "NORMAL", "PNEUMONIA", "COVID", "COVID-19", "covid19", "Viral Pneumonia", "Lung_Opacity",
        "TB", "tb2", "0", "1", "01", "10", "grade 2", "stage3", "class_1", "Type 2", "H1N1",
        "no finding", "sick", "March fracture", "Mayo", "decade", "face", "deadbeef", "Patientless",
        "P", "S", "pneumonia_bacterial", "Pneumothorax", "effaced", "May-Thurner", "normal (1)",
        "Kerley B", "T4", "pleural effusion", "Sarcoidosis", "Röntgen", "正常", "health", "cap",
        "label 1",
    ],
)  # fmt: skip
def test_names_of_classes_are_taken(name):
    assert why_no_classes({name: 40, "other": 50}) == ""


def test_many_folders_are_no_classes():
    names = [first + second for first in "bcdfgh" for second in "aeiouy"]
    assert why_no_classes(dict.fromkeys(names[:30], 9)) == ""
    why = why_no_classes(dict.fromkeys(names[:31], 9))
    assert why == "there are 31 folders (ba, be, bi, …), too many for classes"


def test_one_image_a_folder_is_no_class():
    people = dict.fromkeys(("anna", "berta", "carla", "dora", "emma"), 1)
    assert "most of the 5 folders hold one image only (anna, berta, carla, …)" in why_no_classes(
        people
    )
    assert why_no_classes(people | {"anna": 2, "berta": 2, "carla": 2}) == ""
    assert why_no_classes({"anna": 1, "berta": 1}) == ""
    known = ("Edema", "Pneumonia", "Cardiomegaly", "Atelectasis", "No Finding", "Fracture")
    assert why_no_classes(dict.fromkeys(known, 1)) == ""


def test_long_names_take_no_time():
    for name in ("a" * 250, "1" * 250, "1." * 120, "p_" * 125, "^" * 250, "f-" * 125, "jan" * 80):
        assert isinstance(why_no_classes({name: 1}), str)
        assert re.search("[a-z1^]", name)


def test_folders_below_those_of_classes_are_named():
    names = ("train/TB/active/1", "train/TB/latent/a/2", "test/TB/3")
    found = class_folders([PurePath(name) for name in names])
    assert found is not None
    assert found.inner == ["train/TB/active", "train/TB/latent"]
    flat = class_folders([PurePath("TB/x/1"), PurePath("TB/2")])
    assert flat is not None
    assert flat.inner == ["TB/x"]


def test_one_folder_alone_may_be_called_anything_but_a_date_or_an_id():
    assert why_no_classes({"images": 9}) == ""
    assert why_no_classes({"2020": 9}) != ""


def test_masks_are_known_by_their_folder():
    masks = ("TB/masks/1.png", "Lung Masks/1.png", "a/left_mask/b/1.png", "segmentations/1.png")
    assert all(in_masks(PurePath(name)) for name in masks)
    assert not any(in_masks(PurePath(name)) for name in ("TB/1.png", "TB/mask", "unmasked/1.png"))


@pytest.mark.parametrize(
    ("folder", "split"),
    [
        ("train_set", "train"), ("Test Images", "test"), ("validation-data", "validate"),
        ("trainset", "train"), ("testing", "test"), ("train_", "train"),
        ("dev dataset", "validate"),
    ],
)  # fmt: skip
def test_splits_are_known_by_longer_names_too(folder, split):
    assert places(f"{folder}/TB/1", f"{folder}/NORMAL/1") == {
        f"{folder}/TB/1": ("TB", split), f"{folder}/NORMAL/1": ("NORMAL", split),
    }  # fmt: skip


def test_folds_and_sites_are_no_classes():
    assert "parts of an archive" in why_no_classes({"fold1": 9, "fold2": 9})
    assert "parts of an archive" in why_no_classes({"Hospital 1": 9, "site_2": 9})
