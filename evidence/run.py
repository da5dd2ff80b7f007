"""Run a protocol: a list of radtex commands, each once, in the order that their folders require.

A protocol is a YAML file with `variables` and `steps`. A step is a command without the word
`radtex`, or a script of this folder with its words. `{name}` in it is a variable (a list stands for
several words). A key beside `run` repeats the step for each of its values; `each` lists several
sets of such keys. A step makes the folder after `--out`, and waits for the steps whose folders it
names, or that make theirs below a folder it names. A folder that is there is not made again, nor is
one that only finished steps have used. Repeat the same command after any interruption: what was
being pretrained is resumed.

Steps are grouped in pieces, by their key `piece`; a step without one is a piece of its own.
`--list` prints the pieces: what is done, where it was run, and the hours that are left, from
`minutes` or `seconds_per_step` in the protocol and from what the finished steps truly took.
`--piece NAME` runs one piece.

Beside its folder each step leaves its log, and in `NAME.step.json` its command with a hash, the
version of the rules that make the numbers, the commit of the code, and the machine. What stands
there of another command, or results of other rules, are refused with what differs; commit, machine
and the folder `out` are not compared. `--adopt` takes corpora without such a file as made by these
commands; results are never taken, since nothing says by which rules they were made. A pretraining
without one is compared by `pretrain --resume` itself.
"""

import os
import platform
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import cyclopts
from steps import Step, of_pieces, read_protocol, refuse_others, unfinished

from radtex.text_tables import aligned

PREEMPTED = 75
"""Exit status of a command that was asked to end, and kept a checkpoint."""
RESUMES = 20
"""How often a step is resumed before the runner gives up."""
HERE = Path(__file__).resolve().parent


@dataclass
class Running:
    """Runs steps, and passes on SIGTERM to them."""

    threads: int
    """Of each."""
    stopped: bool = False
    """Whether SIGTERM came."""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """Those at work."""

    def stop(self, *_: object) -> None:
        """Ask what runs to end; a pretraining keeps a checkpoint first."""
        self.stopped = True
        for process in self.processes:
            process.terminate()

    def run(self, step: Step) -> int:
        """Run a step to its end, and return its exit status."""
        words = list(step.words)
        if words[0] == "pretrain":
            words.append("--resume")
        begun, start = step.out.exists(), time.monotonic()
        step.out.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"OMP_NUM_THREADS": str(self.threads)}
        called = [str(HERE / words[0]), *words[1:]] if step.is_script else ["-m", "radtex", *words]
        with step.out.with_suffix(".log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, *called], stdout=log, stderr=log, env=environment
            )
            self.processes.append(process)
            if self.stopped:
                process.terminate()
            status = process.wait()
            self.processes.remove(process)
        if not status:
            minutes = None if begun else round((time.monotonic() - start) / 60, 2)
            step.note(minutes=minutes, threads=self.threads, **machine())
        return status


def machine() -> dict[str, Any]:
    """Return where this runs, without its name."""
    info = Path("/proc/cpuinfo")
    models = re.findall(r"^model name\s*:\s*(.+)$", info.read_text(), re.M) if info.exists() else []
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "torch": version("torch"),
        "on": time.strftime("%Y-%m-%d"),
    }


def run(steps: Sequence[Step], jobs: int, threads: int) -> None:
    """Run steps, and stop at the first that fails.

    A step that was asked to end after a checkpoint is resumed, unless the runner was asked too.

    Args:
        steps: The steps to run.
        jobs: Steps at a time.
        threads: Threads of each.
    """
    waiting = list(steps)
    runner = Running(threads)
    resumed: dict[Step, int] = {}
    running: dict[Future[int], tuple[Step, float]] = {}
    before = signal.signal(signal.SIGTERM, runner.stop)
    try:
        with ThreadPoolExecutor(jobs) as pool:
            while (waiting and not runner.stopped) or running:
                pending = [*waiting, *(step for step, _ in running.values())]
                for step in list(waiting):
                    if len(running) < jobs and not any(map(step.needs, pending)):
                        waiting.remove(step)
                        print(f"{time.strftime('%H:%M')} starts {step.out}", flush=True)
                        running[pool.submit(runner.run, step)] = (step, time.monotonic())
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    step, start = running.pop(future)
                    status = future.result()
                    now, minutes = time.strftime("%H:%M"), (time.monotonic() - start) / 60
                    again = status == PREEMPTED and resumed.get(step, 0) < RESUMES
                    if not status:
                        print(f"{now} made {step.out} in {minutes:.0f} min", flush=True)
                    elif runner.stopped:
                        print(f"{now} stopped {step.out}, exit status {status}", flush=True)
                    elif again:
                        print(f"{now} {step.out} was preempted after a checkpoint; resumes it",
                              flush=True)  # fmt: skip
                        resumed[step] = resumed.get(step, 0) + 1
                        waiting.insert(0, step)
                    else:
                        log = step.out.with_suffix(".log")
                        waiting.clear()
                        raise SystemExit(
                            f"{step.out} failed, see {log}; mend it and run this again"
                        )
    finally:
        signal.signal(signal.SIGTERM, before)
    if runner.stopped:
        print("SIGTERM came: repeat the same command to go on", file=sys.stderr)
        raise SystemExit(PREEMPTED)


