"""A command that was killed at any moment gives, once repeated, the bytes of one that was not."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fixtures.recipes import LEAN
from hostile.attack import Stage
from hostile.files import film
from radtex.corpus.corpus import Corpus

KILLS = 6
"""Of each command."""
_FLAGS = [f"--{name.replace('_', '-')}={value}" for name, value in LEAN.items() if name != "steps"]
_TRANSFER = (
    *("transfer", "CORPUS", "--encoders", "random", "--backbone", "test_resnet", "--repeats", "2"),
    *("--targets", "Edema", "Effusion", "--budgets", "20", "--no-pixels"),
)


@dataclass(frozen=True)
class Killed:
    """A command, and what of its output is the same each time."""

    name: str
    words: Sequence[str]
    outputs: Sequence[str]
    """Files and folders that are compared: those that state no time."""
    again: Sequence[str] = ()
    """What is added where it is repeated."""
    appears: bool = True
    """Whether an output, once it is there, is whole, so that a repetition is refused."""


COMMANDS = (
    Killed(
        "corpus build",
        ["corpus", "build", "phantom", "--studies", "300", "--size", "64", "--out", "out"],
        ["out"],
    ),
    Killed(
        "corpus build of a table",
        ["corpus", "build", "table", "films.csv", "--size", "32", "--out", "out"],
        ["out"],
    ),
    Killed(
        "pretrain",
        ["pretrain", "RUN_CORPUS", "--out", "out", "--steps", "8", *_FLAGS],
        ["out/model.safetensors", "out/tokenizer.json", "out/patients.txt"],
        again=["--resume"],
        appears=False,
    ),
    Killed("transfer", [*_TRANSFER, "--out", "out"], ["out/results.csv"]),
    Killed(
        "finetune",
        [*_TRANSFER, "--protocol", "finetune", "--finetune-steps", "6", "--out", "out"],
        ["out/results.csv"],
    ),
    Killed(
        "transfer --save",
        [*_TRANSFER, "--out", "out", "--save", "kept"],
        ["out/results.csv", "kept/model.safetensors"],
    ),
    Killed("generate", ["generate", "RUN", "films", "--out", "out"], ["out"]),
    Killed("predict", ["predict", "CLASSIFIER", "films", "--out", "out.csv"], ["out.csv"]),
    Killed(
        "label",
        ["label", "COPY", "labels.csv"],
        ["COPY/images.npy", "COPY/index.parquet"],
        appears=False,
    ),
    Killed("export", ["export", "RUN", "--to", "timm", "--out", "out"], ["out"]),
)


@pytest.fixture(scope="module")
def stage(phantom_corpus: Corpus, writing_run: Path, kept: Path) -> Stage:
    return Stage(phantom_corpus.path, writing_run, kept / "classifier")


def prepare(place: Path, stage: Stage) -> None:
    """Make what the commands read, the same in each place."""
    place.mkdir()
    lines = ["image,patient_id,findings"]
    for number in range(60):
        film(place / "films" / f"{number}.png", number)
        lines.append(f"films/{number}.png,p{number},Clear.")
    (place / "films.csv").write_text("\n".join(lines))
    shutil.copytree(stage.corpus, place / "COPY")
    shutil.copytree(stage.classifier.parent / "corpus", place / "LABELLED")
    image = Corpus.open(stage.corpus).index["image_id"][0]
    (place / "labels.csv").write_text(f"image_id,Gout\n{image},1\n")


def start(
    killed: Killed,
    place: Path,
    stage: Stage,
    again: bool,
    how: Sequence[str] = ("-m", "radtex"),
) -> "subprocess.Popen[bytes]":
    known = {
        "CORPUS": "LABELLED",
        "RUN_CORPUS": stage.corpus,
        "RUN": stage.run,
        "CLASSIFIER": stage.classifier,
    }
    words = [os.fspath(known.get(word, word)) for word in killed.words]
    return subprocess.Popen(
        [sys.executable, *how, *words, *(killed.again if again else ())],
        cwd=place,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1", "RADTEX_CACHE": str(place / "cache")},
        start_new_session=True,
    )


def digests(place: Path, outputs: Sequence[str]) -> dict[str, str]:
    files = [
        file
        for output in outputs
        for file in (
            [place / output] if (place / output).is_file() else (place / output).rglob("*")
        )
        if file.is_file()
    ]
    assert files
    return {
        file.relative_to(place).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def _take_whole_outputs(killed: Killed, place: Path, expected: dict[str, str]) -> None:
    """Remove what a command finished before it was killed, as its user would, if it is right."""
    if not killed.appears:
        return
    for output in killed.outputs:
        top = place / output.split("/")[0]
        if top.exists():
            found = digests(place, [output])
            assert found.items() <= expected.items()
            assert len(found) == sum(name.split("/")[0] == top.name for name in expected)
            shutil.rmtree(top) if top.is_dir() else top.unlink()


@pytest.mark.soak
@pytest.mark.parametrize("killed", COMMANDS, ids=lambda killed: killed.name)
def test_a_killed_command_gives_the_same_bytes(
    killed: Killed, stage: Stage, tmp_path: Path
) -> None:
    whole, place = tmp_path / "whole", tmp_path / "place"
    prepare(whole, stage)
    began = time.monotonic()
    process = start(killed, whole, stage, again=False)
    _, said = process.communicate()
    assert process.returncode == 0, said.decode()
    lasted = time.monotonic() - began
    expected = digests(whole, killed.outputs)

    prepare(place, stage)
    rng = np.random.default_rng(len(killed.name))
    kills = 0
    while kills < KILLS:
        process = start(killed, place, stage, again=(place / "out").exists())
        try:
            process.wait(rng.uniform(0.3, 1.0) * lasted)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            kills += 1
            _take_whole_outputs(killed, place, expected)
            continue
        process.communicate()
        assert process.returncode == 0
        assert digests(place, killed.outputs) == expected
        shutil.rmtree(place)
        prepare(place, stage)
    process = start(killed, place, stage, again=(place / "out").exists())
    _, said = process.communicate()
    assert process.returncode == 0, said.decode()
    assert digests(place, killed.outputs) == expected
    hidden = {path.name for path in place.iterdir() if path.name.startswith(".")}
    assert all(name.endswith((".lock", ".partial")) for name in hidden), hidden


_KILLED_AT_THE_EVIDENCE = """
import os, signal, sys
from pathlib import Path
from radtex import cli

