from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

from radtex.errors import ProtocolError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.transfer.protocols import finetuned_network
from radtex.transfer.protocols.finetuned_network import (
    BATCH,
    LAYER_DECAY,
    Fit,
    StudyImages,
    _groups,
    _Network,
    _samples,
    depths,
    finetune,
)
from radtex.transfer.protocols.finetuning_options import FinetuningOptions

TAKES = EncoderInput(16, 100.0, 40.0)
OPTIONS = FinetuningOptions(steps=12, learning_rate=0.01)


@pytest.fixture(scope="module")
def encoder(contestant):
    return contestant("it", "random", 1).encoder


@pytest.fixture(scope="module")
def films(corpus):
    """All 720 images of 600 studies; study i < 120 has two."""
    study = np.concatenate([np.arange(600), np.arange(120)])
    return StudyImages(corpus.images, np.arange(720), study)


@pytest.fixture(scope="module")
def labels(corpus):
    columns = corpus.index[["label.Edema", "label.Effusion"]]
    return columns.to_numpy(np.float32)[:600]


@pytest.fixture(scope="module")
def fit(films, labels):
    studies = np.arange(60, 130)
    return Fit(films.of(studies), labels[studies], np.zeros(70, np.bool_), (0, 1))


@pytest.fixture(scope="module")
def test_films(films):
    return films.of(np.arange(300, 600))


def test_training_finds_the_signal_for_each_target(encoder, fit, test_films, labels):
    options = FinetuningOptions(steps=80, learning_rate=0.01)
    logits, steps = finetune(encoder, TAKES, fit, test_films, options)
    assert logits.shape == (300, 2)
    assert steps == 80
    for target in (0, 1):
        assert roc_auc_score(labels[300:, target], logits[:, target]) > 0.8


def test_the_encoder_that_was_given_stays_as_it_was(encoder, fit, test_films):
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}
    finetune(encoder, TAKES, fit, test_films, OPTIONS)
    assert all(torch.equal(before[name], now) for name, now in encoder.state_dict().items())


