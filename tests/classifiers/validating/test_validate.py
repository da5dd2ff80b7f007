"""`radtex validate`: on its own test it says what its card says, and what it refuses."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from radtex import cli
from radtex.classifiers.classifier import read_facts
from radtex.classifiers.validating.validate import validate
from radtex.errors import OutputError, ProtocolError


def test_on_the_test_of_its_card_it_says_what_the_card_says(
    kept: Path, said: dict[str, Any]
) -> None:
    cards = {each["name"]: each["test"] for each in read_facts(kept / "classifier")["targets"]}
    assert {each["target"] for each in said["beside_card"]} == set(cards)
    for each in said["beside_card"]:
        assert each["here"]["value"] == pytest.approx(each["card"]["value"], abs=1e-4)
        assert each["difference"]["value"] == pytest.approx(0, abs=1e-4)
        assert each["difference"]["low"] < 0 < each["difference"]["high"]
    here, card = said["abstention"]["here"], said["abstention"]["card"]
    assert here["value"] == pytest.approx(card["value"])


def test_the_sections_measure_the_same_answers(said: dict[str, Any]) -> None:
    for name, scores in said["targets"].items():
        measured = said["validation"]["by_target"][name]
        missed = measured["missed"]["all studies"]
        for point in ("youden", "sensitive"):
            expected = 1 - scores["sensitivity"][point]["value"]
            assert missed[point]["mean"] == pytest.approx(expected)
        assert measured["calibration_slope"] is not None
        assert len(measured["net_benefit"]) == 18
        assert said["events"][name]["events"] == scores["positive"]
    assert {each["group"] for each in said["subgroups"]} >= {"female", "male"}


def test_the_page_has_every_section_and_stands_alone(validated: Path) -> None:
    page = (validated / "report.html").read_text(encoding="utf-8")
    for heading in (
        *("In plain words", "Beside its own card", "Events", "Calibration of each target"),
        *("Recalibration on labels from here", "Decision curves", "Subgroups", "Worst misses"),
        *("What a yes and a no are worth", "Films unlike those that it was made from"),
    ):
        assert f"<h2>{heading}</h2>" in page
    assert page.index("In plain words") < page.index("Beside its own card")
    assert "data:image/png" in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "expected over pools" not in page
    assert "at 0 labels" not in page


def test_a_site_that_the_classifier_learnt_from_is_refused(kept: Path, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="was made from the split pool of this corpus"):
        validate(kept / "classifier", f"{kept / 'corpus'}:pool", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_site_without_the_labels_or_a_wrong_prevalence_is_one_line(
    kept: Path, tmp_path: Path
) -> None:
    other = tmp_path / "renamed"
    shutil.copytree(kept / "classifier", other)
    description = json.loads((other / "classifier.json").read_text())
    for number, target in enumerate(description["targets"]):
        target["name"] = f"Finding {number}"
    (other / "classifier.json").write_text(json.dumps(description))
    with pytest.raises(ProtocolError, match="has no label of Finding 0, Finding 1; its labels"):
        validate(other, str(kept / "corpus"), tmp_path / "out")
    with pytest.raises(ProtocolError, match=r"a prevalence of 1\.5 is impossible"):
        validate(
            kept / "classifier", str(kept / "corpus"), tmp_path / "out", prevalences=(0.1, 1.5)
        )
    with pytest.raises(OutputError, match="already exists"):
        validate(kept / "classifier", str(kept / "corpus"), other)


def test_the_command_without_the_pool_at_hand(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lone = tmp_path / "lone"
    shutil.copytree(kept / "classifier", lone)
    description = json.loads((lone / "classifier.json").read_text())
    description["facts"]["pool"]["corpus"] = str(tmp_path / "gone")
    (lone / "classifier.json").write_text(json.dumps(description))
    words = ["radtex", "validate", str(lone), str(kept / "corpus"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", [*words, "--prevalences", "0.3"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    assert "not at hand" in capsys.readouterr().out
    found = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert found["drift"]["source_auc"] is None
    assert found["recalibration"] == []
    assert {each["prevalence"] for each in found["predictive_values"] if not each["of_site"]} == {
        0.3
    }
