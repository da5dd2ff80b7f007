"""The probe as an estimator: what transfer gives, and what scikit-learn asks."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from radtex import FewLabelClassifier
from radtex.classifiers.classifier import load_classifier
from radtex.classifiers.platt import fit_platt, out_of_fold
from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import extracted_features
from radtex.transfer.design import Design
from radtex.transfer.protocols.probes import STRENGTHS, fit_probes, fit_probes_from_prior
from radtex.transfer.sampling.draws import draw, stream_of
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import studies_of


@parametrize_with_checks([FewLabelClassifier(), FewLabelClassifier(calibrate=False)])
def test_it_keeps_the_rules_of_scikit_learn(
    estimator: FewLabelClassifier, check: Callable[[FewLabelClassifier], None]
) -> None:
    """All of them: none is expected to fail."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # some checks have a patient of a class
        check(estimator)


@pytest.fixture(scope="module")
def pool():
    """Features (300, 20) of 150 patients, labels that they partly tell, and a prior likewise."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(300, 20)).astype(np.float32)
    labels = (features[:, 0] + rng.normal(size=300) > 0.5).astype(np.float32)
    prior = 3 * (labels - 0.5) + 2 * rng.normal(size=300)
    return features, labels, np.arange(300) // 2, prior


@pytest.mark.parametrize("with_prior", [False, True])
def test_it_is_the_probe_of_transfer_on_the_same_draw(pool, with_prior):
    features, labels, patients, prior = pool
    every, seed = torch.from_numpy(features), 5
    for each in draw(0, "Edema", labels, patients, (40, 120), 2, seed):
        own = each.studies
        classifier = FewLabelClassifier(
            random_state=[seed, stream_of("Edema"), each.repeat, each.budget]
        )
        known = prior[own] if with_prior else None
        classifier.fit(features[own], labels[own], groups=patients[own], prior=known)
        if with_prior:
            start = torch.from_numpy(prior).float()[:, None]
            _, fits = fit_probes_from_prior(every, [each], "", start)
        else:
            fits = fit_probes(every, [each], "")
        np.testing.assert_allclose(classifier.coef_, fits.weights, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(classifier.intercept_, fits.intercepts, rtol=1e-5, atol=1e-7)
        assert STRENGTHS[int(fits.choices[0])] == classifier.C_
        assert classifier.prior_slope_ == fits.slopes[0]
        offset = torch.from_numpy(fits.slopes[0] * prior[own]) if with_prior else None
        logits = out_of_fold(every[own], each.positive, each.folds, offset)
        assert classifier.platt_ == fit_platt(logits, each.positive)
        shown = classifier.predict_proba(features, prior if with_prior else None)[:, 1]
        plain = features @ fits.weights[0].numpy() + fits.intercepts[0].item()
        expected = classifier.platt_.probabilities(plain + fits.slopes[0] * prior * with_prior)
        np.testing.assert_allclose(shown, expected, atol=1e-6)


def test_a_prior_that_helps_is_used_and_then_asked_for(pool):
    features, labels, patients, prior = pool
    classifier = FewLabelClassifier().fit(features[:80], labels[:80], patients[:80], prior[:80])
    assert classifier.prior_slope_ > 0
    with pytest.raises(ValueError, match="fitted with a prior"):
        classifier.predict(features)
    with pytest.raises(ValueError, match="prior has 3 entries and X 300 rows"):
        classifier.predict(features, prior=[0, 0, 0])
    plain = FewLabelClassifier().fit(features[:80], labels[:80], patients[:80])
    right = (classifier.predict(features[80:], prior[80:]) == labels[80:]).mean()
    assert right > (plain.predict(features[80:]) == labels[80:]).mean()


def test_it_is_what_transfer_saves(kept: Path) -> None:
    """Transfer fits several draws at once, and how many steps a fit takes within its tolerance
    depends on the others."""
    saved, corpus = load_classifier(kept / "classifier"), Corpus.open(kept / "corpus")
    design = Design(("Edema", "Effusion", "Hernia"), (20, 60), 2)
    rows = {split: corpus.rows(split) for split in ("pool", "test")}
    policy = label_policy(design.label_policy)
    pool, test = (studies_of(corpus, each, design.targets, policy) for each in rows.values())
    (seen,) = contestants(["seen=random"], corpus, 0, "test_resnet")
    in_pool, in_test = (
        studies.average(extracted_features(seen, corpus.images, each)).cpu().numpy()
        for studies, each in zip((pool, test), rows.values(), strict=True)
    )
    experiment = draw_experiment(pool, test, design)
    expected = saved.probabilities(torch.from_numpy(in_test))
    for column, name in enumerate(experiment.targets):
        (each,) = (d for d in experiment.draws if (d.target, d.repeat, d.budget) == (column, 0, 60))
        classifier = FewLabelClassifier(random_state=[0, stream_of(name), 0, 60])
        patients = pool.patients[each.studies]
        classifier.fit(in_pool[each.studies], each.positive, groups=patients)
        found = classifier.predict_proba(in_test)[:, 1]
        np.testing.assert_allclose(found, expected[:, column], atol=0.01)
        assert classifier.thresholds_ is not None
        youden = saved.targets[column].thresholds.youden
        assert classifier.thresholds_.youden == pytest.approx(youden, abs=0.01)


def test_patients_stay_in_a_fold():
    """A patient's repeated rows would tell their label to themselves: C would be the largest."""
    rng = np.random.default_rng(0)
    features = np.repeat(rng.normal(size=(30, 40)), 4, 0)
    labels, patients = np.repeat(np.arange(30) % 2, 4), np.repeat(np.arange(30), 4)
    grouped = FewLabelClassifier().fit(features, labels, groups=patients)
    assert grouped.C_ < FewLabelClassifier().fit(features, labels).C_
    with pytest.raises(ValueError, match="groups has 2 entries and X 120 rows"):
        FewLabelClassifier().fit(features, labels, groups=[1, 2])


def test_it_lives_in_pipelines_and_searches(pool):
    features, labels, patients, _ = pool
    pipeline = make_pipeline(FunctionTransformer(), FewLabelClassifier())
    pipeline.fit(features, labels, fewlabelclassifier__groups=patients)
    assert pipeline.predict_proba(features).shape == (300, 2)
    search = GridSearchCV(
        pipeline,
        {"fewlabelclassifier__calibrate": [True, False]},
        cv=GroupKFold(3),
        scoring="neg_log_loss",
    )
    search.fit(features, np.where(labels == 1, "yes", "no"), groups=patients)
    assert list(search.classes_) == ["no", "yes"]
    again = clone(search.best_estimator_)
    with pytest.raises(NotFittedError):
        again.predict(features)


def test_few_patients_are_said_to_be_too_few():
    features, labels = np.eye(6), [1, 0, 0, 0, 0, 0]
    with pytest.warns(UserWarning, match="too few patients to be held out"):
        classifier = FewLabelClassifier().fit(features, labels)
    assert (classifier.C_, classifier.thresholds_) == (STRENGTHS[0], None)
