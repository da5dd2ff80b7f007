import torch

from radtex.compute.half_precision import speed_of


def test_a_processor_has_some_speed() -> None:
    assert 0 < speed_of(torch.bfloat16) < float("inf")
