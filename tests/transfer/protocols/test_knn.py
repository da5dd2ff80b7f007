import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

from radtex.transfer.protocols.knn import COUNTS, vote_of_neighbours
from radtex.transfer.sampling.draws import Draw, draw
from radtex.transfer.sampling.folds import FOLDS


@pytest.fixture(scope="module")
def pool():
    """Features (300, 20), labels they partly tell, two studies a patient."""
    rng = np.random.default_rng(1)
    features = 5 + rng.normal(size=(300, 20)) * 10.0 ** rng.uniform(-1, 1, 20)
    signal = ((features - features.mean(0)) / features.std(0))[:, :3].sum(1)
    labels = (signal + rng.normal(size=300) > 1).astype(np.float32)
    return features, labels, np.arange(300) // 2


@pytest.fixture(scope="module")
def draws(pool):
    return draw(0, "Edema", pool[1][:200], pool[2][:200], (30, 100), 2, 0)


def model(count):
    return KNeighborsClassifier(count, metric="cosine", weights=lambda distance: 2 - distance)


def oracle(features, each):
    """The chosen k, then the votes on all studies, by scikit-learn alone."""
    x = StandardScaler().fit(features[each.studies]).transform(features)
    fewest = min((each.folds != fold).sum() for fold in range(FOLDS))
    losses = {}
    for count in COUNTS:
        if count > fewest:
            continue
        held_out = np.empty(len(each.studies))
        for fold in range(FOLDS):
            out = each.folds == fold
            fitted = model(count).fit(x[each.studies[~out]], each.positive[~out])
            held_out[out] = fitted.predict_proba(x[each.studies[out]])[:, 1]
        losses[count] = np.mean((held_out - each.positive) ** 2)
    best = min(losses, key=lambda count: (losses[count], -count))
    fitted = model(best).fit(x[each.studies], each.positive)
    return best, fitted.predict_proba(x)[:, 1]


def test_votes_are_those_of_a_loop_over_scikit_learn(pool, draws):
    features = torch.tensor(pool[0])
    votes, neighbours = vote_of_neighbours(features, features[200:], draws, "votes")
    assert len({len(each.studies) for each in draws}) == 2
    for place, each in enumerate(draws):
        best, expected = oracle(pool[0], each)
        assert COUNTS[neighbours.choices[place]] == best
        np.testing.assert_allclose(votes[place].numpy(), expected[200:], atol=1e-6)


def test_of_equally_good_counts_the_larger_is_chosen():
    # Two far groups of one class each: every vote of up to 20 neighbours is unanimous.
    group = torch.arange(60) % 2
    features = (2.0 * group - 1)[:, None]
    studies = np.arange(60)
    each = Draw(0, 0, 60, studies, group.numpy() == 1, studies // 2 % FOLDS, forced=False)
    votes, neighbours = vote_of_neighbours(features, features[:4], [each], "votes")
    assert COUNTS[neighbours.choices[0]] == 20
    assert votes[0].tolist() == [0, 1, 0, 1]


def test_a_class_of_one_patient_asks_the_most_neighbours_and_says_so(pool):
    studies = np.arange(40)
    positive = studies < 6
    folds = np.where(positive, 0, studies % FOLDS)
    alone = Draw(0, 0, 40, studies, positive, folds, forced=False)
    features = torch.tensor(pool[0])
    _, neighbours = vote_of_neighbours(features, features, [alone], "votes")
    assert not neighbours.cross_validated[0]
    assert COUNTS[neighbours.choices[0]] == 20
