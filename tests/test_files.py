"""Outputs are whole or absent, and written by one process at a time."""

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from radtex.errors import OutputError
from radtex.files import (
    is_held,
    makes_alone,
    new_output,
    sole_writer,
    whole_file,
    whole_folder,
    write_text,
)


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


def hold(out: Path) -> subprocess.Popen[str]:
    """Hold the lock of `out` in another process, until that is killed."""
    code = (
        "import sys, time; from pathlib import Path; from radtex.files import sole_writer\n"
        "with sole_writer(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    )
    words = [sys.executable, "-c", code, str(out)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_one_process_at_a_time_works_on_an_output(tmp_path: Path) -> None:
    with hold(tmp_path / "out") as other:
        with (
            pytest.raises(OutputError, match="another process is at work on"),
            sole_writer(tmp_path / "out"),
        ):
            pass
        with sole_writer(tmp_path / "other"):
            pass
        other.kill()
    with sole_writer(tmp_path / "out"):
        assert [path.name for path in tmp_path.iterdir()] == [".out.lock"]
    assert list(tmp_path.iterdir()) == []


def test_whether_a_process_is_at_work_is_seen_without_its_lock(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "out")
    with hold(tmp_path / "out") as other:
        assert is_held(tmp_path / "out")
        other.kill()
        other.wait()
        assert (tmp_path / ".out.lock").exists()
        assert not is_held(tmp_path / "out")
    with sole_writer(tmp_path / "out"):
        assert is_held(tmp_path / "out")


def test_a_lock_that_its_holder_has_just_removed_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fcntl, "flock", lambda *_: (tmp_path / ".out.lock").unlink())
    with pytest.raises(OutputError, match="another process"), sole_writer(tmp_path / "out"):
        pass


def test_a_file_system_without_locks_may_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    with sole_writer(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_aside_is_not_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "aside").mkdir()
    (tmp_path / "aside" / "old").write_text("half")
    with whole_folder(tmp_path / "out", tmp_path / "aside") as aside:
        (aside / "new").write_text("whole")
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "new"]


def test_a_system_without_file_locks_is_refused_in_one_line(tmp_path: Path) -> None:
    code = "import sys; sys.modules['fcntl'] = None; from radtex.cli import main; main()"
    words = [sys.executable, "-c", code, "runs", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("radtex: radtex runs on Linux and macOS")
    assert done.stderr.count("\n") == 1


def test_a_planted_link_is_neither_followed_nor_emptied(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    lock = tmp_path / ".out.lock"
    lock.symlink_to(victim)
    with pytest.raises(OutputError, match="is no plain file"), sole_writer(tmp_path / "out"):
        pass
    assert not is_held(tmp_path / "out")
    lock.unlink()
    lock.hardlink_to(victim)
    with sole_writer(tmp_path / "out"):
        pass
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("plant", [os.mkfifo, os.mkdir])
def test_a_pipe_or_folder_in_the_place_of_a_lock_is_told(
    tmp_path: Path, plant: Callable[[Path], None]
) -> None:
    plant(tmp_path / ".out.lock")
    with (
        pytest.raises(OutputError, match=r"out\.lock is no plain file"),
        sole_writer(tmp_path / "out"),
    ):
        pass
    assert not is_held(tmp_path / "out")


def test_a_new_output_is_made_by_one_process_and_only_once(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with hold(out) as other:
        with pytest.raises(OutputError, match="another process is at work on"), new_output(out):
            pass
        other.kill()
    with new_output(out):
        out.write_text("made")
    with pytest.raises(OutputError, match="already exists"), new_output(out):
        pass
    assert list(tmp_path.iterdir()) == [out]


def test_only_one_at_a_time_makes_the_outputs_of_a_function(tmp_path: Path) -> None:
    made: list[Path | None] = []

    @makes_alone("out", "beside")
    def make(out: Path, beside: Path | None = None) -> None:
        made.append(beside)
        with pytest.raises(OutputError, match="another process is at work on"):
            make(out)

    make(tmp_path / "a", beside=tmp_path / "b")
    make(tmp_path / "a")
    assert made == [tmp_path / "b", None]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OutputError, match="another process"), sole_writer(tmp_path / "b"):
        make(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b").touch()
    with pytest.raises(OutputError, match="already exists"):
        make(tmp_path / "a", tmp_path / "b")


def test_folders_made_for_an_output_that_failed_are_gone_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "was there").mkdir()
    out = tmp_path / "was there" / "new" / "newer" / "out"
    with pytest.raises(ValueError, match="mistake"), new_output(out):
        raise ValueError("mistake")
    assert list(tmp_path.rglob("*")) == [tmp_path / "was there"]
    with pytest.raises(ValueError, match="mistake"), new_output(out):
        (out.parent.parent / "other").touch()
        raise ValueError("mistake")
    assert not out.parent.exists()
    assert (out.parent.parent / "other").exists()
    with new_output(out):
        out.touch()
    assert list(out.parent.iterdir()) == [out]


def test_a_folder_whose_name_is_too_long_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError), sole_writer(tmp_path / ("x" * 300) / "out"):
        pass
