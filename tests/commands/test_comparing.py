"""`radtex.transfer` as Python calls it: what its names reach, and that nothing is typed twice."""

import inspect
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

import radtex
from radtex.classifiers.classifier import load_classifier
from radtex.commands import comparing
from radtex.errors import ProtocolError
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.transfer import transfer as measure


def test_every_field_of_lineup_and_design_is_an_argument() -> None:
    arguments = set(inspect.signature(radtex.transfer).parameters)
    assert {each.name for kind in (Lineup, Design) for each in fields(kind)} <= arguments


def test_what_was_given_reaches_the_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    def called(*args: object, **options: object) -> object:
        return args, options

    monkeypatch.setattr(comparing, "measure", called)
    lineup = {"backbone": "b", "unequal_inputs": True, "no_pixels": True, "primary": ("a:b",)}
    design = {
        "budgets": (30,),
        "repeats": 3,
        "seed": 4,
        "sampling": "shared",
        "prevalence": "balanced",
        "label_policy": "u-ones",
        "test_label_policy": "u-zeros",
        "label_sources": ("report",),
        "test_patients": 7,
    }
    found = comparing.transfer(Path("c"), ["a=x", "y"], ["T"], "o", **lineup, **design)  # type: ignore[arg-type]
    (pool, first, second, out), options = found  # type: ignore[misc]
    assert (pool, out) == ("c", Path("o"))
    assert first == Lineup(("a=x", "y"), **lineup)  # type: ignore[arg-type]
    assert second == Design(("T",), **design)  # type: ignore[arg-type]
    assert options["test"] is None
    with pytest.raises(ProtocolError, match="unknown protocol 'magic'; expected linear"):
        comparing.transfer("c", "random", "T", "o", protocol="magic")
    with pytest.raises(ProtocolError, match="trains no encoder"):
        comparing.transfer("c", "random", "T", "o", protocol="knn", workers=2)


def test_it_gives_what_the_room_gives_and_saves_a_classifier(kept: Path, tmp_path: Path) -> None:
    results = radtex.transfer(
        kept / "corpus",
        "seen=random",
        ["Edema", "Effusion"],
        tmp_path / "one",
        budgets=[20, 60],
        repeats=2,
        backbone="test_resnet",
        save=tmp_path / "classifier",
    )
    same = measure(
        str(kept / "corpus"),
        Lineup(("seen=random",), "test_resnet"),
        Design(("Edema", "Effusion"), (20, 60), 2),
        tmp_path / "other",
    )
    pd.testing.assert_frame_equal(results.scores, same.scores)
    assert repr(results) == "<Results: seen, pixels on Edema, Effusion; 16 scores>"
    assert [each.name for each in load_classifier(tmp_path / "classifier").targets] == [
        "Edema",
        "Effusion",
    ]
