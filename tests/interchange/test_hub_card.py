"""The card: facts that the hub reads, and what people read."""

from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard

from radtex.classifiers.classifier import read_facts
from radtex.interchange.export import export


def facts_and_text(folder: Path) -> tuple[dict, str]:
    _, facts, text = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(facts), text


def test_a_card_without_a_licence_says_so(writing_run: Path, tmp_path: Path) -> None:
    facts, text = facts_and_text(export(writing_run, "hub", tmp_path / "hub"))
    assert (facts["license"], facts["license_name"]) == ("other", "not-stated")
    assert facts["library_name"] == "radtex"
    assert facts["pipeline_tag"] == "image-feature-extraction"
    assert "datasets" not in facts
    assert "None was stated when this was exported" in text
    assert "- objective: joint" in text


def test_a_card_names_the_licence_and_the_data_sets_that_it_was_told(
    writing_run: Path, tmp_path: Path
) -> None:
    folder = export(
        writing_run, "hub", tmp_path / "hub", license="cc-by-4.0", datasets=["org/films"]
    )
    facts, text = facts_and_text(folder)
    assert (facts["license"], facts["datasets"]) == ("cc-by-4.0", ["org/films"])
    assert "license_name" not in facts
    assert "`cc-by-4.0`, as its maker states." in text


def test_scores_of_a_classifier_stand_with_intervals_where_the_hub_finds_them(
    kept: Path, tmp_path: Path
) -> None:
    folder = export(kept / "classifier", "hub", tmp_path / "hub")
    card = ModelCard.load(folder / "README.md")
    results = {(each.task_name, each.metric_type): each for each in card.data.eval_results or ()}
    for target in read_facts(kept / "classifier")["targets"]:
        auc = target["test"]["auc"]
        result = results[target["name"], "roc_auc"]
        assert result.metric_value == pytest.approx(auc["value"], abs=1e-4)
        assert f"95 % interval {auc['low']:.3f} to {auc['high']:.3f}" in str(result.metric_name)
    assert "## When it abstains" in card.text
