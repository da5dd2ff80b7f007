"""The head on mined labels, against scikit-learn and by hand."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from radtex.findings import CHEXPERT_LABELS
from radtex.generation.label_head import best_threshold, fit_label_head, stated_labels
from radtex.transfer.protocols.label_prior.mined_head import fit_mined_head
from radtex.transfer.protocols.probes import STRENGTHS

EDEMA, FRACTURE = (CHEXPERT_LABELS.index(name) for name in ("Edema", "Fracture"))


def films(count: int, seed: int = 0) -> tuple[torch.Tensor, np.ndarray, np.ndarray]:
    """Features whose first column tells edema; three of the reports state a fracture."""
    rng = np.random.default_rng(seed)
    features = rng.normal(3, 2, (count, 6)).astype(np.float32)
    stated = np.zeros((count, 14), bool)
    stated[:, EDEMA] = features[:, 0] + rng.normal(0, 1, count) > 4
    stated[:3, FRACTURE] = True
    return torch.from_numpy(features), stated, np.array([f"p{i // 2}" for i in range(count)])


def test_each_label_has_the_regression_of_scikit_learn() -> None:
    features, stated, patients = films(300)
    head = fit_label_head(features, stated, patients)
    scaled = (features - features.mean(0)) / features.std(0, correction=0)
    odds = (features @ head.weights.T + head.intercepts)[:, EDEMA].numpy()
    closest = min(
        np.abs(
            LogisticRegression(C=c, tol=1e-8)
            .fit(scaled.numpy(), stated[:, EDEMA])
            .decision_function(scaled.numpy())
            - odds
        ).max()
        for c in STRENGTHS
    )
    assert closest < 0.05


def test_it_is_the_head_of_a_prior_from_reports_and_its_threshold_is_of_held_out_reports() -> None:
    features, stated, patients = films(300)
    head = fit_label_head(features, stated, patients)
    numbers = np.unique(patients, return_inverse=True)[1]
    mined = fit_mined_head(features, stated[:, EDEMA].astype(np.float32), numbers, "Edema", 0)
    assert torch.equal(head.weights[EDEMA], mined.weights)
    assert head.thresholds[EDEMA] == best_threshold(mined.held_out, stated[:, EDEMA])


def test_it_leans_to_what_reports_state() -> None:
    features, stated, patients = films(300)
    leanings = fit_label_head(features, stated, patients).leanings(features)
    assert f1_score(stated[:, EDEMA], leanings[:, EDEMA] >= 0) > 0.8


def test_a_label_of_few_reports_has_its_share_alone() -> None:
    features, stated, patients = films(200)
    leanings = fit_label_head(features, stated, patients).leanings(features)
    assert leanings[:, FRACTURE] == pytest.approx(np.log(3.5 / 197.5), abs=1e-5)
    assert np.ptp(leanings[:, FRACTURE]) < 1e-6


def test_the_threshold_has_the_best_f1() -> None:
    rng = np.random.default_rng(1)
    odds = rng.normal(size=80)
    positive = rng.random(80) < 1 / (1 + np.exp(-2 * odds))
    found = best_threshold(odds, positive)
    best = max(f1_score(positive, odds >= each) for each in odds)
    assert f1_score(positive, odds >= found) == pytest.approx(best)


def test_only_present_is_stated() -> None:
    stated = stated_labels(["Edema.", "No edema.", "Possible edema.", "Edema."])
    assert stated[:, EDEMA].tolist() == [True, False, False, True]
