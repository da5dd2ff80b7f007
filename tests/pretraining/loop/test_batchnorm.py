"""Running averages are plain batch-norm's, taken once per step."""

import torch
from torch import nn

from radtex.pretraining.loop.batchnorm import RunningStatistics


def test_averages_equal_those_of_plain_batch_norm() -> None:
    torch.manual_seed(0)
    plain = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 3, 3), nn.BatchNorm2d(3)
    )
    ours = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 3, 3), nn.BatchNorm2d(3)
    )
    ours.load_state_dict(plain.state_dict())
    statistics = RunningStatistics(ours)
    for _ in range(3):
        rows = []
        for images in torch.randn(2, 8, 1, 9, 9):
            torch.testing.assert_close(ours(images), plain(images))
            rows.append(statistics.read())
        statistics.update(torch.stack(rows), torch.tensor(True))
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value)
    images = torch.randn(4, 1, 9, 9)
    torch.testing.assert_close(ours.eval()(images), plain.eval()(images))


def test_a_step_that_is_not_valid_leaves_all_as_it_was() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    statistics = RunningStatistics(network)
    network(torch.full((2, 1, 9, 9), torch.inf))
    assert not statistics.read().isfinite().all()
    statistics.update(torch.stack([statistics.read()]), torch.tensor(False))
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def test_a_network_without_batch_norm_is_left_alone() -> None:
    statistics = RunningStatistics(nn.Linear(2, 2))
    statistics.update(torch.stack([statistics.read()]), torch.tensor(True))
    assert statistics.averages.numel() == 0
