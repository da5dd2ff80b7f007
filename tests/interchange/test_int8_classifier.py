"""A classifier in int8 refuses no more films than in floats, and says what it refuses beside."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from radtex.classifiers.classifier import load_classifier
from radtex.classifiers.onnx_classifier import load_onnx_classifier
from radtex.corpus.corpus import Corpus
from radtex.errors import ProtocolError
from radtex.interchange.export import export
from radtex.interchange.int8 import films_of
from radtex.interchange.int8_classifier import MORE_REFUSED, classifier_in_int8
from radtex.interchange.onnx_export import _of_classifier


def test_a_limit_that_int8_would_break_is_fitted_anew(kept: Path, tmp_path: Path) -> None:
    films = f"{kept / 'corpus'}:pool"
    folder = export(kept / "classifier", "onnx", tmp_path / "out", int8=True, calibrate=films)
    told = json.loads((folder / "export.json").read_text())
    corpus, floats = Corpus.open(kept / "corpus"), load_classifier(kept / "classifier")
    said, before = told["int8"], floats.abstention
    assert said["refused_by_old_limit"] > said["refused_in_floats"] + MORE_REFUSED
    assert said["refused_in_int8"] <= said["refused_in_floats"] + MORE_REFUSED
    assert said["refitted_on"] == len(corpus.rows("pool"))
    small = load_onnx_classifier(folder)
    test = np.array(corpus.images[corpus.rows("test")])
    probabilities, distances = small.answer(test)
    assert small.abstention.limit == told["abstention"]["limit"] != before.limit
    assert (distances > small.abstention.limit).mean() < 0.05
    expected, _ = floats.answer(test)
    assert 0 < np.abs(probabilities - expected).mean() < 0.1
    assert set(small.abstention.refused) == set(before.refused)
    card = (folder / "MODEL_CARD.md").read_text()
    assert card.startswith((kept / "classifier" / "MODEL_CARD.md").read_text()[:40])
    assert f"to {said['refitted_on']} films in int8: {small.abstention.limit:.3f}" in card


def test_a_limit_that_int8_keeps_stays(kept: Path) -> None:
    classifier = load_classifier(kept / "classifier")
    lenient = replace(classifier, abstention=replace(classifier.abstention, limit=1e9))
    films = films_of(f"{kept / 'corpus'}:pool", classifier.preprocessing)
    drawn, made, told = classifier_in_int8(lenient, films, _of_classifier)
    assert told["refitted_on"] == told["refused_in_int8"] == told["refused_in_floats"] == 0
    assert made.abstention.limit == 1e9
    assert set(made.abstention.refused.values()) == {0.0}
    assert torch.equal(made.abstention.familiarity.mean, classifier.abstention.familiarity.mean)
    assert [port.name for port in drawn.outputs] == ["probabilities", "distance", "features"]


def test_too_few_films_for_a_new_limit_are_refused(kept: Path) -> None:
    classifier = load_classifier(kept / "classifier")
    films = films_of(f"{kept / 'corpus'}:pool", classifier.preprocessing)
    few = replace(films, known=films.known[:99], patients=films.patients[:99])
    with pytest.raises(ProtocolError, match="must name 100 films or more, found 99"):
        classifier_in_int8(classifier, few, _of_classifier)
