"""What a classifier says of a site's studies."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from radtex.classifiers.classifier import load_classifier, read_facts
from radtex.classifiers.validating.site import answer_site, features_of
from radtex.corpus.corpus import Corpus
from radtex.errors import ProtocolError


def test_answers_are_those_of_the_mean_features_of_a_study(kept: Path) -> None:
    classifier, facts = load_classifier(kept / "classifier"), read_facts(kept / "classifier")
    corpus = Corpus.open(kept / "corpus")
    rows = corpus.rows("test")
    site = answer_site(classifier, facts, (corpus, rows))
    assert site.targets == ("Edema", "Effusion")
    features = site.studies.average(features_of(classifier, (corpus, rows)))
    np.testing.assert_allclose(
        expit(site.logits), classifier.probabilities(features), rtol=1e-6, atol=1e-9
    )
    assert len(site.distances) == len(rows)
    assert site.rows_of_studies[0] == rows[0]


def test_images_smaller_than_those_it_was_made_from_are_refused(kept: Path) -> None:
    classifier, facts = load_classifier(kept / "classifier"), read_facts(kept / "classifier")
    corpus = Corpus.open(kept / "corpus")
    larger = replace(classifier, preprocessing=replace(classifier.preprocessing, size=128))
    with pytest.raises(ProtocolError, match="build the corpus with --size 128"):
        answer_site(larger, facts, (corpus, corpus.rows("test")))
    smaller = replace(classifier, preprocessing=replace(classifier.preprocessing, size=8))
    assert answer_site(smaller, facts, (corpus, corpus.rows("test"))).logits.shape[1] == 2
