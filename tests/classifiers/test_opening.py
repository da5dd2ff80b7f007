"""Classifiers and their exports open alike."""

from pathlib import Path

import numpy as np
import pytest

from radtex.classifiers.classifier import digest_of
from radtex.classifiers.opening import open_classifier
from radtex.corpus.corpus import Corpus
from radtex.errors import RunError


def test_a_classifier_and_its_export_are_the_same_one(kept: Path, onnx_classifier: Path) -> None:
    one, other = open_classifier(kept / "classifier"), open_classifier(onnx_classifier)
    assert one.name == other.name == "seen"
    assert one.digest == other.digest == digest_of(kept / "classifier")
    assert one.classifier.preprocessing == other.classifier.preprocessing
    films = np.array(Corpus.open(kept / "corpus").images[:5])
    for ours, theirs in zip(
        one.classifier.answer(films), other.classifier.answer(films), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_other_folders_are_refused(kept: Path) -> None:
    with pytest.raises(RunError, match="is no classifier"):
        open_classifier(kept / "corpus")
