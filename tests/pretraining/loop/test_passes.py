"""A step as a whole: its precision, its scale, and what is left of one that is not finite."""

import numpy as np
import pytest
import torch

from fixtures.passes import (
    ROWS,
    STILL,
    TEXTS,
    Tiny,
    assert_gradients_close,
    bicaptioning,
    gradients,
    passes,
)
from radtex.models.encoder import Encoder
from radtex.pretraining.loop.skipping import NotFinite
from radtex.pretraining.objectives.supervised import Supervised


def test_float16_follows_float32_at_any_scale() -> None:
    full, half, scaled = bicaptioning(0.0), bicaptioning(0.0), bicaptioning(0.0)
    losses = passes(full).train(0, ROWS)
    for objective, scale in ((half, 1.0), (scaled, 256.0)):
        found = passes(objective, precision="float16").train(0, ROWS, scale)
        assert found == pytest.approx(losses, rel=1e-2)
        assert_gradients_close(objective, full, 0.05)
        assert found != losses


def test_a_gradient_that_overflows_is_found_and_leaves_nothing() -> None:
    objective = bicaptioning(0.0)
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    with pytest.raises(NotFinite) as found:
        passes(objective, precision="float16").train(0, ROWS, 2.0**40)
    assert found.value.loss_is_finite
    assert found.value.losses.keys() == {"loss", "forward", "backward"}
    assert found.value.samples.tolist() == ROWS.tolist()
    assert not gradients(objective)
    for name, value in objective.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_a_loss_that_is_not_finite_names_the_samples_of_its_micro_batch() -> None:
    torch.manual_seed(0)
    labels = np.zeros((len(ROWS), 1), dtype=np.float32)
    labels[2] = np.inf
    objective = Supervised(Encoder("resnet10t", 64), labels, ("a",))
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    training = passes(objective)
    with pytest.raises(NotFinite) as found:
        training.train(0, ROWS)
    assert found.value.samples.tolist() == [0, 1, 2]
    assert not found.value.loss_is_finite
    assert not found.value.losses
    assert not gradients(objective)
    for name, value in objective.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert np.isfinite(training.train(1, ROWS[3:])["loss"])


def test_a_validation_is_the_loss_over_all_rows_whatever_the_batches() -> None:
    """Without augmentation or dropout, and with the running statistics of batch-norm."""
    objective = bicaptioning(0.5)
    training = passes(objective)
    training.train(0, ROWS)
    whole = training.validate(ROWS, len(ROWS))
    assert whole.keys() == {"val_loss", "val_forward", "val_backward"}
    assert training.validate(ROWS, 4) == pytest.approx(whole, rel=1e-5)
    with torch.no_grad():
        images = training.forward.pixels.plain(ROWS)
        sums = objective.eval()(images, objective.targets(ROWS))
    expected = (sums.double().numpy() / objective.counts(ROWS)).sum()
    assert whole["val_loss"] == pytest.approx(expected, rel=1e-5)


def test_a_step_is_the_gradient_of_its_mean_loss() -> None:
    objective, oracle = Tiny(), Tiny()
    training = passes(objective, 4, STILL)
    losses = training.train(0, ROWS)
    images = training.forward.pixels.plain(ROWS)
    loss = oracle(images, oracle.targets(ROWS)).sum() / len(TEXTS)
    loss.backward()
    assert losses == {"loss": pytest.approx(loss.item(), rel=1e-5)}
    assert_gradients_close(objective, oracle, 1e-4)
    length = torch.cat([gradient.flatten() for gradient in gradients(oracle).values()]).norm()
    assert training.gradient_norm == pytest.approx(length.item(), rel=1e-4)


def test_preparing_the_next_batch_ahead_changes_nothing() -> None:
    ahead, later = passes(bicaptioning(0.3)), passes(bicaptioning(0.3))
    ahead.train(0, ROWS[:4], following=ROWS[2:])
    later.train(0, ROWS[:4])
    assert ahead.train(1, ROWS[2:]) == later.train(1, ROWS[2:])
