"""The key of a site: made once, whole, for its owner alone."""

import logging
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from radtex.corpus.pseudonyms import site_key
from radtex.corpus.pseudonyms.site_key import (
    LENGTH,
    VARIABLE,
    fingerprint,
    own_site_key,
    read_site_key,
    site_key_file,
)
from radtex.errors import SiteKeyError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without a key."""
    for name in (VARIABLE, "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for the key, which is not there yet."""
    file = tmp_path / "named.key"
    monkeypatch.setenv(VARIABLE, str(file))
    return file


def refusal() -> str:
    with pytest.raises(SiteKeyError) as refused:
        own_site_key()
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_key_is_made_once_for_its_owner_alone(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_site_key() is None
    with caplog.at_level(logging.INFO):
        made = own_site_key()
    file = home / ".config" / "radtex" / "site.key"
    assert len(made) == LENGTH
    assert file.read_bytes() == made == own_site_key() == read_site_key()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["site.key"]
    assert caplog.text.count("made the site key") == 1
    assert made.hex() not in caplog.text


def test_it_stands_where_the_user_keeps_settings_or_says(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site_key_file() == home / ".config" / "radtex" / "site.key"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    assert site_key_file() == tmp_path / "settings" / "radtex" / "site.key"
    monkeypatch.setenv(VARIABLE, "~/lab.key")
    assert site_key_file() == home / "lab.key"
    monkeypatch.setenv(VARIABLE, "lab.key")
    assert "expected an absolute path" in refusal()


def test_two_sites_have_two_keys_and_a_fingerprint_tells_them_apart(
    named: Path,
) -> None:
    one = own_site_key()
    named.unlink()
    other = own_site_key()
    assert one != other
    assert fingerprint(one) != fingerprint(other)
    assert len(fingerprint(one)) == 16
    assert fingerprint(one) not in one.hex()


def test_all_that_make_it_at_once_have_the_same(
    named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier, make = Barrier(8), site_key._make

    def at_once(path: Path) -> None:
        barrier.wait()
        make(path)

    monkeypatch.setattr(site_key, "_make", at_once)
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: own_site_key(), range(8)))
    assert set(keys) == {named.read_bytes()}
    assert [path.name for path in named.parent.iterdir()] == [named.name]


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o620, 0o666])
def test_a_key_that_is_open_to_others_is_refused(named: Path, mode: int) -> None:
    own_site_key()
    named.chmod(mode)
    assert f"by others (mode {mode:04o}); run `chmod 600`" in refusal()


def test_a_group_may_share_a_key(named: Path) -> None:
    made = own_site_key()
    named.chmod(0o640)
    assert read_site_key() == made


@pytest.mark.parametrize(("content", "found"), [(b"", "0"), (b"x" * 31, "31"), (b"x" * 33, "more")])
def test_what_is_no_key_is_refused_and_stays(named: Path, content: bytes, found: str) -> None:
    named.write_bytes(content)
    named.chmod(0o600)
    assert f"holds {found}" in refusal()
    assert named.read_bytes() == content


def test_a_planted_link_is_not_followed(named: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    named.symlink_to(target)
    assert "is a link, which is not followed" in refusal()
    assert not target.exists()
    target.write_bytes(b"k" * LENGTH)
    target.chmod(0o600)
    assert "is a link, which is not followed" in refusal()


def test_a_pipe_or_a_folder_is_refused_and_not_waited_for(named: Path) -> None:
    os.mkfifo(named, 0o600)
    assert "is no plain file" in refusal()
    named.unlink()
    named.mkdir(0o700)
    assert "is no plain file" in refusal()


def test_a_place_that_cannot_keep_it_is_told_with_what_to_do(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_text("a file")
    assert "site key" in refusal()
    home.unlink()

    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", read_only)
    said = refusal()
    assert "(Read-only file system)" in said
    assert said.endswith(f"by {VARIABLE}")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "disk" / "site.key"))
    assert "No such file" in refusal()  # a disk that is not there is not made up
    assert not (tmp_path / "disk").exists()


def test_a_user_without_a_home_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del home

    def homeless(_: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    assert "there is no home folder" in refusal()
