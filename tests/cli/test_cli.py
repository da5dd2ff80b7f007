"""The commands together: from a corpus to evidence, and what a mistake or an interrupt says."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest

from fixtures.commands import Radtex
from radtex.errors import RunError, StoppedError

demo_module = import_module("radtex.demo")
"""The module: `radtex.demo` is the function."""


def test_the_way_from_corpus_to_evidence(radtex_command: Radtex, tmp_path: Path) -> None:
    corpus, read, labelled, out = (tmp_path / n for n in ("c", "read", "labelled", "evidence"))
    build = ["corpus", "build", "phantom", "--studies", "400", "--size", "64", "--out", corpus]
    assert "400  rows kept" in radtex_command(*build).out
    short = ["--backbone", "resnet10t", "--steps", "3", "--batch-size", "16", "--seed", "1"]
    decoder = ["--hidden", "32", "--heads", "2", "--vocabulary", "400"]
    assert radtex_command("pretrain", corpus, "--out", read, *short, *decoder).status == 0
    rival = ["--recipe", "supervised-small", "--targets", "radtex9"]
    assert radtex_command("pretrain", corpus, "--out", labelled, *short, *rival).status == 0
    words = ["transfer", corpus, "--encoders", "random", f"radtex={read}", labelled]
    words += ["--targets", "Cardiomegaly", "Pleural Effusion", "--budgets", "20", "40"]
    table = radtex_command(*words, "--repeats", "3", "--out", out).out
    assert all(name in table for name in ("random", "radtex", "labelled", "Label policy paper"))
    summary = json.loads((out / "summary.json").read_text())
    assert set(summary["mean_auc"]) == {"random", "radtex", "labelled", "pixels"}
    assert set(summary["mean_auc"]["radtex"]) == {"20", "40"}
    assert len(summary["paired"]) == 6 * 2
    primary = {(p["a"], p["b"]) for p in summary["paired"] if p["family"] == "primary"}
    assert primary == {("radtex", "labelled")}
    for name in ("results.csv", "curve.png", "report.html"):
        assert (out / name).stat().st_size > 0
    labelled_row, read_row = radtex_command("runs", tmp_path).out.splitlines()[1:]
    assert labelled_row.split()[:4] == ["labelled", "finished", "supervised", "resnet10t"]
    assert read_row.split()[:3] == ["read", "finished", "joint"]
    assert "evidence: " in read_row
    listed = json.loads(radtex_command("runs", tmp_path, "--json").out)
    assert [each["steps_done"] for each in listed] == [3, 3]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["corpus", "build", "nothing", "x", "--out", "o"], 1, "the sources are: chexpert, "),
        (["corpus", "build", "phantom", "--out", "o"], 1, "needs studies"),
        (["corpus", "build", "phantom", "--studies", "0", "--out", "o"], 2, "Must be >= 1"),
        (["corpus", "describe", "nowhere"], 1, "is no corpus"),
        (["pretrain", "nowhere", "--out", "o"], 1, "is no corpus"),
        (["pretrain", "nowhere", "--out", "o", "--epochs"], 2, "requires an argument"),
        (["transfer", "c:pool", "--targets", "a", "--out", "o"], 2, "--encoders"),
        (["fly"], 2, "fly"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    radtex_command: Radtex,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: list[str],
    status: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = radtex_command(*words)
    assert ended.status == status
    assert ended.out == ""
    assert message in ended.err
    assert ended.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_may_not_be_read_is_one_line(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(path: Path, **_: object) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", refuse)
    ended = radtex_command("corpus", "build", "nih", tmp_path, "--out", tmp_path / "c")
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert ended.err.endswith(".csv may not be read or written: permission denied\n")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "a file, cannot be .*: no space left"),
        (OSError(errno.EBADF, "Bad file descriptor"), "standard output is closed"),
        (
            OSError(errno.EIO, "Input/output error", "x.npy"),
            "x.npy may not be .*: input/output",
        ),
        (MemoryError(), "the memory does not suffice; free some, or ask for less"),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 99 bytes"),
            "the memory does not suffice; free some, or ask for less",
        ),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "memory does not suffice"),
    ],
)
def test_what_the_system_refuses_is_one_line(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr("radtex.commands.corpora.sources", fail)
    ended = radtex_command("corpus", "sources")
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert re.match(f"radtex: .*{says}", ended.err)


@pytest.mark.parametrize("output", [">/dev/full", ">&-"])
def test_an_output_that_takes_nothing_is_one_line(output: str) -> None:
    ended = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m radtex corpus sources {output}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "no space left" in ended.stderr or "standard output is closed" in ended.stderr


def test_a_buffered_output_that_takes_nothing_is_one_line() -> None:
    program = (
        "import os, sys; from radtex.cli import main; "
        "os.dup2(os.open('/dev/full', os.O_WRONLY), 1); "
        "sys.stdout = os.fdopen(1, 'w', 2**16); sys.argv = ['radtex', 'recipes']; main()"
    )
    ended = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True)
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "no space left" in ended.stderr


def test_a_folder_that_was_removed_is_one_line(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    ended = radtex_command("corpus", "sources")
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert "was removed; go to another one" in ended.err


def test_an_interrupted_command_says_how_to_go_on(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo_module, "demo", interrupted)
    ended = radtex_command("demo")
    assert ended.status == 130
    assert ended.err == (
        "radtex: interrupted; repeat the command to resume corpus build, corpus fetch, demo or "
        "fine-tuning; pretrain needs --resume\n"
    )


def test_the_command_line_starts_without_torch() -> None:
    code = "import sys, radtex.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def ends_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let `radtex demo` raise it; returns where a process says how long it waits."""
    waited: list[float] = []

    def run(**_: object) -> None:
        raise error

    monkeypatch.setattr(demo_module, "demo", run)
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_a_command_in_a_notebook_needs_no_backend_of_the_notebook() -> None:
    """A kernel of another environment names its own to all that it starts."""
    program = (
        "import sys; from radtex import cli; sys.argv = ['radtex', 'recipes']\n"
        "try: cli.main()\nexcept SystemExit: import matplotlib.figure"
    )
    environment = os.environ | {"MPLBACKEND": "of_another_environment"}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr


def test_the_first_process_speaks_before_the_others_end(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = ends_with(RunError("wrong"), monkeypatch)
    monkeypatch.setenv("RANK", "0")
    assert radtex_command("demo")[::2] == (1, "radtex: wrong [RTX-RUN]\n")
    assert waited == []
    monkeypatch.setenv("RANK", "1")
    assert radtex_command("demo")[::2] == (1, "radtex: wrong [RTX-RUN]\n")
    assert waited == [10]


def test_what_was_asked_to_end_has_a_status_that_a_scheduler_starts_again(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = ends_with(StoppedError("stopped"), monkeypatch)
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert radtex_command("demo")[::2] == (75, "radtex: stopped [RTX-STOPPED]\n")
        monkeypatch.setenv("RANK", "1")
        assert radtex_command("demo")[::2] == (75, "")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert waited == []


def test_what_other_packages_tell_of_their_work_is_not_shown() -> None:
    code = (
        "import logging, sys, contextlib\n"
        "from radtex import cli\n"
        "sys.argv = ['radtex', 'recipes']\n"
        "with contextlib.suppress(SystemExit):\n"
        "    cli.main()\n"
        "logging.getLogger('highdicom.sr').info('copied from 1.2.3')\n"
        "logging.getLogger('highdicom.sr').warning('mind this')\n"
        "logging.getLogger('radtex.transfer').info('two targets')\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr.splitlines() == ["mind this", "two targets"]