rename = Path.rename

def stop(aside, to):
    if to.name == "out":
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(aside, to)

Path.rename = stop
cli.main()
"""


@pytest.mark.soak
def test_transfer_that_is_killed_between_its_outputs_can_be_repeated(
    stage: Stage, tmp_path: Path
) -> None:
    killed = next(each for each in COMMANDS if each.name == "transfer --save")
    whole, place = tmp_path / "whole", tmp_path / "place"
    for folder in (whole, place):
        prepare(folder, stage)
    assert start(killed, whole, stage, again=False).wait() == 0
    process = start(killed, place, stage, again=False, how=("-c", _KILLED_AT_THE_EVIDENCE))
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert (place / "kept" / ".unfinished").exists()
    assert not (place / "out").exists()
    process = start(killed, place, stage, again=False)
    _, said = process.communicate()
    assert process.returncode == 0, said.decode()
    assert digests(place, ["out/results.csv", "kept"]) == digests(
        whole, ["out/results.csv", "kept"]
    )


@pytest.mark.soak
def test_a_killed_server_leaves_what_it_serves(stage: Stage, tmp_path: Path) -> None:
    prepare(tmp_path / "place", stage)
    before = digests(tmp_path / "place", ["COPY"])
    serve = Killed(
        "serve",
        ["serve", "RUN", "--corpus", "COPY", "--label", "--port", "0"],
        ["COPY"],
    )
    rng = np.random.default_rng(0)
    for _ in range(KILLS):
        process = start(serve, tmp_path / "place", stage, again=False)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(rng.uniform(2, 12))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        after = digests(tmp_path / "place", ["COPY"])
        assert {name: after[name] for name in before} == before
