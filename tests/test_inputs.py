"""Inputs must be there; only plain files of bounded size are read, and nothing is waited for."""

import errno
import os
import socket
from pathlib import Path

import pytest

from radtex.errors import CorpusError, ImageError
from radtex.inputs import (
    MISSING,
    NO_PLAIN_FILE,
    open_input,
    read_input,
    read_text_input,
    require_input,
    why_unread,
)


def test_what_is_there_is_taken_and_what_is_not_is_named(tmp_path: Path) -> None:
    require_input(tmp_path, CorpusError, "a folder")
    with pytest.raises(CorpusError, match=r"nowhere does not exist; expected a table$"):
        require_input(tmp_path / "nowhere", CorpusError, "a table")


def test_a_name_that_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"cannot be read \(file name too long\); expected a t"):
        require_input(tmp_path / ("x" * 300), CorpusError, "a table")


def test_a_plain_file_is_read_and_one_that_is_too_large_is_not(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"12345")
    assert read_input(file, 5, ImageError) == b"12345"
    with open_input(file, None, ImageError) as opened:
        assert opened.read(2) == b"12"
    with pytest.raises(ImageError, match=r"a\.txt is larger than 4 bytes$"):
        read_input(file, 4, ImageError)
    with pytest.raises(ImageError, match=r"^the film is larger than 4 bytes$"):
        read_input(file, 4, ImageError, "the film")


def test_pipes_sockets_and_devices_are_not_opened(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
    Path("link").symlink_to("/dev/zero")
    monkeypatch.setattr(os, "open", None)
    for name in ("pipe", "socket", "link", "/dev/null"):
        with pytest.raises(CorpusError, match=f"{name} is {NO_PLAIN_FILE}"):
            open_input(name, None, CorpusError)


def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.setattr("radtex.inputs.Path", lambda _path: tmp_path / "file")
    with pytest.raises(CorpusError, match=NO_PLAIN_FILE):
        open_input(tmp_path / "pipe", None, CorpusError)


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_no_file_has_such_a_name(name: str) -> None:
    with pytest.raises(CorpusError, match="the file has a name that no file can have"):
        open_input(name, None, CorpusError, "the file")


def test_what_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_input(tmp_path / "none", 9, CorpusError)
    with pytest.raises(IsADirectoryError):
        read_input(tmp_path, 9, CorpusError)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOENT, MISSING),
        (errno.EACCES, MISSING),
        (errno.ELOOP, "link that leads in a circle"),
        (errno.EIO, "file cannot be read (input/output error)"),
        (errno.ESTALE, "file cannot be read (stale file handle)"),
    ],
)
def test_an_error_of_the_system_costs_a_file(code: int, why: str) -> None:
    assert why_unread(OSError(code, os.strerror(code))) == why


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENOMEM])
def test_where_the_machine_is_at_its_end_no_file_is_to_blame(code: int) -> None:
    with pytest.raises(OSError, match=os.strerror(code)):
        why_unread(OSError(code, os.strerror(code)))


def test_a_text_is_read_within_its_bound(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("ß", encoding="utf-8")
    assert read_text_input(tmp_path / "a", CorpusError) == "ß"
    with pytest.raises(CorpusError, match="larger than 1 bytes"):
        read_text_input(tmp_path / "a", CorpusError, 1)
    (tmp_path / "b").write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        read_text_input(tmp_path / "b", CorpusError)
