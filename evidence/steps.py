"""The steps of a protocol: the commands, the folders that they make, and what keeps them apart."""

import hashlib
import itertools
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from radtex.transfer.code_version import PROTOCOL_VERSION, code_version

PRETRAINED = "model.safetensors"
MAKE = ("corpus", "pretrain")
"""Commands that make no numbers, so that rules of scoring do not touch what they made."""
KEYS = ("run", "each", "piece", "minutes", "seconds_per_step")


@dataclass(frozen=True, eq=False)
class Step:
    """A command and the folder that it makes."""

    words: tuple[str, ...]
    """The command, without `radtex`."""
    named: tuple[str, ...] = ()
    """The same with `{out}` in the place of the protocol's folder."""
    piece: str = ""
    """The piece that it belongs to."""
    minutes: float | None = None
    """What it is expected to take on one thread; None where nobody measured it."""

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
        command = self._command(self.named or self.words)
        identity: dict[str, Any] = {"command": command, "command_sha256": _sha256(command)}
        if self.words[0] not in MAKE:
            identity["protocol_version"] = PROTOCOL_VERSION
        return identity

    def _command(self, words: Sequence[str]) -> str:
        return shlex.join(words if self.is_script else ["radtex", *words])

    @property
    def is_script(self) -> bool:
        """Whether a script of this folder is run, in place of radtex."""
        return self.words[0].endswith(".py")

    def differs(self) -> str | None:
        """Say what keeps the folder from being this step's; None where nothing does."""
        wanted = self.identity()
        if not self.record.exists():
            return f"{self.record} is missing, so nothing says what made it"
        kept = self.kept()
        if kept.get("command") == self._command(self.words):  # as records had it at first
            wanted |= {"command": kept["command"], "command_sha256": _sha256(kept["command"])}
        found = [
            f"{name} was {kept.get(name)}, and is {wanted[name]}"
            for name in ("protocol_version", "command")
            if name in wanted and kept.get(name) != wanted[name]
        ]
        if not found and kept.get("command_sha256") != wanted["command_sha256"]:
            found = [f"{self.record} was changed by hand"]
        return "; ".join(found) or None

    def kept(self) -> dict[str, Any]:
        """Return what the record says; nothing where there is none."""
        if not self.record.exists():
            return {}
        return dict(json.loads(self.record.read_text(encoding="utf-8")))

    def note(self, **made: Any) -> None:
        """Write the record, whole.

        Args:
            made: where and when it was made.
        """
        content = self.identity() | code_version() | ({"made": made} if made else {})
        aside = self.record.with_suffix(".partial")
        aside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        aside.replace(self.record)

    def needs(self, other: "Step") -> bool:
        """Return whether a word of this step names the other's folder, alone or in an entry.

        A word may also name a folder that the other's lies in.
        """
        return self is not other and bool(self._named_folders & other._folders)

    @cached_property
    def _named_folders(self) -> set[str]:
        place = self.words.index("--out") + 1
        words = (*self.words[:place], *self.words[place + 1 :])
        return {re.split("[:@]", part)[0] for word in words for part in re.split("[=+,]", word)}

    @cached_property
    def _folders(self) -> set[str]:
        return {str(folder) for folder in (self.out, *self.out.parents[:-1])}


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
    missing = [name for name, value in variables.items() if value is None or value == ""]
    if missing:
        raise SystemExit(f"{path.name} needs {', '.join(f'{name}=PATH' for name in missing)} "
                         "(for make in capitals, as in MIMIC=PATH)")  # fmt: skip
    return [step for entry in protocol["steps"] for step in _expand(entry, variables)]


def _expand(entry: Mapping[str, Any], variables: Mapping[str, Any]) -> Iterator[Step]:
    common = {name: value for name, value in entry.items() if name not in KEYS}
    for loops in entry.get("each", [{}]):
        lists = {
            name: value if isinstance(value, list) else [value]
            for name, value in (common | loops).items()
        }
        for values in itertools.product(*lists.values()):
            own = {**variables, **dict(zip(lists, values, strict=True))}
            words = _words(entry["run"], own)
            named = _words(entry["run"], own | {"out": "{out}"})
            folder = named[named.index("--out") + 1].removeprefix("{out}/")
            piece = str(entry["piece"]).format(**own).format(**own) if "piece" in entry else folder
            yield Step(words, named, piece, _minutes(entry, words, own))


def _words(command: str, values: Mapping[str, Any]) -> tuple[str, ...]:
    words: list[str] = []
    for word in shlex.split(command):
        listed = values.get(word.strip("{}")) if word.startswith("{") else None
        words += map(str, listed) if isinstance(listed, list) else [word.format(**values)]
    return tuple(words)


def _minutes(
    entry: Mapping[str, Any], words: Sequence[str], values: Mapping[str, Any]
) -> float | None:
    if "seconds_per_step" in entry:
        seconds = float(str(entry["seconds_per_step"]).format(**values))
        return seconds * int(words[words.index("--steps") + 1]) / 60
    return float(str(entry["minutes"]).format(**values)) if "minutes" in entry else None


def unfinished(steps: Sequence[Step]) -> list[Step]:
    """Return the steps that are to be run.

    Left out are those that are done, and those whose folder is gone but was used by nobody else
    than steps that are left out.
    """
    users = {step: [other for other in steps if other.needs(step)] for step in steps}
    found = {step for step in steps if not step.done}
    while True:
        spared = {
            step
            for step in found
            if users[step] and not step.out.exists() and not found.intersection(users[step])
        }
        if not spared:
            return [step for step in steps if step in found]
        found -= spared


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


def of_pieces(steps: Sequence[Step], names: Sequence[str]) -> list[Step]:
    """Return the steps of some pieces, which must need no other piece that is not done."""
    known = list(dict.fromkeys(step.piece for step in steps))
    if unknown := [name for name in names if name not in known]:
        raise SystemExit(f"no piece {', '.join(unknown)}; the pieces are: {', '.join(known)}")
    chosen = [step for step in steps if step.piece in names]
    lacking = dict.fromkeys(
        other.piece
        for step in chosen
        if not step.done
        for other in steps
        if other not in chosen and step.needs(other) and not other.done
    )
    if lacking:
        raise SystemExit(f"{', '.join(names)} needs {', '.join(lacking)}; run them first")
    return chosen


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
