from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from radtex.transfer.design import Design
from radtex.transfer.measures.scores import of_members, of_seeds, score, stored
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import Studies


@dataclass(frozen=True)
class Fits:
    """Made fits: a number and a vector of each draw."""

    numbers: NDArray[np.int64]
    vectors: torch.Tensor


@pytest.fixture(scope="module")
def experiment():
    labels = (np.random.default_rng(0).random((300, 2)) < 0.4).astype(np.float32)
    labels[250:, 0] = np.nan
    pool, test = (
        Studies(labels[part], np.arange(150), np.arange(150))
        for part in (slice(0, 150), slice(150, 300))
    )
    return draw_experiment(pool, test, Design(("A", "B"), (20, 40), 3))


def scores_of(experiment, seed):
    """Scores (draws, test studies) that rise with the label."""
    draws, studies = len(experiment.draws), len(experiment.test.labels)
    noise = torch.randn(draws, studies, generator=torch.Generator().manual_seed(seed))
    of_target = np.nan_to_num(experiment.test.labels.T)[[d.target for d in experiment.draws]]
    return noise + torch.from_numpy(of_target)


def measured(experiment, seed):
    draws = len(experiment.draws)
    numbers = np.arange(draws) + 100 * seed
    fits = Fits(numbers, torch.from_numpy(numbers)[:, None].repeat(1, 3))
    return score(experiment, stored(scores_of(experiment, seed)), logits=True, fits=fits)


def test_the_auc_is_that_of_the_definite_test_studies(experiment):
    scores = scores_of(experiment, 1)
    found = measured(experiment, 1).auc.reshape(-1)
    for place, each in enumerate(experiment.draws):
        labels = experiment.test.labels[:, each.target]
        definite = ~np.isnan(labels)
        expected = roc_auc_score(labels[definite], scores[place][definite])
        assert found[place] == pytest.approx(expected)


def test_influences_are_of_each_patient_and_sum_to_nothing(experiment):
    found = measured(experiment, 1).influence
    assert found.shape == (2, 2, 150)
    assert (found[0, :, 100:] == 0).all()
    np.testing.assert_allclose(found.sum(-1), 0, atol=1e-9)


def test_each_target_takes_everything_of_its_member(experiment):
    first, second = measured(experiment, 1), measured(experiment, 2)
    joined = of_members(experiment, [first, second], [1, 0])
    np.testing.assert_array_equal(joined.auc[0], second.auc[0])
    np.testing.assert_array_equal(joined.auc[1], first.auc[1])
    np.testing.assert_array_equal(joined.influence[1], first.influence[1])
    assert joined.fits.numbers.tolist() == [*range(200, 206), *range(106, 112)]
    assert joined.fits.vectors[:, 2].tolist() == joined.fits.numbers.tolist()
    assert joined.measures == (second.measures[0], first.measures[1])


def test_members_without_fits_join_to_none(experiment):
    plain = score(experiment, stored(scores_of(experiment, 1)), logits=False)
    assert of_members(experiment, [plain, plain], [0, 1]).fits is None


def test_thresholds_are_those_of_the_largest_budgets_draws(experiment):
    given = scores_of(experiment, 1)
    thresholds = np.full((len(experiment.draws), 2), np.nan)
    for place, draw in enumerate(experiment.draws):
        if draw.budget == 40:
            thresholds[place] = 0.1 * draw.repeat, -1 + draw.target
    measured = score(experiment, stored(given), logits=True, thresholds=thresholds)
    for target, measures in enumerate(measured.measures):
        positive = np.flatnonzero(experiment.test.labels[:, target] == 1)
        found = measures.validation.missed["all studies"].group.values
        for place, draw in enumerate(experiment.draws):
            if (draw.target, draw.budget) == (target, 40):
                missed = given[place][positive].numpy()[:, None] < thresholds[place]
                np.testing.assert_allclose(found[draw.repeat], missed.mean(0))
    assert score(experiment, stored(given), logits=True).measures[0].validation.missed == {}


def test_the_scores_of_seeds_are_their_mean_with_the_auc_of_each(experiment):
    ones = [measured(experiment, seed) for seed in (1, 2, 3)]
    joined = of_seeds(ones)
    assert [each.auc.tolist() for each in joined.seeds] == [each.auc.tolist() for each in ones]
    assert joined.auc == pytest.approx(np.mean([each.auc for each in ones], axis=0))
    assert joined.influence == pytest.approx(np.mean([each.influence for each in ones], axis=0))
    draws = len(experiment.draws)
    assert joined.fits.numbers.tolist() == [n + 100 * s for s in (1, 2, 3) for n in range(draws)]
    assert joined.fits.vectors.shape == (3 * draws, 3)
