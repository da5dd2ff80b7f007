"""What holds for all protocols on frozen features."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from radtex.transfer.design import Design
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.protocols.registry import open_protocol
from radtex.transfer.run_protocol import run_protocol
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import Studies

FROZEN = ("linear", "knn", "prototype")


@pytest.fixture(scope="module")
def contestants(contestant):
    return [contestant("text", "radtex", 1), contestant("noise", "random", 2)]


@pytest.mark.parametrize("protocol", FROZEN)
def test_the_signal_is_found_and_the_encoder_stays_frozen(run, contestants, protocol):
    encoder = contestants[0].encoder.train()
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    results = run(contestants, protocol=protocol)
    assert results.mean_auc["text"][160].low > 0.6
    assert set(results.scores["protocol"]) == {protocol}
    assert results.protocol["name"] == protocol
    assert all(torch.equal(before[name], now) for name, now in encoder.state_dict().items())


@pytest.mark.parametrize("protocol", FROZEN)
def test_labels_and_studies_outside_the_draw_change_no_score(protocol):
    measured = open_protocol(protocol).measure_features
    rng = np.random.default_rng(0)
    features = torch.tensor(rng.normal(size=(500, 12)), dtype=torch.float32)
    labels = (features[:, :1].numpy() > 0.5).astype(np.float32)
    pool, test = (
        Studies(labels[part], np.arange(len(labels[part])), np.arange(len(labels[part])))
        for part in (slice(0, 300), slice(300, 500))
    )
    experiment = draw_experiment(pool, test, Design(("Edema",), (40,), 1))
    drawn = experiment.draws[0].studies
    expected = measured(experiment, features[:300], features[300:], "it").auc

    flipped = 1 - pool.labels
    flipped[drawn] = pool.labels[drawn]
    elsewhere = torch.full_like(features[:300], torch.nan)
    elsewhere[drawn] = features[drawn]
    leaky = replace(experiment, pool=replace(pool, labels=flipped))
    found = measured(leaky, elsewhere, features[300:], "it").auc
    assert expected.min() > 0.7
    np.testing.assert_array_equal(found, expected)


class Taken:
    """Keeps what it is shown."""

    def __init__(self):
        self.taken = []

    def refuse(self, contestants):
        self.asked = [each.name for each in contestants]

    def take(self, contestant, experiment, fits, pool, test, preprocessing, films, prior):
        assert prior is None
        assert len(films) > 0
        assert len(fits.weights) == len(experiment.draws)
        self.taken.append((contestant.name, fits, len(pool), len(test), preprocessing.size))


def test_a_keeper_is_shown_each_contestant_with_its_images_features(corpus, contestants):
    keeper = Taken()
    pool, test = ((corpus, corpus.rows(split)) for split in ("pool", "test"))
    design = Design(("Edema", "Effusion"), (20,), 2)
    run_protocol(Linear(), contestants, pool, test, design, keeper=keeper)
    assert keeper.asked == ["text", "noise"]
    assert [name for name, *_ in keeper.taken] == ["text", "noise"]
    for _, fits, *counts in keeper.taken:
        assert len(fits.weights) == 2 * 2
        assert counts == [len(pool[1]), len(test[1]), 16]
