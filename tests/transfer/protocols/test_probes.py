import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler

from radtex.classifiers.platt import fit_platt, out_of_fold
from radtex.statistics.thresholds import choose_thresholds
from radtex.transfer.protocols.label_prior.slopes import SLOPES, chosen_slopes
from radtex.transfer.protocols.logistic import fit_logistic
from radtex.transfer.protocols.probes import (
    STRENGTHS,
    fit_probes,
    fit_probes_from_prior,
    fold_masks,
)
from radtex.transfer.protocols.standardise import standardise
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


def with_offset(x, positive, offset, strength):
    """scipy's least of ``Σ ℓ(y, offset + w · x + b) + ‖w‖² / 2 C``: the weights, then b."""

    def loss(parameters):
        logits = offset + x @ parameters[:-1] + parameters[-1]
        error = expit(logits) - positive
        value = np.logaddexp(0, np.where(positive, -logits, logits)).sum()
        gradient = np.append(x.T @ error + parameters[:-1] / strength, error.sum())
        return value + parameters[:-1] @ parameters[:-1] / (2 * strength), gradient

    exactly = {"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-9}
    start = np.zeros(x.shape[1] + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options=exactly).x


def prior_oracle(features, each, prior, slope):
    """The probe from a prior with scipy alone: chosen C, held-out loss, logits of all features."""
    scaler = StandardScaler().fit(features[each.studies])
    x = scaler.transform(features)
    offset = slope * prior
    losses = []
    for strength in STRENGTHS:
        held_out = np.empty(len(each.studies))
        for fold in range(FOLDS):
            out = each.folds == fold
            train = each.studies[~out]
            found = with_offset(x[train], each.positive[~out], offset[train], strength)
            held = each.studies[out]
            held_out[out] = expit(offset[held] + x[held] @ found[:-1] + found[-1])
        losses.append(log_loss(each.positive, held_out))
    best = int(np.argmin(losses))
    found = with_offset(x[each.studies], each.positive, offset[each.studies], STRENGTHS[best])
    return best, min(losses), offset + x @ found[:-1] + found[-1]


def known_of(pool, noise):
    """Log odds that know the labels of all studies as far as the noise lets them, (400, 1)."""
    _, labels, _ = pool
    rng = np.random.default_rng(7)
    return torch.tensor((4 * labels - 2 + noise * rng.normal(size=400))[:, None]).float()


@pytest.mark.parametrize("noise", [2.0, 5.0])
def test_probes_from_a_prior_are_those_of_a_loop_over_scipy(pool, noise):
    features = pool[0].astype(np.float64)
    draws, prior = draws_of(pool, (40, 60)), known_of(pool, noise)
    plain, begun = fit_probes_from_prior(torch.tensor(pool[0]), draws, "probes", prior)
    assert torch.equal(plain.weights, fit_probes(torch.tensor(pool[0]), draws, "probes").weights)
    known = prior[:, 0].double().numpy()
    for place, each in enumerate(draws):
        masks, _ = fold_masks([each], prior)
        studied = torch.tensor(known[each.studies])[None]
        slope = float(chosen_slopes(studied, torch.tensor(each.positive)[None], masks, 0.0)[0])
        best, loss, expected = prior_oracle(features, each, known, slope)
        logits = (
            begun.slopes[place] * known
            + (torch.tensor(pool[0]) @ begun.weights[place] + begun.intercepts[place])
            .double()
            .numpy()
        )
        if loss < plain.losses[place] and slope:
            assert begun.slopes[place] == slope
            assert begun.choices[place] == best
            np.testing.assert_allclose(begun.losses[place], loss, rtol=0.01)
            np.testing.assert_allclose(logits, expected, atol=0.02 * expected.std())
        else:
            assert begun.slopes[place] == 0
            assert torch.equal(begun.weights[place], plain.weights[place])
    assert begun.slopes.any()


def test_by_its_own_folds_no_probe_is_worse_for_its_prior(pool):
    rng = np.random.default_rng(2)
    draws = draws_of(pool, repeats=6)
    useless = torch.tensor(rng.normal(size=(400, 1)), dtype=torch.float32)
    plain, begun = fit_probes_from_prior(torch.tensor(pool[0]), draws, "probes", useless)
    assert (begun.losses <= plain.losses).all()
    kept = begun.slopes == 0
    assert kept.mean() > 0.5
    assert torch.equal(begun.weights[torch.tensor(kept)], plain.weights[torch.tensor(kept)])
    assert set(begun.slopes) <= set(SLOPES)


def test_a_class_of_one_patient_begins_from_no_prior(pool):
    studies = np.arange(40)
    positive = studies < 6
    alone = Draw(0, 0, 40, studies, positive, np.where(positive, 0, studies % FOLDS), forced=False)
    known = torch.tensor(np.where(np.arange(400) < 6, 3.0, -3.0)[:, None]).float()
    plain, begun = fit_probes_from_prior(torch.tensor(pool[0]), [alone], "probes", known)
    assert begun.slopes.tolist() == [0.0]
    assert torch.equal(begun.weights, plain.weights)
    _, presumed = fit_probes_from_prior(torch.tensor(pool[0]), [alone], "probes", known, 1.0)
    assert presumed.slopes.tolist() == [1.0]


def test_a_presumed_prior_stands_unless_the_labels_know_plainly_more(pool):
    features = torch.tensor(pool[0])
    draws, prior = draws_of(pool, (40, 60), repeats=6), known_of(pool, 2.0)
    _, begun = fit_probes_from_prior(features, draws, "probes", prior, 1.0)
    assert (begun.slopes > 0).all()
    assert (begun.choices == 0).mean() > 0.5
    known = prior[:, 0].double().numpy()
    for place, each in enumerate(draws):
        masks, _ = fold_masks([each], prior)
        studied = torch.tensor(known[each.studies])[None]
        slope = float(chosen_slopes(studied, torch.tensor(each.positive)[None], masks, 1.0)[0])
        assert begun.slopes[place] == slope
        gain = held_out(features, each, known, slope, STRENGTHS[:1]) - held_out(
            features, each, known, slope, STRENGTHS
        )
        enough = gain.mean() > max(gain.std(ddof=1) / len(gain) ** 0.5, 1e-4)
        assert enough == (begun.choices[place] != 0)


def held_out(features, draw, known, slope, strengths):
    """Each study's loss by the fits that left its fold out, at the best C of some, (n,)."""
    rows, _, _ = standardise(features, torch.from_numpy(draw.studies)[None])
    masks, _ = fold_masks([draw], features)
    positive = torch.from_numpy(draw.positive).to(features)[None]
    offset = torch.from_numpy(slope * known[draw.studies]).to(features)[None]
    fits = fit_logistic(rows @ rows.mT, positive, masks, strengths, offset)
    losses = np.empty(len(draw.studies))
    for fold in range(FOLDS):
        out = draw.folds == fold
        logits = (
            (fits.dual[0, fold] @ rows[0] @ rows[0].mT + fits.intercept[0, fold] + offset[0])[out]
            .double()
            .numpy()
        )
        losses[out] = np.logaddexp(0, np.where(draw.positive[out], -logits, logits))
    return losses
