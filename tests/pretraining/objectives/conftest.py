import pytest
import torch

from radtex.models.encoder import Encoder


@pytest.fixture
def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder("resnet10t", 64)
