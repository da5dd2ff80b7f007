import errno
from pathlib import Path

import pytest

from radtex.errors import OutputError
from radtex.files import whole_file, whole_folder, write_text


def test_a_file_appears_whole(tmp_path: Path) -> None:
    out = tmp_path / "a" / "file.txt"
    with whole_file(out) as aside:
        aside.write_text("half")
        assert not out.exists()
        aside.write_text("whole")
    assert out.read_text() == "whole"
    assert [p.name for p in out.parent.iterdir()] == ["file.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "file.txt"
    write_text(out, "old")
    with pytest.raises(ValueError, match="no"), whole_file(out) as aside:
        aside.write_text("new")
        raise ValueError("no")
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "folder"
    with pytest.raises(KeyboardInterrupt), whole_folder(out) as aside:
        (aside / "x").write_text("x")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with whole_folder(out) as aside:
        (aside / "x").write_text("x")
        assert not out.exists()
    assert (out / "x").read_text() == "x"
    with pytest.raises(OutputError, match="already exists"), whole_folder(out):
        pass


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "not permitted")]
)
def test_a_full_disk_is_one_clear_line(tmp_path: Path, code: int, words: str) -> None:
    with pytest.raises(OutputError, match=words), whole_folder(tmp_path / "out") as aside:
        (aside / "x").write_text("x")
        raise OSError(code, "as the system says")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_path_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="a part of that path is a file"):
        write_text(tmp_path / "file" / "x", "x")
