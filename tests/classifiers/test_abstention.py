"""The limit against what it promises, and what is said where it refuses nothing."""

import numpy as np
import torch

from radtex.classifiers.abstention import Abstention, fit_abstention
from radtex.classifiers.familiarity import fit_familiarity


def normal(count: int, width: int, seed: int) -> torch.Tensor:
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(9).normal(size=(width, width)) / width**0.5
    return torch.from_numpy(3 + rng.normal(size=(count, width)) @ mixing)


def test_one_in_a_hundred_of_the_same_kind_is_refused_and_all_of_another() -> None:
    test = fit_abstention(normal(2000, 16, 0), np.arange(2000), np.random.default_rng(0))
    refused = test.familiarity.distance(normal(20_000, 16, 1)) > test.limit
    assert 0.006 < refused.mean() < 0.014
    other = normal(50, 16, 2)
    other[:, :8] += 20
    assert (test.familiarity.distance(other) > test.limit).all()
    assert test.reason(test.limit) == ""
    assert f"distance {2 * test.limit:.2f}, limit" in test.reason(2 * test.limit)


def test_a_small_pool_refuses_few_of_the_same_kind() -> None:
    """Rarely active features: those that a pool of 100 hardly shows, and held-out films have."""
    rng = np.random.default_rng(0)

    rates = rng.uniform(0.005, 0.6, 300) ** 1.5

    def films(count: int) -> torch.Tensor:
        active = rng.random((count, 300)) < rates
        return torch.from_numpy(active * rng.gamma(2, 1, (count, 300)))

    refused = []
    for _ in range(20):
        test = fit_abstention(films(100), np.arange(100), rng)
        assert test.limit < 20
        refused.append((test.familiarity.distance(films(500)) > test.limit).mean())
    assert np.mean(refused) < 0.03


def test_a_patient_is_measured_from_other_patients_only() -> None:
    twice = normal(40, 60, 0).repeat_interleave(2, 0)
    held = fit_abstention(twice, np.repeat(np.arange(40), 2), np.random.default_rng(0))
    leaky = fit_abstention(twice, np.arange(80), np.random.default_rng(0))
    assert held.limit > 1.1 * leaky.limit


def test_a_limit_is_tried_and_says_what_it_lets_pass() -> None:
    pool = normal(200, 16, 0)
    far = normal(30, 16, 3)
    far[:, :8] += 20
    alike = normal(40, 16, 4)
    people, rng = np.arange(200), np.random.default_rng(0)
    fine = fit_abstention(pool, people, rng, {"far": far}, {"turned": alike})
    assert fine.refused == {"far": 1.0}
    assert fine.wrong_refused["turned"] < 0.1
    assert fine.missed == ()
    assert fine.warning == ""  # a turned film that passes is told in the card alone
    some = fit_abstention(pool, people, rng, {"far": far, "near": alike})
    assert some.missed == ("near",)
    assert "may answer images that are no radiographs: near (2% refused)" in some.warning
    none = fit_abstention(pool, people, rng, {"near": alike})
    assert "hardly ever abstains" in none.warning


def test_a_limit_that_was_never_tried_says_so() -> None:
    untried = Abstention(fit_familiarity(normal(20, 4, 0)), 22_697.0, 20)
    assert "22,697.00, was never tried" in untried.warning
    assert untried.missed == ()
