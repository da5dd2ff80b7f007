"""SIGTERM unwinds a command as Ctrl-C does, and leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from radtex.interrupting import interrupt


def test_sigterm_interrupts_once_and_then_ends() -> None:
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt) as raised:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        assert raised.value.args == (signal.SIGTERM,)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_build_that_is_terminated_says_so_and_leaves_no_worker(tmp_path: Path) -> None:
    words = ["corpus", "build", "phantom", "--studies", "4000", "--size", "64", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "radtex", *words, "--out", str(tmp_path / "corpus")],
        stderr=subprocess.PIPE,
        text=True,
    )
    parent = psutil.Process(process.pid)
    while not (workers := parent.children(recursive=True)) or not list(
        tmp_path.rglob("*.npz") or tmp_path.rglob("*.npy")
    ):
        assert process.poll() is None
        time.sleep(0.2)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM
    assert "radtex: interrupted; repeat the command to resume" in said
    assert "Traceback" not in said
    assert not psutil.wait_procs(workers, timeout=60)[1]
    assert not (tmp_path / "corpus").exists()
    assert list(tmp_path.glob(".corpus.lock")) == []
