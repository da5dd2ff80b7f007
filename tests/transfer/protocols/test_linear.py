import numpy as np
import torch

from radtex.statistics.auc import auc
from radtex.transfer.design import Design
from radtex.transfer.protocols.label_prior.label_prior import LabelPrior
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.protocols.probes import fit_probes_from_prior
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import Studies


def made(layers=1):
    """An experiment of one target, features of each layer, and priors that know something."""
    rng = np.random.default_rng(3)
    logits = rng.normal(size=600) * 2
    labels = (rng.random(600) < 1 / (1 + np.exp(-logits))).astype(np.float32)[:, None]
    features = [
        torch.tensor(rng.normal(size=(600, 20)) + 0.3 * logits[:, None], dtype=torch.float32)
        for _ in range(layers)
    ]
    known = torch.tensor(logits + rng.normal(size=600), dtype=torch.float32)[:, None]
    pool, test = (
        Studies(labels[part], np.arange(300), np.arange(300))
        for part in (slice(300), slice(300, 600))
    )
    priors = [
        LabelPrior(known[:300], known[300:] + place, ({},), np.array([float(place)]))
        for place in range(layers)
    ]
    experiment = draw_experiment(pool, test, Design(("a",), (20, 60), 3))
    return experiment, [x[:300] for x in features], [x[300:] for x in features], priors


def test_the_logit_of_a_study_is_its_probe_and_its_share_of_the_prior():
    experiment, pool, test, priors = made()
    plain, begun = Linear().measure_prior(experiment, pool, test, "x", priors)
    _, probes = fit_probes_from_prior(pool[0], experiment.draws, "x", priors[0].pool)
    positive = experiment.test.labels[:, 0] == 1
    assert begun.fits.slopes.any()
    for place, draw in enumerate(experiment.draws):
        logits = test[0] @ probes.weights[place] + probes.intercepts[place]
        logits = logits + probes.slopes[place] * priors[0].test[:, 0]
        value = begun.auc[0, draw.repeat, experiment.budgets.index(draw.budget)]
        np.testing.assert_allclose(value, auc(logits[:, None], positive)[0][0], atol=1e-9)
    alone = Linear().measure_features(experiment, pool[0], test[0], "x")
    assert np.array_equal(plain.auc, alone.auc)
    expected = auc(priors[0].test, positive)[0]
    assert np.array_equal(begun.without_labels.auc, expected)


def test_of_layers_each_draw_takes_its_own_with_the_prior_of_that_layer():
    experiment, pool, test, priors = made(layers=2)
    _, begun = Linear().measure_prior(experiment, pool, test, "x", priors)
    layers = begun.fits.layers
    assert set(layers) == {0, 1}
    place = int(np.flatnonzero((layers == 1) & (begun.fits.slopes > 0))[0])
    weights = begun.fits.weights[place]
    assert (weights[:20] == 0).all()
    draw = experiment.draws[place]
    logits = torch.cat(test, 1) @ weights + begun.fits.slopes[place] * priors[1].test[:, 0]
    value = begun.auc[0, draw.repeat, experiment.budgets.index(draw.budget)]
    positive = experiment.test.labels[:, 0] == 1
    np.testing.assert_allclose(value, auc(logits[:, None], positive)[0][0], atol=1e-9)
    # The prior alone is that of the layer which fits what it was made of best.
    assert begun.without_labels.auc[0] == auc(priors[0].test, positive)[0][0]
