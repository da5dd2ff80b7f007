"""Which file a table's cell means."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.corpus.trees.path_cells import located, named_files, path_problem

NAMES = ["films/a/1.png", "films/a/2.png", "films/b/1.png", "IM0"]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("films/a/1.png", "films/a/1.png"),
        (r"films\a\1.png", "films/a/1.png"),
        (r".\films\a\1.png", "films/a/1.png"),
        (r"films\a/1.png", "films/a/1.png"),
        (r"films\\a\\1.png", "films/a/1.png"),  # doubled by a program that escaped them
        (r"\films\a\1.png", "films/a/1.png"),
        (r"D:\export\films\a\1.png", "films/a/1.png"),
        (r"D:films\a\1.png", "films/a/1.png"),
        ("d:/export/films/a/1.png", "films/a/1.png"),
        (r"\\server\share\films\a\1.png", "films/a/1.png"),
        (r'"D:\export\films\a\1.png"', "films/a/1.png"),  # "copy as path" of Windows
        (r"D:\EXPORT\FILMS\A\1.PNG", "films/a/1.png"),
        ("file:///D:/my%20export/films/a/1.png", "films/a/1.png"),
        ("/home/other/films/b/1.png", "films/b/1.png"),
        ("export/films/b/1.png", "films/b/1.png"),  # the table stood a folder higher
        ("b/1.png", "films/b/1.png"),  # or a folder lower
        ("2.png", "films/a/2.png"),
        ("E:/IM0", "IM0"),
        ("1.png", None),  # one of two
        (r"D:\export\c\1.png", None),  # another patient's folder
        (r"D:\export\b\2.png", None),
        ("png", None),
        ("", None),
        (".", None),
        ("C:", None),
        ("https://host/films/a/1.png", None),
        ("films/a/1.png\0", None),
    ],
)
def test_a_cell_means_the_file_whose_whole_path_it_shares(cell, name):
    assert named_files([cell], NAMES).get(cell) == name


def test_the_longest_end_of_a_path_counts():
    names = ["1.png", "films/1.png"]
    cells = ["D:/export/films/1.png", "D:/export/1.png"]
    assert named_files(cells, names) == {cells[0]: "films/1.png", cells[1]: "1.png"}


def test_two_paths_that_end_alike_mean_no_file():
    cells = [r"D:\p1\1.png", r"D:\p2\1.png"]
    assert named_files(cells, ["1.png"]) == {}
    assert named_files([*cells, "1.png"], ["1.png"]) == {"1.png": "1.png"}
    alike = [r"D:\p1\1.png", "d:/P1/1.png"]
    assert named_files(alike, ["1.png"]) == dict.fromkeys(alike, "1.png")


def test_case_and_the_form_of_accents_count_only_where_they_must():
    composed, apart = "M\u00fcller/1.png", "Mu\u0308ller/1.png"
    assert named_files([composed], [apart]) == {composed: apart}
    assert named_files(["A.PNG", "a.png"], ["a.png", "A.PNG"]) == {
        "A.PNG": "A.PNG",
        "a.png": "a.png",
    }
    assert named_files(["a.PNG"], ["a.png", "A.PNG"]) == {}


def test_a_zip_of_windows_unpacked_elsewhere_has_backslashes_in_its_names():
    names = ["films\\a\\1.png", "films\\b\\1.png"]
    assert named_files(["films/a/1.png"], names) == {"films/a/1.png": "films\\a\\1.png"}


@given(st.lists(st.text(max_size=30)), st.lists(st.text("ab/\\.1", min_size=1), unique=True))
def test_each_name_is_found_by_itself_and_nothing_else_is_made_up(cells, names):
    found = named_files([*cells, *names], names)
    assert set(found.values()) <= set(names)
    assert {name: found[name] for name in names} == {name: name for name in names}


@given(st.lists(st.text("ab1", min_size=1, max_size=3), min_size=1, max_size=4))
def test_a_drive_and_backslashes_lose_no_file(parts):
    name, cell = "/".join(parts), "\\".join(["Z:", "some", "where", *parts])
    assert named_files([cell], [name, "other/file.png"]) == {cell: name}


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("https://host/1.png", "web address"),
        ("s3://bucket/1.png", "web address"),
        ("a\0b.png", "NUL"),
        ("a/" * 5000, "longer"),
        ("file:///home/1.png", ""),
        (r"D:\1.png", ""),
        ("D:/1.png", ""),
        ("a:b.png", ""),
        ("", ""),
    ],
)
def test_a_cell_that_can_be_no_path_says_why(cell, problem):
    assert problem in path_problem(cell)
    assert bool(problem) == bool(path_problem(cell))


@pytest.fixture
def films(tmp_path: Path) -> Path:
    for name in ("export/films/1.png", "export/films/2.png", "beside/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path / "export"


def test_paths_of_this_machine_stay_as_they_are(films):
    there = [
        "films/1.png", "films/none.png", "1.png", "../beside/3.png", str(films / "films" / "1.png"),
        "/", "https://host/films/1.png", "films/1.png\0", "", "x" * 5000,
    ]  # fmt: skip
    assert located(there, films) == {cell: cell for cell in there}


def test_paths_of_another_machine_are_looked_for(films):
    moved = {
        r"films\1.png": "films/1.png",
        r"..\beside\3.png": "../beside/3.png",
        r"D:\export\films\2.png": "films/2.png",
        "/mnt/old/export/films/2.png": r"/mnt/old/export/films/2.png",  # claimed by two
        r"D:\none.png": r"D:\none.png",
    }
    alone = dict(list(moved.items())[:3])
    assert located(alone, films) == alone
    both = moved | {r"D:\export\films\2.png": r"D:\export\films\2.png"}
    assert located(both, films) == both


def test_a_name_with_a_backslash_is_itself(films):
    (films / "films\\1.png").touch()
    assert located([r"films\1.png"], films) == {r"films\1.png": r"films\1.png"}


def test_the_folder_is_walked_only_for_paths_of_another_machine(films, monkeypatch):
    monkeypatch.setattr(os, "scandir", None)
    assert located(["films/1.png", "none.png"], films)
    with pytest.raises(TypeError):
        located([r"D:\films\1.png"], films)


def test_paths_of_thousands_of_folders_are_read_in_linear_time():
    deep = ["a/" * 1800 + f"{number}.png" for number in range(2000)]
    assert named_files(deep, ["1.png", *deep[:50]])[deep[49]] == deep[49]
