"""A build that is killed goes on, and ends with the bytes of one that was not."""

import hashlib
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from radtex.corpus import staging
from radtex.corpus.build import build
from radtex.corpus.sources import open_source
from radtex.corpus.staging import CHUNK
from radtex.errors import OutputError
from radtex.files import sole_writer

FILES = ("index.parquet", "images.npy", "corpus.json")
COUNT = 2 * CHUNK + 10


def contents(corpus: Path) -> list[bytes]:
    return [(corpus / name).read_bytes() for name in FILES]


def killed_build(file: Path, out: Path, victim: str) -> None:
    """Build in a process of its own that kills itself when it comes to `victim`."""
    script = f"""
        import os, signal
        from pathlib import Path
        import radtex.corpus.build, radtex.corpus.corpus
        from radtex.corpus.build import build
        from radtex.corpus.sources import open_source
        from radtex.corpus.sources.table import TableSource

        def die(*_):
            os.kill(os.getpid(), signal.SIGKILL)

        pixels = TableSource.pixels
        TableSource.pixels = lambda self, record, size: (
            die() if record.image_id == {victim!r} else pixels(self, record, size)
        )
        if {victim!r} == "hash":
            radtex.corpus.on_disk.corpus_files.content_hash = die
        source = open_source("table", root=Path({str(file)!r}))
        build(source, Path({str(out)!r}), size=16, workers=1)
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize("victim", ["i0", f"i{CHUNK + 3}", f"i{COUNT - 1}", "hash"])
def test_a_killed_build_goes_on_to_the_same_bytes(make_table, tmp_path, victim):
    source = open_source("table", root=make_table(COUNT, {5: {"image": "none.png"}}))
    killed_build(source.root, tmp_path / "out", victim)
    assert not (tmp_path / "out").exists()
    build(source, tmp_path / "out", size=16, workers=1)
    build(source, tmp_path / "whole", size=16, workers=1)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "out", "whole"]


def test_two_builds_of_one_corpus_do_not_meet(make_table, tmp_path):
    source = open_source("table", root=make_table(3))
    with (
        sole_writer(tmp_path / "out"),
        pytest.raises(OutputError, match="another process is at work on"),
    ):
        build(source, tmp_path / "out", size=16, workers=1)
    build(source, tmp_path / "out", size=16, workers=1)


def test_what_was_decoded_before_the_kill_is_not_decoded_again(make_table, tmp_path, monkeypatch):
    source = open_source("table", root=make_table(COUNT))
    killed_build(source.root, tmp_path / "out", f"i{CHUNK + 3}")
    decoded = []
    pixels = type(source).pixels
    monkeypatch.setattr(
        type(source),
        "pixels",
        lambda self, record, size: decoded.append(record.image_id) or pixels(self, record, size),
    )
    build(source, tmp_path / "out", size=16, workers=1)
    assert decoded == [f"i{number}" for number in range(CHUNK, COUNT)]


def test_what_is_left_of_a_removal_that_was_cut_short_is_not_used(make_table, tmp_path):
    source = open_source("table", root=make_table(COUNT))
    killed_build(source.root, tmp_path / "out", f"i{CHUNK + 3}")
    (tmp_path / ".out.building" / "key").unlink()
    build(source, tmp_path / "out", size=24, workers=1)
    build(source, tmp_path / "whole", size=24, workers=1)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_chunks_of_another_release_are_not_gone_on_with(make_table, tmp_path, monkeypatch):
    source = open_source("table", root=make_table(COUNT))
    killed_build(source.root, tmp_path / "out", f"i{CHUNK + 3}")
    monkeypatch.setattr(staging, "_CONTENTS", ("failures", "sha256", "sums"))
    with pytest.raises(OutputError, match=r"\.out\.building holds an unfinished build with other"):
        build(source, tmp_path / "out", size=16, workers=1)


@pytest.mark.parametrize("change", ["size", "split", "image", "table"])
def test_an_unfinished_build_of_something_else_is_not_mixed_in(make_table, tmp_path, change):
    source = open_source("table", root=make_table(COUNT))
    killed_build(source.root, tmp_path / "out", f"i{CHUNK + 3}")
    if change == "image":
        film = source.root.parent / "films" / "0003.png"
        film.write_bytes((source.root.parent / "films" / "0004.png").read_bytes())
    if change == "table":
        source.root.write_text(source.root.read_text().replace("clear in film 100", "full"))
    with pytest.raises(OutputError, match=r"\.out\.building holds an unfinished build with other"):
        build(
            source,
            tmp_path / "out",
            size=8 if change == "size" else 16,
            split="test" if change == "split" else "hash",
            workers=1,
        )


@pytest.mark.soak
def test_kills_at_any_moment_with_two_workers(make_table, tmp_path):
    source = open_source("table", root=make_table(40 * CHUNK))
    out = tmp_path / "out"
    command = (
        "from pathlib import Path; from radtex.corpus.build import build; "
        "from radtex.corpus.sources import open_source; "
        f"build(open_source('table', root=Path({str(source.root)!r})), Path({str(out)!r}), "
        "size=16, workers=2)"
    )
    kills = 0
    while not out.exists():
        process = subprocess.Popen([sys.executable, "-c", command], stderr=subprocess.DEVNULL)
        time.sleep(1.0 + 0.1 * kills)
        if process.poll() is None:
            workers = psutil.Process(process.pid).children(recursive=True)
            for victim in (process, *workers):
                victim.kill()
            kills += 1
        process.wait()
    build(source, tmp_path / "whole", size=16, workers=1)
    assert kills
    assert [hashlib.sha256(c).digest() for c in contents(out)] == [
        hashlib.sha256(c).digest() for c in contents(tmp_path / "whole")
    ]
