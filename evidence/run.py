"""Run a protocol: a list of radtex commands, each once, in the order that their folders require.

A protocol is a YAML file with `variables` and `steps`. A step is a command without the word
`radtex`. `{name}` in it is a variable (a list stands for several words), and a key beside `run`
repeats the step for each of its values. A step makes the folder after `--out`, and waits for the
steps whose folders it names. A folder that is there is not made again, and an interrupted
pretraining is resumed: repeat the same command after any interruption.

Beside its folder each step leaves its log, and in `NAME.step.json` its command with a hash, the
version of the rules that make the numbers, and the commit of the code. What stands there of another
command, or results of other rules, are refused with what differs; the commit is not compared.
`--adopt` takes corpora without such a file as made by these commands; results are never taken,
since nothing says by which rules they were made. A pretraining without one is compared by `pretrain
--resume` itself.
"""

import hashlib
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cyclopts
import yaml

from radtex.transfer.code_version import PROTOCOL_VERSION, code_version

PRETRAINED = "model.safetensors"
MAKE = ("corpus", "pretrain")
"""Commands that make no numbers, so that rules of scoring do not touch what they made."""


@dataclass(frozen=True)
class Step:
    """A radtex command and the folder that it makes."""

    words: tuple[str, ...]
    """The command, without `radtex`."""

    @property
    def out(self) -> Path:
        """The folder."""
        return Path(self.words[self.words.index("--out") + 1])

    @property
    def record(self) -> Path:
        """What the step was, once it is done."""
        return self.out.with_name(f"{self.out.name}.step.json")

    @property
    def done(self) -> bool:
        """Whether the folder is there; a pretraining is done when it has kept its weights.

        A pretraining that left no record is not: its command, repeated, compares and does nothing.
        """
        if self.words[0] == "pretrain":
            return (self.out / PRETRAINED).exists() and self.record.exists()
        return self.out.exists()

    def identity(self) -> dict[str, Any]:
        """What results of this step depend on, by name."""
        command = shlex.join(["radtex", *self.words])
        identity: dict[str, Any] = {
            "command": command,
            "command_sha256": hashlib.sha256(command.encode()).hexdigest(),
        }
        if self.words[0] not in MAKE:
            identity["protocol_version"] = PROTOCOL_VERSION
        return identity

    def differs(self) -> str | None:
        """Say what keeps the folder from being this step's; None where nothing does."""
        wanted = self.identity()
        if not self.record.exists():
            return f"{self.record} is missing, so nothing says what made it"
        kept = json.loads(self.record.read_text(encoding="utf-8"))
        found = [
            f"{name} was {kept.get(name)}, and is {wanted[name]}"
            for name in ("protocol_version", "command")
            if name in wanted and kept.get(name) != wanted[name]
        ]
        if not found and kept.get("command_sha256") != wanted["command_sha256"]:
            found = [f"{self.record} was changed by hand"]
        return "; ".join(found) or None

    def note(self) -> None:
        """Write the record, whole."""
        text = json.dumps(self.identity() | code_version(), indent=2, ensure_ascii=False)
        aside = self.record.with_suffix(".partial")
        aside.write_text(text + "\n", encoding="utf-8")
        aside.replace(self.record)

    def needs(self, other: "Step") -> bool:
        """Return whether a word of this step names the other's folder, alone or in an entry."""
        if self is other:
            return False
        parts = (part for word in self.words for part in re.split("[=+,]", word))
        return any(re.split("[:@]", part)[0] == str(other.out) for part in parts)

    def run(self, threads: int) -> int:
        """Run the command to its end on so many threads, and return its exit status."""
        words = list(self.words)
        if words[0] == "pretrain":
            words.append("--resume")
        self.out.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
        with self.out.with_suffix(".log").open("a", encoding="utf-8") as log:
            command = [sys.executable, "-m", "radtex", *words]
            done = subprocess.run(command, stdout=log, stderr=log, env=environment).returncode
        if not done:
            self.note()
        return done


