"""One function opens whatever radtex made."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import radtex
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


def test_what_is_none_of_these_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no run"):
        radtex.load(tmp_path)
