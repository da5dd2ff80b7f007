"""RAD-DINO as an encoder.

Pérez-García et al., 2025, "Exploring scalable medical image encoders beyond text supervision",
Nature Machine Intelligence: a ViT-B/14 trained by DINOv2 on chest radiographs alone. Its weights
are kept under the names of the library transformers, and here given to the same network of timm.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from huggingface_hub import hf_hub_download
from torch import Tensor

from radtex.compute.seeding import seeded
from radtex.errors import RunError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolved import ResolvedEncoder
from radtex.models.encoders.weight_files import fill, read_state_dict

RAD_DINO = "rad-dino"
REPOSITORY = "microsoft/rad-dino"
_BACKBONES = {384: "vit_small_patch14_dinov2", 768: "vit_base_patch14_dinov2"}
_NAMES = (
    (r"^embeddings\.cls_token$", "cls_token"),
    (r"^embeddings\.position_embeddings$", "pos_embed"),
    (r"^embeddings\.patch_embeddings\.projection\.", "patch_embed.proj."),
    (r"^encoder\.layer\.", "blocks."),
    (r"\.attention\.output\.dense\.", ".attn.proj."),
    (r"\.layer_scale([12])\.lambda1$", r".ls\1.gamma"),
    (r"^layernorm\.", "norm."),
)
_FILES = ("config.json", "preprocessor_config.json", "model.safetensors")
_TRAINED_ON = ("mimic", "chexpert", "nih", "padchest", "brax")


def rad_dino() -> ResolvedEncoder:
    """Load RAD-DINO, in eval mode, with the size and grey levels of its own processor.

    The files come from the hub's cache, or are downloaded to it. The grid is that of the patch
    tokens after the last norm.

    Raises:
        RunError: if they cannot be had, or are not as expected.
    """
    try:
        config, processor, weights = (Path(hf_hub_download(REPOSITORY, name)) for name in _FILES)
    except (OSError, RuntimeError, ValueError) as error:
        raise RunError(
            f"cannot get {REPOSITORY} ({type(error).__name__}); go online, or fill the cache of "
            "huggingface_hub beforehand (HF_HOME names the folder)"
        ) from error
    return dinov2_encoder(config, processor, weights)


def dinov2_encoder(config: Path, processor: Path, weights: Path) -> ResolvedEncoder:
    """Load a DINOv2 network of transformers as an encoder.

    Args:
        config: its `config.json`.
        processor: its `preprocessor_config.json`.
        weights: its `model.safetensors`.

    Raises:
        RunError: if a file is damaged, or the network is no ViT-S/14 or ViT-B/14.
    """
    try:
        shape = json.loads(config.read_text(encoding="utf-8"))
        pixels = json.loads(processor.read_text(encoding="utf-8"))
        backbone = _BACKBONES[shape["hidden_size"]]
        mean, std = (pixels[key] for key in ("image_mean", "image_std"))
        with seeded(0):
            encoder = Encoder(backbone, int(shape["image_size"]))
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"{config.parent} holds no DINOv2 network of width {' or '.join(map(str, _BACKBONES))} "
            f"({type(error).__name__}); remove it from the cache to download it again"
        ) from error
    fill(encoder, timm_names(read_state_dict(weights)), str(weights))
    return ResolvedEncoder(
        encoder.eval(),
        RAD_DINO,
        EncoderInput.of_colours(encoder.input_size, mean, std, "bicubic"),
        description={
            "architecture": backbone,
            "input_size": encoder.input_size,
            "weights": REPOSITORY,
            "trained": "elsewhere",
            "grey_levels": "mean and deviation of its processor; the stem's channels summed",
            "interpolation": "bicubic",
            "namespaces": list(_TRAINED_ON),
        },
    )


def timm_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Rename the weights of a DINOv2 network from transformers' names to timm's.

    Queries, keys and values are joined; the token that masks patches in training is left out.
    """
    renamed: dict[str, Tensor] = {}
    for name, value in weights.items():
        joined = re.match(r"encoder\.layer\.(\d+)\.attention\.attention\.query\.(\w+)$", name)
        if joined:
            parts = [name.replace("query", part) for part in ("query", "key", "value")]
            if all(part in weights for part in parts):
                key = f"blocks.{joined[1]}.attn.qkv.{joined[2]}"
                renamed[key] = torch.cat([weights[part] for part in parts])
        elif ".attention.attention." not in name and name != "embeddings.mask_token":
            for pattern, replacement in _NAMES:
                name = re.sub(pattern, replacement, name)
            renamed[name] = value
    return renamed
