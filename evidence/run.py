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

Where there are GPUs, each step at work has `--gpus-per-run` of them for itself, and there are as
many steps at work as that allows. A pretraining that has several is started through torchrun. A
recipe of ResNet-50 is pretrained in bfloat16 and compiled there, unless the protocol says
otherwise.

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

    def run(self, step: Step, gpus: Sequence[str] = ()) -> int:
        """Run a step to its end on GPUs of its own, and return its exit status."""
        begun, start = step.out.exists(), time.monotonic()
        step.out.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"OMP_NUM_THREADS": str(self.threads)}
        if gpus:
            environment["CUDA_VISIBLE_DEVICES"] = ",".join(gpus)
        with step.out.with_suffix(".log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [sys.executable, *called(step, len(gpus))], stdout=log, stderr=log, env=environment
            )
            self.processes.append(process)
            if self.stopped:
                process.terminate()
            status = process.wait()
            self.processes.remove(process)
        if not status:
            minutes = None if begun else round((time.monotonic() - start) / 60, 2)
            on = {"gpus": len(gpus)} if gpus else {}
            step.note(minutes=minutes, threads=self.threads, **on, **machine())
        return status


def called(step: Step, gpus: int) -> list[str]:
    """Return what Python is called with to run a step on that many GPUs."""
    words = list(step.words)
    if step.is_script:
        return [str(HERE / words[0]), *words[1:]]
    if words[0] != "pretrain":
        return ["-m", "radtex", *words]
    recipe = words[words.index("--recipe") + 1] if "--recipe" in words else ""
    if gpus and recipe.endswith("-r50"):
        for flag, value in (("--precision", "bfloat16"), ("--compile", "true")):
            words += [] if flag in words else [flag, value]
    processes = ["torch.distributed.run", "--standalone", f"--nproc-per-node={gpus}", "-m"]
    return ["-m", *(processes if gpus > 1 else []), "radtex", *words, "--resume"]


def visible_gpus() -> list[str]:
    """Return the GPUs that may be used, by what CUDA calls them; none without CUDA."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [name for name in named.split(",") if name.strip()]
    from torch.cuda import device_count

    return [str(number) for number in range(device_count())]


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


def run(
    steps: Sequence[Step],
    jobs: int,
    threads: int,
    gpus: Sequence[Sequence[str]] = (),
) -> None:
    """Run steps, and stop at the first that fails.

    A step that was asked to end after a checkpoint is resumed, unless the runner was asked too.

    Args:
        steps: The steps to run.
        jobs: Steps at a time.
        threads: Threads of each.
        gpus: Sets of GPUs, one for each of the `jobs`, or none at all.
    """
    waiting = list(steps)
    runner = Running(threads)
    free = [*gpus] or [()] * jobs
    resumed: dict[Step, int] = {}
    running: dict[Future[int], tuple[Step, float, Sequence[str]]] = {}
    before = signal.signal(signal.SIGTERM, runner.stop)
    try:
        with ThreadPoolExecutor(jobs) as pool:
            while (waiting and not runner.stopped) or running:
                pending = [*waiting, *(step for step, *_ in running.values())]
                for step in list(waiting):
                    if len(running) < jobs and not any(map(step.needs, pending)):
                        waiting.remove(step)
                        print(f"{time.strftime('%H:%M')} starts {step.out}", flush=True)
                        own = free.pop(0)
                        future = pool.submit(runner.run, step, own)
                        running[future] = (step, time.monotonic(), own)
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    step, start, own = running.pop(future)
                    free.append(own)
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
    jobs: int | None = None,
    threads: int = 1,
    gpus_per_run: int = 1,
    piece: Annotated[list[str] | None, cyclopts.Parameter(consume_multiple=True)] = None,
    listed: Annotated[bool, cyclopts.Parameter("--list", negative="")] = False,
    dry_run: bool = False,
    adopt: bool = False,
) -> None:
    """Run a protocol.

    Args:
        protocol: The YAML file.
        settings: NAME=VALUE for its variables.
        jobs: Steps at a time: without GPUs 2, or fewer if the cores have not the threads; with GPUs
            as many as there are sets of them.
        threads: Threads of each step.
        gpus_per_run: GPUs of each step; a power of two.
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
    gpus = visible_gpus()
    if gpus and len(gpus) < gpus_per_run:
        raise SystemExit(f"{gpus_per_run} GPUs for each run were asked for; there are {len(gpus)}")
    sets = [gpus[at : at + gpus_per_run] for at in range(0, len(gpus), gpus_per_run)]
    whole = [each for each in sets if len(each) == gpus_per_run]
    most = len(whole) or max(1, min(2, (os.cpu_count() or 1) // threads))
    at_once = min(jobs or most, most) if gpus else jobs or most
    run([step for step in chosen if step in left], at_once, threads, whole)


if __name__ == "__main__":
    cyclopts.run(main)
