"""Whether the source of a film can be told."""

from pathlib import Path

import numpy as np
import torch

from radtex.classifiers.classifier import load_classifier
from radtex.classifiers.validating.drift import measure_drift, source_auc


def side(shift: float, seed: int) -> tuple[torch.Tensor, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.gamma(2, 1, (300, 8))
    features[:, 0] += shift
    return torch.from_numpy(features), np.arange(300) // 2


def test_the_same_source_cannot_be_told_and_another_can() -> None:
    same = source_auc(side(0, 0), side(0, 1), 0)
    assert same.low < 0.5 < same.high
    assert source_auc(side(6, 0), side(0, 1), 0).low > 0.9


def test_images_of_one_patient_are_on_one_side_of_a_fold() -> None:
    """Patients whose films are alike would be recognised, and their source with them."""
    rng = np.random.default_rng(0)
    faces = rng.gamma(1, 1, (60, 40)).repeat(5, 0) + rng.normal(0, 0.01, (300, 40))
    patients = np.arange(60).repeat(5)
    sides = [
        (torch.from_numpy(faces[p]), patients[p]) for p in (patients % 2 == 0, patients % 2 > 0)
    ]
    found = source_auc(sides[0], sides[1], 0)
    assert found.value < 0.75


def test_distances_and_refusals_are_those_of_the_classifier(kept: Path) -> None:
    classifier = load_classifier(kept / "classifier")
    width = classifier.weights.shape[1]
    films = torch.rand(50, width, generator=torch.Generator().manual_seed(0))
    drift = measure_drift(classifier, films, np.arange(50), None)
    distances = classifier.abstention.familiarity.distance(films)
    assert drift.distances[0] == np.median(distances)
    assert drift.refused.value == (distances > classifier.abstention.limit).mean()
    assert drift.pool_distances is drift.source_auc is None
