"""Pushing to a hub on this machine, and fetching from it, as commands do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.fake_hub import COMMIT, TOKEN, FakeHub
from radtex.errors import OutputError
from radtex.interchange.push import refuse_name


def radtex(hub: FakeHub, home: Path, *words: object, token: str = TOKEN):
    """Run a command against the hub, with a cache of its own."""
    return run(hub, home, "-m", "radtex", *words, token=token)


def run(hub: FakeHub, home: Path, *words: object, token: str = TOKEN):
    environment = os.environ | hub.environment(token) | {"HF_HOME": str(home)}
    return subprocess.run(
        [sys.executable, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_model_is_pushed_and_opened_by_its_name(
    fake_hub: FakeHub, kept: Path, tmp_path: Path
) -> None:
    made = radtex(
        fake_hub, tmp_path / "home", "export", kept / "classifier", "--to", "hub",
        "--out", tmp_path / "out", "--push", "org/mine",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert fake_hub.private["org/mine"] is True
    pushed = fake_hub.files["org/mine"]
    for file in (tmp_path / "out").iterdir():
        assert pushed[file.name] == file.read_bytes()
    assert TOKEN not in made.stdout + made.stderr
    code = (
        "import radtex, numpy as np; films = np.zeros((2, 64, 64), np.uint8); "
        f"names = ('hf:org/mine@{COMMIT}', {str(kept / 'classifier')!r}); "
        "a, b = (radtex.load(each).predict_proba(films) for each in names); "
        "print(np.array_equal(a, b))"
    )
    opened = run(fake_hub, tmp_path / "home", "-c", code)
    assert opened.stdout.strip() == "True", opened.stderr
    fake_hub.gated.add("org/mine")
    refused = run(fake_hub, tmp_path / "other", "-c", "import radtex; radtex.load('hf:org/mine')")
    assert "accept its licence: do so at" in refused.stderr.splitlines()[-1]


def test_nothing_is_pushed_without_the_flag(
    fake_hub: FakeHub, writing_run: Path, tmp_path: Path
) -> None:
    made = radtex(
        fake_hub, tmp_path / "home", "export", writing_run, "--to", "hub", "--out", tmp_path / "out"
    )
    assert made.returncode == 0
    assert fake_hub.requests == []


def test_a_stranger_is_told_to_log_in_and_keeps_the_folder(
    fake_hub: FakeHub, writing_run: Path, tmp_path: Path
) -> None:
    made = radtex(
        fake_hub, tmp_path / "home", "export", writing_run, "--to", "hub",
        "--out", tmp_path / "out", "--push", "org/mine", token="hf_wrong",
    )  # fmt: skip
    assert made.returncode != 0
    said = " ".join(made.stderr.split())
    assert "could not be pushed to org/mine (the hub answers 401); log in with" in said
    assert "Traceback" not in said
    assert "hf_wrong" not in made.stdout + made.stderr
    assert (tmp_path / "out" / "README.md").is_file()
    assert fake_hub.files == {}


@pytest.mark.parametrize(("name", "said"), [("mine", "names no owner"), ("a b/c", "is no name")])
def test_a_name_that_cannot_be_is_refused_before_anything_is_written(name, said):
    with pytest.raises(OutputError, match=said):
        refuse_name(name)
