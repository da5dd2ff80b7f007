"""Every file below a folder is found or left out with a reason."""

import os
import random
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from radtex.errors import CorpusError
from radtex.walking import LeftOut, Tree, is_printable, walk


def make(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def files(tree: Tree) -> list[str]:
    return [path.as_posix() for path in tree.files]


def reasons(tree: Tree) -> dict[str, str]:
    return {left.path: left.reason for left in tree.left_out}


def test_files_are_sorted_and_what_systems_add_is_left_out_with_a_reason(tmp_path):
    hidden = [".hidden", ".git/x", "b/._2.png"]
    added = ["__MACOSX/a.png", "b/@eaDir/2.png/THUMB.jpg", "$RECYCLE.BIN/x", "#recycle/a/b.dcm"]
    tree = walk(make(tmp_path, "b/2.png", "b.png", "a.png", "b/c/1", *hidden, *added))
    assert files(tree) == ["a.png", "b/2.png", "b/c/1", "b.png"]
    assert [path.as_posix() for path in tree.folders] == [".", "b", "b/c"]
    counted = Counter(left.reason for left in tree.left_out)
    assert counted == {
        "hidden, or in a hidden folder": 3,
        "kept by a system for itself, such as __MACOSX or a recycle bin": 4,
    }
    assert not any(left.wrong for left in tree.left_out)
    assert tree.outside == frozenset()


def test_links_are_followed_and_those_that_lead_out_are_told_apart(tmp_path):
    root = make(tmp_path / "x", "a/1.dcm")
    make(tmp_path / "elsewhere", "3.dcm", "y/2.dcm")
    (root / "link.dcm").symlink_to(tmp_path / "elsewhere" / "3.dcm")
    (root / "linkdir").symlink_to(tmp_path / "elsewhere" / "y")
    (root / "broken.dcm").symlink_to("/nonexistent")
    tree = walk(root)
    assert files(tree) == ["a/1.dcm", "link.dcm", "linkdir/2.dcm"]
    assert sorted(path.as_posix() for path in tree.outside) == ["link.dcm", "linkdir/2.dcm"]
    broken = LeftOut("broken.dcm", "link that leads to nothing, or to what may not be read", True)
    assert tree.left_out == [broken]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("a/loop", "."),
        ("a/loop", ".."),
        ("a/b/loop", "../.."),
        ("loop", "/"),
        ("loop", "a"),
        ("0", "a/b"),
        (".hidden/loop", ".."),
    ],
)
def test_links_in_a_circle_or_to_a_folder_twice_cost_nothing(tmp_path, link, target):
    root = make(tmp_path / "x", "a/b/1.dcm", ".hidden/0")
    (root / link).symlink_to(target)
    tree = walk(root)
    assert files(tree) == ["a/b/1.dcm"]
    assert {left.path for left in tree.left_out} == {link, ".hidden/0"}
    assert not any(left.wrong for left in tree.left_out)


def test_two_links_that_name_each_other_are_broken(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert [left.wrong for left in walk(tmp_path).left_out] == [True, True]


def test_folders_that_link_to_each_other_outside_are_entered_once(tmp_path):
    root = make(tmp_path / "x", "1.dcm")
    make(tmp_path / "far", "a/2.dcm", "b/3.dcm")
    for link, target in {"x/z": "far/a", "far/a/to_b": "far/b", "far/b/to_a": "far/a",
                         "far/b/home": "x", "far/b/up": "far"}.items():  # fmt: skip
        (tmp_path / link).symlink_to(tmp_path / target)
    assert files(walk(root)) == ["1.dcm", "z/2.dcm", "z/to_b/3.dcm"]


def test_ever_more_links_to_one_place_are_read_in_linear_time(tmp_path):
    """Followed blindly, these are 2 to the power of 30 paths."""
    for level in range(30):
        folder = tmp_path / "far" / str(level)
        folder.mkdir(parents=True)
        for name in "ab":
            (folder / name).symlink_to(f"../{level + 1}")
    make(tmp_path, "far/30/1.dcm")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "start").symlink_to("../far/0")
    assert len(walk(tmp_path / "x").files) == 1


def test_a_file_that_is_linked_twice_is_found_once_at_its_own_place(tmp_path):
    make(tmp_path, "far/2.dcm")
    root = make(tmp_path / "x", "z/1.dcm")
    (root / "a.dcm").symlink_to("z/1.dcm")
    (root / "b.dcm").symlink_to("../far/2.dcm")
    (root / "c").symlink_to("../far")
    tree = walk(root)
    assert files(tree) == ["c/2.dcm", "z/1.dcm"]
    assert set(reasons(tree).values()) == {"link to a file that is read at another place"}


