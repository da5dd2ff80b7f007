"""RAD-DINO, offline, against the published definition of its network."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from radtex.errors import RunError
from radtex.models.encoders.rad_dino import dinov2_encoder, rad_dino

WIDTH, LAYERS, HEADS, SIDE = 384, 12, 6, 56


def dinov2_weights() -> dict[str, Tensor]:
    """Random weights of a ViT-S/14 for 56 px under the names of transformers."""
    generator = torch.Generator().manual_seed(4)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator) * 0.05

    def layer(inner: int, outer: int, name: str) -> dict[str, Tensor]:
        return {f"{name}.weight": drawn(outer, inner), f"{name}.bias": drawn(outer)}

    def norm(name: str) -> dict[str, Tensor]:
        return {f"{name}.weight": 1 + drawn(WIDTH), f"{name}.bias": drawn(WIDTH)}

    weights = {
        "embeddings.cls_token": drawn(1, 1, WIDTH),
        "embeddings.mask_token": drawn(1, WIDTH),
        "embeddings.position_embeddings": drawn(1, 17, WIDTH),
        "embeddings.patch_embeddings.projection.weight": drawn(WIDTH, 3, 14, 14),
        "embeddings.patch_embeddings.projection.bias": drawn(WIDTH),
    } | norm("layernorm")
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        for part in ("query", "key", "value"):
            weights |= layer(WIDTH, WIDTH, f"{name}.attention.attention.{part}")
        weights |= layer(WIDTH, WIDTH, f"{name}.attention.output.dense")
        weights |= layer(WIDTH, 4 * WIDTH, f"{name}.mlp.fc1")
        weights |= layer(4 * WIDTH, WIDTH, f"{name}.mlp.fc2")
        weights |= norm(f"{name}.norm1") | norm(f"{name}.norm2")
        weights |= {f"{name}.layer_scale{part}.lambda1": 1 + drawn(WIDTH) for part in (1, 2)}
    return weights


def naive_dinov2(weights: dict[str, Tensor], images: Tensor) -> Tensor:
    """Patch tokens (B, 16, W) of RGB images (B, 3, 56, 56), by the published definition."""

    def linear(states: Tensor, name: str) -> Tensor:
        return states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(states: Tensor, name: str) -> Tensor:
        return F.layer_norm(
            states, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], 1e-6
        )

    stem = "embeddings.patch_embeddings.projection"
    patches = F.conv2d(images, weights[f"{stem}.weight"], weights[f"{stem}.bias"], stride=14)
    tokens = patches.flatten(2).transpose(1, 2)
    first = weights["embeddings.cls_token"].expand(len(images), -1, -1)
    states = torch.cat([first, tokens], 1) + weights["embeddings.position_embeddings"]
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        normed = norm(states, f"{name}.norm1")
        query, key, value = (
            linear(normed, f"{name}.attention.attention.{part}").split(WIDTH // HEADS, -1)
            for part in ("query", "key", "value")
        )
        mixed = [
            (q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS)).softmax(-1) @ v
            for q, k, v in zip(query, key, value, strict=True)
        ]
        attended = linear(torch.cat(mixed, -1), f"{name}.attention.output.dense")
        states = states + attended * weights[f"{name}.layer_scale1.lambda1"]
        hidden = F.gelu(linear(norm(states, f"{name}.norm2"), f"{name}.mlp.fc1"))
        scaled = linear(hidden, f"{name}.mlp.fc2") * weights[f"{name}.layer_scale2.lambda1"]
        states = states + scaled
    return norm(states, "layernorm")[:, 1:]


def write_dinov2(folder: Path, weights: dict[str, Tensor]) -> tuple[Path, Path, Path]:
    config, processor = folder / "config.json", folder / "preprocessor_config.json"
    config.write_text(json.dumps({"hidden_size": WIDTH, "image_size": SIDE}))
    processor.write_text(json.dumps({"image_mean": [0.53] * 3, "image_std": [0.26] * 3}))
    save_file(weights, folder / "model.safetensors")
    return config, processor, folder / "model.safetensors"


@torch.inference_mode()
def test_a_dinov2_network_keeps_its_patch_tokens(tmp_path: Path) -> None:
    weights = dinov2_weights()
    resolved = dinov2_encoder(*write_dinov2(tmp_path, weights))
    grey = torch.randn(2, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    expected = naive_dinov2(weights, grey.expand(-1, 3, -1, -1))
    grid = resolved.encoder(grey)
    assert grid.shape == (2, WIDTH, 4, 4)
    torch.testing.assert_close(grid.flatten(2).transpose(1, 2), expected, rtol=1e-3, atol=1e-3)
    assert resolved.takes.mean == pytest.approx(255 * 0.53)
    assert resolved.takes.interpolation == "bicubic"


def test_a_file_that_is_no_description_is_refused(tmp_path: Path) -> None:
    files = write_dinov2(tmp_path, {})
    files[0].write_text(json.dumps({"hidden_size": 1, "image_size": SIDE}))
    with pytest.raises(RunError, match="holds no DINOv2 network of width 384 or 768"):
        dinov2_encoder(*files)


def test_rad_dino_is_found_in_the_cache_or_refused_in_one_line(
    hub: Path, put: Callable[[str], Path]
) -> None:
    with pytest.raises(RunError, match=r"cannot get microsoft/rad-dino .*go online"):
        rad_dino()
    shutil.rmtree(hub / "models--microsoft--rad-dino", ignore_errors=True)
    weights = dinov2_weights()
    snapshot = put("microsoft/rad-dino")
    write_dinov2(snapshot, weights)
    resolved = rad_dino()
    assert "nih" in resolved.description["namespaces"]
    del weights["encoder.layer.3.attention.attention.key.bias"]
    write_dinov2(snapshot, weights)
    with pytest.raises(RunError, match=r"blocks.3.attn.qkv.bias is missing"):
        rad_dino()
