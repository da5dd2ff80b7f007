"""Keys that are paths."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.joining import path_keys
from radtex.corpus.joining.path_keys import pair_paths

TREE = ["films/a/1.png", "films/a/2.png", "films/b/1.png", "films/b/3.PNG", "Süd 1/0012.dcm"]


@pytest.mark.parametrize(
    ("key", "file", "way"),
    [
        ("films/a/1.png", "films/a/1.png", None),
        (r"films\a\1.png", "films/a/1.png", path_keys.BACKSLASHES),
        (r".\films\\a\1.png", "films/a/1.png", path_keys.BACKSLASHES),
        ("FILMS/A/1.PNG", "films/a/1.png", path_keys.CASE),
        (unicodedata.normalize("NFD", "süd 1/0012.dcm"), "Süd 1/0012.dcm", path_keys.CASE),
        (r"D:\export\films\a\1.png", "films/a/1.png", path_keys.TAIL),
        ("/data/films/a/1.png", "films/a/1.png", path_keys.TAIL),
        ("a/1.png", "films/a/1.png", path_keys.TAIL),
        ("2.png", "films/a/2.png", path_keys.NAME),
        ("/mnt/old/a/2.png", "films/a/2.png", path_keys.TAIL),
        ("3.png", "films/b/3.PNG", path_keys.NAME),
        ("films/a/2.jpg", "films/a/2.png", path_keys.SUFFIX),
        ("2", "films/a/2.png", path_keys.STEM),
        ("0012", "Süd 1/0012.dcm", path_keys.STEM),
        ("12", "Süd 1/0012.dcm", path_keys.NUMBER),
        ("12.0", "Süd 1/0012.dcm", path_keys.NUMBER),
    ],
)
def test_a_path_means_the_file_with_the_longest_end_in_common(key, file, way):
    pairing = pair_paths([key], TREE)
    assert pairing.meant == {key: file}
    assert pairing.ways.get(key) == way


@pytest.mark.parametrize("key", ["1.png", "1", "other/1.png", "p9/2.png"])
def test_a_path_that_fits_several_files_means_none(key):
    pairing = pair_paths([key], TREE)
    assert not pairing.meant
    assert set(pairing.ambiguous) == {key}


@pytest.mark.parametrize("key", ["9.png", "films/a", "", "/", "films/a/1.png/x"])
def test_a_path_that_fits_no_file_means_none(key):
    pairing = pair_paths([key], TREE)
    assert not pairing.meant
    assert not pairing.ambiguous


def test_folders_that_contradict_each_other_are_of_two_patients():
    tree = ["p2/1.png", "p2/2.png", "p4/1.png"]
    keys = ["p1/1.png", "p3/2.png", "p4/1.png"]
    pairing = pair_paths(keys, tree)
    assert pairing.meant == {"p4/1.png": "p4/1.png"}
    assert set(pairing.ambiguous) == {"p1/1.png", "p3/2.png"}


def test_a_tree_that_was_moved_is_recognised():
    tree = ["new/p1/1.png", "new/p2/1.png", "new/p2/2.png"]
    keys = [r"D:\old\p1\1.png", r"D:\old\p2\1.png", r"E:\other\p2\2.png"]
    assert pair_paths(keys, tree).meant == {keys[0]: tree[0], keys[1]: tree[1]}
    assert pair_paths(["/a/1.png", "/a/2.png"], ["b/1.png", "b/2.png"]).meant == {
        "/a/1.png": "b/1.png",
        "/a/2.png": "b/2.png",
    }


def test_file_names_that_all_differ_need_no_folders():
    keys = ["p1/film_7.png", "p2/film_8.png"]
    tree = ["all/film_7.png", "all/more/film_8.png"]
    pairing = pair_paths(keys, tree)
    assert pairing.meant == dict(zip(keys, tree, strict=True))
    assert set(pairing.ways.values()) == {path_keys.NAME}


def test_two_paths_that_fit_one_file_mean_none():
    pairing = pair_paths(["x/2.png", "y/2.png"], TREE)
    assert not pairing.meant
    assert set(pairing.ambiguous) == {"x/2.png", "y/2.png"}


def test_a_table_of_this_tree_is_not_joined_by_file_name_alone():
    keys = ["films/a/1.png", "films/a/2.png", "films/c/3.png"]
    assert set(pair_paths(keys, TREE).meant) == {"films/a/1.png", "films/a/2.png"}


def test_a_file_name_without_folder_contradicts_no_path():
    assert pair_paths(["films/a/1.png", "3.png"], TREE).meant["3.png"] == "films/b/3.PNG"


def test_numbers_without_zeros_that_fit_two_files_mean_none():
    assert pair_paths(["12"], ["0012.png", "12.png"]).meant == {}
    assert pair_paths(["0012", "12"], ["0012.png", "12.png"]).meant == {
        "0012": "0012.png",
        "12": "12.png",
    }


def test_the_last_part_of_a_uid_is_no_suffix():
    assert pair_paths(["1.2.3"], ["x/1.2.3", "x/1.2.4"]).meant == {"1.2.3": "x/1.2.3"}
    assert pair_paths(["1.2.3"], ["x/1.2.3.dcm", "x/1.2.4.dcm"]).meant == {"1.2.3": "x/1.2.3.dcm"}


@given(st.lists(st.sampled_from(["a/1.png", "b/1.png", "1.png", "c/2.png", "2.jpg"]), max_size=5))
def test_no_file_is_meant_by_paths_that_differ(keys):
    meant = pair_paths(keys, ["x/a/1.png", "b/1.png", "2.png"]).meant
    assert len(set(meant.values())) == len(meant)
