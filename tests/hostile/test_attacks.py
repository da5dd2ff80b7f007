"""Each attack of the registry ends as it must: no traceback, no wait, no memory beyond bounds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hostile.attack import Attack, Stage
from hostile.registry import attacks
from hostile.sandbox import Sandbox
from radtex.corpus.corpus import Corpus

EVERY_TIME: frozenset[str] = frozenset(
    {
        "predict: pipe, named",
        "predict: sparse terabyte, in a folder",
        "predict: odd names",
        "corpus build: endless device named by a table",
        "corpus build: pipe as a report of MIMIC",
    }
)
"""Attacks that `make test` runs, one of each kind; `make soak` runs all."""


def named(attack: Attack) -> str:
    return f"{attack.command}: {attack.name}"


@pytest.fixture(scope="module")
def sandbox(phantom_corpus: Corpus, writing_run: Path, kept: Path) -> Iterator[Sandbox]:
    with Sandbox(Stage(phantom_corpus.path, writing_run, kept / "classifier")) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(attack, marks=() if named(attack) in EVERY_TIME else pytest.mark.soak)
        for attack in attacks()
    ],
    ids=named,
)
def test_an_attack_ends_as_it_must(attack: Attack, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.judge(attack, tmp_path)


def test_names_are_unique() -> None:
    names = [named(attack) for attack in attacks()]
    assert len(names) == len(set(names))
    assert set(names) >= EVERY_TIME
