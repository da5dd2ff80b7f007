"""What makes a network train faster leaves its weights and what it computes."""

import pytest
import torch

from fixtures.passes import ALONE, ROWS, bicaptioning, films
from radtex.pretraining.loop import network_setup
from radtex.pretraining.loop.network_setup import set_up_network
from radtex.pretraining.loop.training_options import TrainingOptions

OPTIONS = [
    TrainingOptions(),
    TrainingOptions(channels_last=False),
    TrainingOptions(compile=True),
    TrainingOptions(activation_checkpointing=True),
]


@pytest.mark.parametrize("options", OPTIONS)
def test_weights_and_losses_stay(options: TrainingOptions) -> None:
    plain, ready = bicaptioning(0.0).eval(), bicaptioning(0.0).eval()
    set_up_network(ready, options, ALONE.device)
    weights = ready.state_dict()
    assert list(weights) == list(plain.state_dict())
    assert all(torch.equal(value, weights[name]) for name, value in plain.state_dict().items())
    images, targets = films().plain(ROWS), plain.targets(ROWS)
    torch.testing.assert_close(ready(images, targets), plain(images, targets), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("speed", "warned"), [(0.6, True), (1.7, False)])
def test_a_precision_that_is_slower_here_is_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, speed: float, warned: bool
) -> None:
    monkeypatch.setattr(network_setup, "speed_of", lambda _: speed)
    set_up_network(bicaptioning(0.0), TrainingOptions(precision="bfloat16"), ALONE.device)
    assert ("bfloat16 at 0.60 times the speed of float32" in caplog.text) == warned


@pytest.mark.parametrize("channels_last", [True, False])
def test_the_encoder_has_the_memory_layout_of_the_options(channels_last: bool) -> None:
    objective = bicaptioning(0.0)
    set_up_network(objective, TrainingOptions(channels_last=channels_last), ALONE.device)
    kernels = [p for p in objective.encoder.parameters() if p.ndim == 4 and min(p.shape[1:]) > 1]
    assert kernels
    for kernel in kernels:
        assert kernel.is_contiguous(memory_format=torch.channels_last) == channels_last