def test_one_key_gives_the_same_bytes_and_another_others(encoder, fit, test_films):
    state = torch.get_rng_state()
    one, again, other = (
        finetune(encoder, TAKES, each, test_films, OPTIONS)[0]
        for each in (fit, fit, replace(fit, key=(0, 2)))
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_nothing_but_the_draw_is_seen(encoder, fit, test_films, corpus, early_stopping):
    held_out = np.arange(70) % 5 == 0 if early_stopping else fit.held_out
    fit = replace(fit, held_out=held_out)
    options = replace(OPTIONS, early_stopping=early_stopping)
    elsewhere = np.array(corpus.images)
    elsewhere[np.setdiff1d(np.arange(720), [*fit.labelled.rows, *test_films.rows])] = 0
    moved = replace(fit, labelled=replace(fit.labelled, images=elsewhere))
    scored = replace(test_films, images=elsewhere)
    expected, steps = finetune(encoder, TAKES, fit, test_films, options)
    scores, same_steps = finetune(encoder, TAKES, moved, scored, options)
    assert torch.equal(scores, expected)
    assert steps == same_steps


def test_a_label_that_is_not_definite_takes_no_part(encoder, fit, test_films):
    blank = fit.labels.copy()
    blank[:20, 0] = np.nan
    logits, _ = finetune(encoder, TAKES, replace(fit, labels=blank), test_films, OPTIONS)
    assert logits.isfinite().all()
    network = torch.randn(5, 2, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([[1, 0], [torch.nan, 1], [0, torch.nan], [1, 1], [torch.nan] * 2])
    terms = [
        float(np.log1p(np.exp(-value if label == 1 else value)))
        for row, answers in zip(network.tolist(), labels.tolist(), strict=True)
        for value, label in zip(row, answers, strict=True)
        if not np.isnan(label)
    ]
    assert finetuned_network._loss(network, labels).item() == pytest.approx(np.mean(terms))


def test_studies_are_drawn_without_replacement_and_images_within_them(fit):
    seen, images = [], set()
    study_of = dict(zip(fit.labelled.rows, fit.labelled.study, strict=True))
    for rows, labels, _ in _samples(fit, 35):
        studies = [study_of[row] for row in rows]
        assert len(rows) == BATCH
        np.testing.assert_array_equal(labels.numpy(), fit.labels[studies])
        seen += studies
        images.update(rows)
    assert np.bincount(seen, minlength=70).tolist() == [35 * BATCH // 70] * 70
    assert images == set(fit.labelled.rows)


def test_held_out_studies_do_not_train(fit):
    held_out = np.arange(70) % 5 == 0
    rows = {row for rows, _, _ in _samples(replace(fit, held_out=held_out), 20) for row in rows}
    held = set(fit.labelled.of(np.flatnonzero(held_out)).rows)
    assert len(held) > 14  # some studies have two images
    assert not rows & held


def test_early_stopping_keeps_the_weights_with_the_least_held_out_loss(encoder, fit, monkeypatch):
    fit = replace(fit, held_out=np.arange(70) % 5 == 0)
    losses = iter([0.9, 0.5, 0.7, 0.5, 0.8, 0.6, 0.9])
    kept = []
    plain_loss = finetuned_network._loss

    def loss(logits, labels):
        if len(labels) != 14:
            return plain_loss(logits, labels)
        kept.append(logits)
        return torch.tensor(next(losses))

    monkeypatch.setattr(finetuned_network, "_loss", loss)
    options = FinetuningOptions(steps=100, early_stopping=True)
    held = fit.labelled.of(np.flatnonzero(fit.held_out))
    scores, steps = finetune(encoder, TAKES, fit, held, options)
    assert steps == 10  # of checks at 5, 10, … the second is the best, and five worse ones end it
    assert len(kept) == 7
    assert torch.equal(scores, kept[1])


def test_batch_norm_takes_the_statistics_of_the_labelled_images_once(encoder, fit, corpus):
    network = _Network(encoder, TAKES, fit)
    pixels = (corpus.images[fit.labelled.rows].astype(np.float32)[:, None] - 100) / 40
    with torch.no_grad():
        maps = encoder.convolution(torch.from_numpy(pixels))
    assert len(maps) == 130  # of 70 studies, in three batches
    expected = sum(part.mean((0, 2, 3)) for part in (maps[:44], maps[44:87], maps[87:])) / 3
    before = network.encoder.normalisation.running_mean.clone()
    torch.testing.assert_close(before, expected, atol=1e-5, rtol=1e-5)
    finetuned_network._train(network, fit, OPTIONS)
    assert torch.equal(network.encoder.normalisation.running_mean, before)
    weight = network.encoder.convolution.weight
    assert not torch.equal(weight, encoder.convolution.weight)


def test_learning_rates_fall_from_the_head_to_the_stem():
    network = _Network.__new__(_Network)
    torch.nn.Module.__init__(network)
    network.encoder, network.head = Encoder("resnet10t", 64), torch.nn.Linear(512, 2)
    groups = _groups(network, 0.1)
    rate_of = {id(p): group["lr"] for group in groups for p in group["params"]}
    assert len(rate_of) == len(list(network.parameters()))
    inner = network.encoder.network
    rates = [
        rate_of[id(weight)]
        for weight in (
            network.head.weight,
            *(getattr(inner, f"layer{n}")[0].conv1.weight for n in (4, 3, 2, 1)),
            inner.conv1[0].weight,
        )
    ]
    np.testing.assert_allclose(rates, 0.1 * LAYER_DECAY ** np.arange(6))
    decays = {group["weight_decay"] > 0 for group in groups if group["params"][0].ndim > 1}
    assert decays == {True}


def test_a_loss_that_is_not_finite_is_one_line(encoder, fit, test_films):
    options = FinetuningOptions(steps=50, learning_rate=1e30)
    with pytest.raises(ProtocolError, match="lower the learning rate, now 1e\\+30"):
        finetune(encoder, TAKES, fit, test_films, options)


def test_stages_count_up_from_the_stem_of_a_network_of_timm():
    encoder = Encoder("resnet10t", 64)
    stages = depths(encoder)
    assert set(stages) == {name for name, _ in encoder.named_parameters()}
    assert stages["network.conv1.0.weight"] == 0
    of_layer = [
        {stage for name, stage in stages.items() if name.startswith(f"network.layer{layer}.")}
        for layer in (1, 2, 3, 4)
    ]
    assert of_layer == [{1}, {2}, {3}, {4}]


def test_another_network_is_one_stage():
    assert set(depths(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))).values()) == {0}
