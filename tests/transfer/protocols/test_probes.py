import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

from radtex.classifiers.platt import fit_platt, out_of_fold
from radtex.statistics.thresholds import choose_thresholds
from radtex.transfer.protocols.probes import STRENGTHS, fit_probes
from radtex.transfer.sampling.draws import Draw, draw
from radtex.transfer.sampling.folds import FOLDS, every_fold_trains


@pytest.fixture(scope="module")
def pool():
    """Features (400, 60) of different scales, labels they partly tell, two studies a patient."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 60)) @ rng.normal(size=(60, 60)) + 3
    signal = (features[:, :4] - features[:, :4].mean(0)) @ (1, -1, 1, -1)
    labels = (signal + 8 * rng.normal(size=400) > 8).astype(np.float32)
    features *= 10.0 ** rng.uniform(-2, 2, 60)
    return features.astype(np.float32), labels, np.arange(400) // 2


def draws_of(pool, budgets=(40, 150), repeats=2):
    _, labels, patients = pool
    return draw(0, "Edema", labels[:300], patients[:300], budgets, repeats, 0)


def oracle(features, each):
    """The probe by scikit-learn alone: chosen C, then the logits of all features."""
    scaler = StandardScaler().fit(features[each.studies])
    x = scaler.transform(features)
    losses = []
    for strength in STRENGTHS:
        held_out = np.empty(len(each.studies))
        for fold in range(FOLDS):
            out = each.folds == fold
            model = LogisticRegression(C=strength, tol=1e-6, max_iter=50_000)
            model.fit(x[each.studies[~out]], each.positive[~out])
            held_out[out] = model.predict_proba(x[each.studies[out]])[:, 1]
        losses.append(log_loss(each.positive, held_out))
    best = int(np.argmin(losses))
    model = LogisticRegression(C=STRENGTHS[best], tol=1e-6, max_iter=50_000)
    return best, model.fit(x[each.studies], each.positive).decision_function(x)


def test_probes_are_those_of_a_loop_over_scikit_learn(pool):
    features, labels, _ = pool
    draws = draws_of(pool)
    probes = fit_probes(torch.tensor(features), draws, "probes")
    assert probes.converged.all()
    assert probes.cross_validated.all()
    logits = (torch.tensor(features) @ probes.weights.T + probes.intercepts).numpy()
    for place, each in enumerate(draws):
        best, expected = oracle(features.astype(np.float64), each)
        assert probes.choices[place] == best
        np.testing.assert_allclose(logits[:, place], expected, atol=0.02 * expected.std())
        ours, theirs = (
            roc_auc_score(labels[300:], scores[300:]) for scores in (logits[:, place], expected)
        )
        assert abs(ours - theirs) < 0.002


def test_a_probe_sees_nothing_but_its_draw(pool):
    features = torch.tensor(pool[0])
    draws = draws_of(pool)[:1]
    elsewhere = features.clone()
    outside = np.setdiff1d(np.arange(400), draws[0].studies)
    elsewhere[outside] = torch.nan
    expected = fit_probes(features, draws, "probes").weights
    assert torch.equal(fit_probes(elsewhere, draws, "probes").weights, expected)


def test_shifting_and_scaling_features_changes_no_prediction(pool):
    features = torch.tensor(pool[0], dtype=torch.float64)
    moved = 5 + 3 * features
    draws = draws_of(pool)
    plain, changed = (fit_probes(each, draws, "probes") for each in (features, moved))
    torch.testing.assert_close(
        moved @ changed.weights.T + changed.intercepts,
        features @ plain.weights.T + plain.intercepts,
        atol=1e-6,
        rtol=1e-6,
    )


def test_a_feature_constant_in_the_draw_has_no_weight(pool):
    features = torch.tensor(pool[0])
    draws = draws_of(pool)[:1]
    features[draws[0].studies, 7] = 0.1
    assert fit_probes(features, draws, "probes").weights[0, 7] == 0


def test_of_equally_good_values_the_smallest_is_chosen(pool):
    probes = fit_probes(torch.ones(400, 5), draws_of(pool), "probes")
    assert (probes.choices == 0).all()
    assert (probes.weights == 0).all()


def test_a_class_of_one_patient_takes_the_smallest_value_and_says_so(pool):
    features = torch.tensor(pool[0])
    studies = np.arange(40)
    positive = studies < 6
    folds = np.where(positive, 0, studies % FOLDS)
    assert not every_fold_trains(positive, folds)
    alone = Draw(0, 0, 40, studies, positive, folds, forced=False)
    usual = Draw(0, 1, 40, studies, positive, studies % FOLDS, forced=False)
    probes = fit_probes(features, [alone, usual], "probes")
    assert probes.cross_validated.tolist() == [False, True]
    assert probes.choices[0] == 0
    assert np.isnan(probes.thresholds).tolist() == [[True, True], [False, False]]
    assert probes.weights.isfinite().all()
    x = StandardScaler().fit_transform(pool[0][:40])
    model = LogisticRegression(C=STRENGTHS[0], tol=1e-9).fit(x, positive)
    logits = features[:40] @ probes.weights[0] + probes.intercepts[0]
    np.testing.assert_allclose(logits.numpy(), model.decision_function(x), atol=1e-3)


def test_thresholds_call_the_studies_that_those_of_a_kept_classifier_call(pool):
    """They are chosen on logits, and a kept classifier's on calibrated probabilities of them."""
    features = torch.tensor(pool[0])
    draws = draws_of(pool)
    probes = fit_probes(features, draws, "probes")
    for place, each in enumerate(draws):
        own = out_of_fold(features[each.studies].double(), each.positive, each.folds)
        platt = fit_platt(own, each.positive)
        kept = choose_thresholds(platt.probabilities(own), each.positive)
        logits = (features @ probes.weights[place] + probes.intercepts[place]).double().numpy()
        probabilities = platt.probabilities(logits)
        for threshold, other in zip(
            probes.thresholds[place], (kept.youden, kept.sensitive), strict=True
        ):
            assert np.mean((logits >= threshold) == (probabilities >= other)) > 0.99
