"""One function opens whatever radtex made."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import radtex
from fixtures.commands import Radtex
from fixtures.towers import save_tower
from radtex.classifiers.classifier import Classifier
from radtex.corpus.corpus import Corpus
from radtex.errors import RunError
from radtex.interchange.export import export
from radtex.models.pretrained import PretrainedModel, PretrainedTower


def test_a_run_and_its_export_give_the_same_features_and_reports(
    writing_run: Path, phantom_corpus: Corpus, tmp_path: Path, put
) -> None:
    folder = export(writing_run, "hub", tmp_path / "hub")
    shutil.copytree(folder, put("org/mine"), dirs_exist_ok=True)
    images = phantom_corpus.images[:4]
    opened = [radtex.load(each) for each in (writing_run, folder, "hf:org/mine", f"hf:{folder}")]
    run = opened[0]
    assert isinstance(run, PretrainedModel)
    for each in opened[1:]:
        assert isinstance(each, PretrainedModel)
        np.testing.assert_array_equal(each.encode(images), run.encode(images))
        assert each.report(images) == run.report(images)


def test_a_classifier_and_its_export_give_the_same_probabilities(
    kept: Path, tmp_path: Path, put
) -> None:
    folder = export(kept / "classifier", "hub", tmp_path / "hub")
    shutil.copytree(folder, put("org/made"), dirs_exist_ok=True)
    images = Corpus.open(kept / "corpus").images[:40]
    opened = [radtex.load(each) for each in (kept / "classifier", folder, "hf:org/made")]
    first = opened[0]
    assert isinstance(first, Classifier)
    expected = first.probabilities(first.features(images))
    np.testing.assert_allclose(first.predict_proba(images), expected, atol=1e-6)
    for each in opened[1:]:
        assert isinstance(each, Classifier)
        np.testing.assert_array_equal(each.predict_proba(images), first.predict_proba(images))
        np.testing.assert_array_equal(each.encode(images), first.encode(images))
        assert each.targets == first.targets
        assert each.abstention.limit == first.abstention.limit


def test_a_model_of_transformers_gives_features(tmp_path: Path) -> None:
    save_tower("siglip", tmp_path)
    model = radtex.load(f"hf:{tmp_path}")
    assert isinstance(model, PretrainedTower)
    assert model.encode(np.zeros((3, 20, 20), np.uint8)).shape == (3, 16)


def test_a_folder_for_the_hub_predicts_as_the_classifier_does(
    kept: Path, tmp_path: Path, put, radtex_command: Radtex
) -> None:
    folder = export(kept / "classifier", "hub", tmp_path / "hub")
    shutil.copytree(folder, put("org/made"), dirs_exist_ok=True)
    films = []
    for row, image in enumerate(Corpus.open(kept / "corpus").images[:4]):
        films.append(tmp_path / f"{row}.png")
        Image.fromarray(image).save(films[-1])
    tables = []
    for number, classifier in enumerate((kept / "classifier", folder, "hf:org/made")):
        out = tmp_path / f"{number}.csv"
        ended = radtex_command("predict", classifier, *films, "--out", out)
        assert ended.status == 0, ended.err
        tables.append(out.read_text())
    assert tables[0].count("\n") == 5
    assert tables[1] == tables[2] == tables[0]


def test_a_model_of_transformers_is_compared_by_the_command_and_not_kept(
    kept: Path, tmp_path: Path, put, radtex_command: Radtex
) -> None:
    save_tower("siglip", put("org/siglip"))
    words = ["transfer", kept / "corpus", "--encoders", "siglip=hf:org/siglip@main@64", "random"]
    words += ["--backbone", "test_resnet", "--targets", "Effusion", "--budgets", 20]
    words += ["--repeats", 2, "--no-pixels"]
    kept_too = radtex_command(*words, "--out", tmp_path / "no", "--save", tmp_path / "classifiers")
    assert kept_too.status == 1
    assert "siglip is no whole timm network" in " ".join(kept_too.err.split())
    assert not (tmp_path / "no").exists()
    assert not (tmp_path / "classifiers").exists()
    compared = radtex_command(*words, "--out", tmp_path / "evidence")
    assert compared.status == 0, compared.err
    found = json.loads((tmp_path / "evidence" / "summary.json").read_text())["mean_auc"]
    assert set(found) == {"siglip", "random"}
    assert 0 < found["siglip"]["20"]["mean"] < 1


def test_what_is_none_of_these_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no run"):
        radtex.load(tmp_path)
