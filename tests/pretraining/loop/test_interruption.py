"""A training is interrupted between steps: by the clock, and by SIGTERM."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.passes import ALONE
from fixtures.recipes import LEAN
from radtex.corpus.corpus import Corpus
from radtex.errors import StoppedError
from radtex.pretraining.loop.interruption import (
    Interruption,
    Interruptions,
    Termination,
    termination_noted,
)
from radtex.pretraining.loop.processes import Processes
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe

LONG = LEAN | {"batch_size": 4, "steps": 30, "checkpoint_every": 1000}
"""No checkpoint is due before the end."""


@dataclass(frozen=True)
class Peer(Processes):
    """The second of two processes; the first answers as it is told."""

    first_says: int = 0

    def largest(self, number: int) -> int:
        return max(number, self.first_says)


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def kept(run: Path) -> list[bytes]:
    names = ("model.safetensors", "metrics.jsonl", "config.yaml", "tokenizer.json")
    return [(run / name).read_bytes() for name in names]


def test_without_minutes_nothing_interrupts() -> None:
    clock = Clock()
    interruptions = Interruptions(ALONE, Termination(), clock=clock)
    clock.seconds = 1e9
    assert interruptions.after_step() is Interruption.NONE


def test_a_checkpoint_is_due_by_the_minute_since_the_last() -> None:
    clock = Clock()
    interruptions = Interruptions(ALONE, Termination(), minutes=0.5, clock=clock)
    said = []
    for clock.seconds in (0, 29, 30, 31):
        said.append(interruptions.after_step())
    assert said == [0, 0, 1, 1]
    interruptions.kept()
    for clock.seconds, due in ((60, 0), (61, 1)):
        assert interruptions.after_step() == due


def test_the_clock_is_that_of_the_first_process_and_the_signal_that_of_any() -> None:
    clock = Clock()
    told = Termination()
    for first_says in (0, 1, 2):
        second = Peer(1, 2, ALONE.device, first_says)
        interruptions = Interruptions(second, Termination(), minutes=1, clock=clock)
        clock.seconds += 120
        assert interruptions.after_step() == first_says
    told.asked = True
    assert Interruptions(Peer(1, 2, ALONE.device), told).after_step() is Interruption.STOP


def test_the_signal_is_noted_and_then_what_it_was() -> None:
    with termination_noted() as termination:
        termination.waits = True
        assert not termination.asked
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        assert termination.asked
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_outside_the_steps_the_signal_ends_at_once() -> None:
    with pytest.raises(StoppedError, match="no checkpoint was kept"), termination_noted():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_program_that_handles_the_signal_itself_is_left_to_it() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        with termination_noted() as termination:
            os.kill(os.getpid(), signal.SIGTERM)
        assert (heard, termination.asked) == ([signal.SIGTERM], False)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_outside_of_the_main_thread_the_signal_is_left_alone() -> None:
    asked: list[bool] = []

    def note() -> None:
        with termination_noted() as termination:
            asked.append(termination.asked)

    thread = threading.Thread(target=note)
    thread.start()
    thread.join()
    assert asked == [False]


def started(
    corpus: Corpus, out: Path, launcher: Sequence[str] = (), **environment: object
) -> subprocess.Popen[str]:
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in LONG.items()]
    words = [*launcher, "-m", "radtex", "pretrain", str(corpus.path), "--out", str(out), *flags]
    return subprocess.Popen(
        [sys.executable, *words],
        env=os.environ | {"OMP_NUM_THREADS": "1"} | {k: str(v) for k, v in environment.items()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def send_sigterm(process: subprocess.Popen[str], out: Path) -> None:
    """Send it once the run has done some steps."""
    metrics = out / "metrics.jsonl"
    while process.poll() is None:
        if metrics.exists() and metrics.read_bytes().count(b"\n") >= 3:
            process.send_signal(signal.SIGTERM)
            return
        time.sleep(0.005)


def said(process: subprocess.Popen[str]) -> list[str]:
    """Wait for its end; the lines that it said as errors."""
    _, err = process.communicate(timeout=120)
    return [line for line in err.splitlines() if line.startswith("radtex: ")]


def stopped_at(out: Path) -> tuple[int, list[str]]:
    """The step of the only checkpoint, and what a run says that was stopped there."""
    (checkpoint,) = (out / "checkpoint").glob("0*")
    step = int(checkpoint.name)
    assert json.loads((checkpoint / "progress.json").read_text())["step"] == step
    return step, [
        f"radtex: stopped after step {step} of 30, since SIGTERM came; its checkpoint is kept: "
        "repeat the command with --resume [RTX-STOPPED]"
    ]


@pytest.fixture(scope="module")
def whole(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What the run is that nothing interrupts."""
    out = tmp_path_factory.mktemp("whole") / "run"
    return kept(pretrain(phantom_corpus, out, load_recipe(overrides=LONG)))


@pytest.mark.parametrize("processes", [1, pytest.param(2, marks=pytest.mark.soak)])
def test_sigterm_leaves_a_checkpoint_from_which_the_run_goes_on_to_the_same_bytes(
    phantom_corpus: Corpus, whole: list[bytes], tmp_path: Path, processes: int
) -> None:
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    out = tmp_path / "run"
    process = started(phantom_corpus, out, torchrun if processes > 1 else [])
    send_sigterm(process, out)
    lines = said(process)
    step, expected = stopped_at(out)
    assert step < 30
    assert lines == expected
    # torchrun has a status of its own.
    assert process.returncode == 75 if processes == 1 else process.returncode != 0
    pretrain(phantom_corpus, out, load_recipe(overrides=LONG), resume=True)
    assert kept(out) == whole


def test_one_process_that_is_told_stops_all(phantom_corpus: Corpus, tmp_path: Path) -> None:
    """Started without torchrun, as by a scheduler: the status of each is seen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free.getsockname()[1]}
    out = tmp_path / "run"
    first, second = (
        started(phantom_corpus, out, RANK=rank, LOCAL_RANK=rank, WORLD_SIZE=2, **meeting)
        for rank in (0, 1)
    )
    send_sigterm(second, out)
    lines = [said(first), said(second)]
    _, expected = stopped_at(out)
    assert lines == [expected, []]
    assert (first.returncode, second.returncode) == (75, 75)