def test_links_into_a_hidden_store_are_followed(tmp_path):
    """As data sets under git-annex have them."""
    root = make(tmp_path, ".git/annex/objects/k1/k1", ".git/annex/folder/2.dcm")
    (root / "1.dcm").symlink_to(".git/annex/objects/k1/k1")
    (root / "more").symlink_to(".git/annex/folder")
    assert files(walk(root)) == ["1.dcm", "more/2.dcm"]


def test_a_link_to_the_systems_own_files_is_not_followed(tmp_path):
    (tmp_path / "p").symlink_to("/proc")
    (tmp_path / "q").symlink_to("/proc/self/status")
    assert set(reasons(walk(tmp_path)).values()) == {"link to the operating system's own files"}


def test_pipes_sockets_and_devices_are_not_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    os.mkfifo(tmp_path / "pipe.dcm")
    (tmp_path / "linked.dcm").symlink_to("pipe.dcm")
    (tmp_path / "null.dcm").symlink_to("/dev/null")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.dcm")
        tree = walk(tmp_path)
    assert files(tree) == []
    names = ("pipe.dcm", "linked.dcm", "null.dcm", "socket.dcm")
    assert reasons(tree) == dict.fromkeys(names, "no plain file, such as a pipe or a device")


def refuse(*names: str) -> Callable[..., object]:
    real = os.scandir

    def scandir(path):
        if Path(path).name in names:
            raise PermissionError(13, "Permission denied")
        return real(path)

    return scandir


def test_a_folder_that_may_not_be_read_is_counted(tmp_path, monkeypatch):
    make(tmp_path, "a/1.dcm", "closed/2.dcm", ".private/3.dcm")
    monkeypatch.setattr(os, "scandir", refuse("closed", ".private"))
    tree = walk(tmp_path)
    assert files(tree) == ["a/1.dcm"]
    assert tree.left_out == [
        LeftOut(".private", "hidden, or in a hidden folder", False),
        LeftOut("closed", "folder may not be read", True),
    ]


def test_names_that_are_no_text_are_counted_and_escaped(tmp_path):
    make(
        tmp_path, os.fsdecode(b"M\xfcller.dcm"), "a\x1b[2J.dcm", "line\nbreak/1.dcm", "d\u202e.dcm"
    )
    make(
        tmp_path,
        "R\u00f6ntgen \u03b1 \u80ba.dcm",
        "no\u00a0break.dcm",
        "\u0645\u06cc\u200c\u0634.dcm",
    )
    tree = walk(tmp_path)
    assert files(tree) == [
        "R\u00f6ntgen \u03b1 \u80ba.dcm", "no\u00a0break.dcm", "\u0645\u06cc\u200c\u0634.dcm"
    ]  # fmt: skip
    assert {left.reason for left in tree.left_out} == {"file name is no plain text"}
    assert all(
        left.wrong and left.path.isascii() and is_printable(left.path) for left in tree.left_out
    )
    assert len(tree.left_out) == 4


def test_a_root_that_is_no_folder_is_one_clear_line(tmp_path, monkeypatch):
    make(tmp_path, "export.zip", "film.dcm", "closed/1")
    for name, message in {
        "export.zip": "export.zip is a file; expected a folder: unpack it, and name the folder",
        "film.dcm": "film.dcm is a file; expected a folder: name the folder that it lies in",
        "none": "none does not exist; expected a folder",
    }.items():
        with pytest.raises(CorpusError, match=message):
            walk(tmp_path / name)
    monkeypatch.setattr(os, "scandir", refuse("closed"))
    with pytest.raises(CorpusError, match=r"closed may not be read \(permission denied\)"):
        walk(tmp_path / "closed")


def test_an_empty_folder_holds_nothing(tmp_path):
    (tmp_path / "empty").mkdir()
    tree = walk(tmp_path)
    assert (files(tree), tree.left_out) == ([], [])
    assert [path.as_posix() for path in tree.folders] == [".", "empty"]


def test_a_root_that_is_a_link_has_its_files_inside(tmp_path):
    make(tmp_path / "real", "a/1.dcm")
    (tmp_path / "link").symlink_to("real")
    tree = walk(tmp_path / "link")
    assert (files(tree), tree.outside) == (["a/1.dcm"], frozenset())


@pytest.mark.parametrize("seed", range(5))
def test_each_file_of_a_random_tree_is_found_or_has_a_reason(tmp_path, seed):
    draw = random.Random(seed)
    parts = ["a", "B", "c d", ".h", "__MACOSX", "\x07", "\u00fc"]
    for number in range(150):
        name = "/".join([*draw.choices(parts, k=draw.randint(0, 3)), f"{number}.dcm"])
        make(tmp_path, draw.choice(["", "", "", "."]) + name)
    tree = walk(tmp_path)
    there = sum(len(names) for _, _, names in os.walk(tmp_path))
    assert len(tree.files) + len(tree.left_out) == there == 150
    assert files(tree) == [path.as_posix() for path in sorted(tree.files)]
