"""Archives that mean harm, and one that does not."""

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fixtures.archives import packed
from radtex.corpus.unpacking import unpack
from radtex.errors import CorpusError

CONTENT = np.random.default_rng(0).bytes(3_000_000)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def special(kind: bytes, name: str = "a.png", to: str = "/etc/passwd") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, to
        archive.addfile(member)
    return target.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "leads up": lambda: packed({"../evil.png": b"x"}),
    "leads up inside": lambda: packed({"a/../../evil.png": b"x"}),
    "leads up behind the folder's name": lambda: packed({"images/../../evil.png": b"x"}),
    "absolute": lambda: packed({"/tmp/evil.png": b"x"}),
    "the folder itself": lambda: packed({"images": b"x"}),
    "a folder": lambda: packed({"a/b.png": b"x", "a": b"y"}),
    "symbolic link": lambda: special(tarfile.SYMTYPE),
    "hard link": lambda: special(tarfile.LNKTYPE),
    "device": lambda: special(tarfile.CHRTYPE),
    "pipe": lambda: special(tarfile.FIFOTYPE),
    "bomb": lambda: packed({"a.png": bytes(20_000_000)}),
    "many small files": lambda: packed({f"{number}": b"" for number in range(1_000)}),
    "cut short": lambda: packed({"a.png": CONTENT})[:-1_000_000],
    "no tar": lambda: gzip.compress(CONTENT),
    "no gzip": lambda: CONTENT,
    "empty": lambda: b"",
}


@pytest.mark.parametrize("harm", HOSTILE)
def test_a_hostile_archive_is_refused_in_one_line(tmp_path, harm):
    archive = tmp_path / "in" / "a.tgz"
    archive.parent.mkdir()
    archive.write_bytes(HOSTILE[harm]())
    with pytest.raises(CorpusError, match=r"a.tgz is not unpacked: [^\n]*$"):
        unpack(archive, tmp_path / "out" / "images")
    assert set(names(tmp_path)) <= {"in", "out"}
    assert set(names(tmp_path / "out") if (tmp_path / "out").exists() else ()) <= {"images"}
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


def test_an_ordinary_archive_is_unpacked_whole(tmp_path):
    files = {"./top.xml": b"<a/>" * 500, "images/a.png": b"a", "b/c.png": b"c", "image/d": b"d"}
    (tmp_path / "a.tgz").write_bytes(packed(files))
    for _ in range(2):
        unpack(tmp_path / "a.tgz", tmp_path / "images")
    found = {
        path.relative_to(tmp_path / "images").as_posix(): path.read_bytes()
        for path in (tmp_path / "images").rglob("*")
        if path.is_file()
    }
    assert found == {"top.xml": b"<a/>" * 500, "a.png": b"a", "b/c.png": b"c", "image/d": b"d"}