def rate(steps: Sequence[Step]) -> float:
    """How long finished steps took, as a share of what was expected; 1 where nothing is known."""
    took = [
        (step.kept().get("made", {}).get("minutes"), step.minutes) for step in steps if step.done
    ]
    known = [(minutes, expected) for minutes, expected in took if minutes and expected]
    expected = sum(each for _, each in known)
    return sum(minutes for minutes, _ in known) / expected if expected else 1.0


def hours(steps: Sequence[Step], factor: float) -> str:
    """Say how many hours of one process steps will take; "?" where one is not known."""
    if any(step.minutes is None for step in steps):
        return "?"
    return f"{sum(step.minutes or 0 for step in steps) * factor / 60:.1f}"


def listing(steps: Sequence[Step]) -> str:
    """Return a table of the pieces: what is done, where it was run, and the hours left."""
    factor, pending = rate(steps), unfinished(steps)
    rows = [["piece", "done", "hours left", "minutes taken", "run on"]]
    for name in dict.fromkeys(step.piece for step in steps):
        own = [step for step in steps if step.piece == name]
        left = [step for step in own if step in pending]
        made = [step.kept().get("made", {}) for step in own]
        minutes = [each["minutes"] for each in made if each.get("minutes")]
        where = dict.fromkeys(
            f"{each['processor']}, {each['threads']} of {each['cores']} cores, torch "
            f"{each['torch']}, {each['on']}"
            for each in made
            if each.get("processor")
        )
        rows.append(
            [
                name,
                f"{len(own) - len(left)} of {len(own)}",
                hours(left, factor),
                f"{sum(minutes):.0f}" if minutes else "",
                "; ".join(where),
            ]
        )
    return aligned(rows)


def main(
    protocol: Path,
    /,
    *settings: str,
    jobs: int = 2,
    threads: int = 1,
    piece: Annotated[list[str] | None, cyclopts.Parameter(consume_multiple=True)] = None,
    listed: Annotated[bool, cyclopts.Parameter("--list", negative="")] = False,
    dry_run: bool = False,
    adopt: bool = False,
) -> None:
    """Run a protocol.

    Args:
        protocol: The YAML file.
        settings: NAME=VALUE for its variables.
        jobs: Steps at a time.
        threads: Threads of each step.
        piece: Run these pieces alone.
        listed: Only print the pieces, what is done of them and what is left.
        dry_run: Only print the commands.
        adopt: Take corpora that are there, and have no record, as made by these commands.
    """
    given = dict(setting.split("=", 1) for setting in settings)
    steps = read_protocol(protocol, given)
    if dry_run:
        for step in steps if piece is None else of_pieces(steps, piece):
            print(*([] if step.is_script else ["radtex"]), *step.words)
        return
    left = unfinished(steps)
    total = f"about {hours(left, rate(steps))} hours of one process are left"
    if listed:
        print(listing(steps), total, sep="\n")
        return
    refuse_others([step for step in steps if step.done], adopt)
    left = unfinished(steps)  # corpora may have been taken
    print(f"{len(steps) - len(left)} of {len(steps)} steps are done; {total}", flush=True)
    chosen = steps if piece is None else of_pieces(steps, piece)
    run([step for step in chosen if step in left], jobs, threads)


if __name__ == "__main__":
    cyclopts.run(main)
