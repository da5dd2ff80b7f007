from torch import nn

from radtex.models.encoder import Encoder
from radtex.transfer.protocols.depth import depths


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