def read_protocol(path: Path, given: Mapping[str, str]) -> list[Step]:
    """Read the steps of a protocol.

    Args:
        path: The YAML file.
        given: Values that replace those of its variables.
    """
    protocol = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = given.keys() - protocol["variables"].keys()
    if unknown:
        raise SystemExit(f"{path} has no variable {', '.join(unknown)}; it has: "
                         f"{', '.join(protocol['variables'])}")  # fmt: skip
    variables = protocol["variables"] | given
    missing = [name for name, value in variables.items() if value is None]
    if missing:
        raise SystemExit(f"give {' and '.join(f'{name}=PATH' for name in missing)}")
    return [step for entry in protocol["steps"] for step in _expand(entry, variables)]


def _expand(entry: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[Step]:
    loops = {name: values for name, values in entry.items() if name != "run"}
    for values in itertools.product(*loops.values()):
        own = dict(zip(loops, values, strict=True))
        words: list[str] = []
        for word in shlex.split(entry["run"]):
            listed = variables.get(word.strip("{}")) if word.startswith("{") else None
            if isinstance(listed, list):
                words += map(str, listed)
            else:
                words.append(word.format(**variables, **own))
        yield Step(tuple(words))


def refuse_others(steps: Sequence[Step], adopt: bool) -> None:
    """Refuse folders that another command or other rules have made.

    Args:
        steps: The steps that are done.
        adopt: Whether folders without a record are taken as these steps', unless they are results.
    """
    others = []
    for step in steps:
        if adopt and step.words[0] in MAKE and not step.record.exists():
            step.note()
        difference = step.differs()
        if difference:
            others.append(f"{step.out}: {difference}")
    if others:
        raise SystemExit(
            "what stands there is not what this protocol makes:\n"
            + "\n".join(others)
            + "\nmove these folders away to make them anew, or name another out=FOLDER"
        )


def run(steps: Sequence[Step], jobs: int, threads: int, adopt: bool = False) -> None:
    """Run the steps that are not done, and stop at the first that fails.

    Args:
        steps: The steps.
        jobs: Steps at a time.
        threads: Threads of each.
        adopt: See `refuse_others`.
    """
    refuse_others([step for step in steps if step.done], adopt)
    waiting = [step for step in steps if not step.done]
    print(f"{len(steps) - len(waiting)} of {len(steps)} steps are done", flush=True)
    running: dict[Future[int], tuple[Step, float]] = {}
    with ThreadPoolExecutor(jobs) as pool:
        while waiting or running:
            unfinished = [*waiting, *(step for step, _ in running.values())]
            for step in list(waiting):
                if len(running) < jobs and not any(map(step.needs, unfinished)):
                    waiting.remove(step)
                    print(f"{time.strftime('%H:%M')} starts {step.out}", flush=True)
                    running[pool.submit(step.run, threads)] = (step, time.monotonic())
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step, start = running.pop(future)
                if future.result():
                    log = step.out.with_suffix(".log")
                    waiting.clear()
                    raise SystemExit(f"{step.out} failed, see {log}; mend it and run this again")
                minutes = (time.monotonic() - start) / 60
                print(f"{time.strftime('%H:%M')} made {step.out} in {minutes:.0f} min", flush=True)


def main(
    protocol: Path,
    /,
    *settings: str,
    jobs: int = 2,
    threads: int = 1,
    dry_run: bool = False,
    adopt: bool = False,
) -> None:
    """Run a protocol.

    Args:
        protocol: The YAML file.
        settings: NAME=VALUE for its variables.
        jobs: Steps at a time.
        threads: Threads of each step.
        dry_run: Only print the commands.
        adopt: Take corpora that are there, and have no record, as made by these commands.
    """
    given = dict(setting.split("=", 1) for setting in settings)
    steps = read_protocol(protocol, given)
    if dry_run:
        for step in steps:
            print("radtex", *step.words)
    else:
        run(steps, jobs, threads, adopt)


if __name__ == "__main__":
    cyclopts.run(main)
