"""Encoders of timm, torchxrayvision and RAD-DINO, offline, with files made here."""

import json
import math
import shutil
from collections import OrderedDict
from pathlib import Path

import huggingface_hub.constants
import pytest
import timm
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from radtex.errors import RunError
from radtex.models.encoder import pool, prepare
from radtex.models.encoders.rad_dino import dinov2_encoder
from radtex.models.storage import resolve_encoder

LEVELS = (100.0, 50.0)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, and no network."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    return tmp_path


def put(hub: Path, repository: str, revision: str = "0" * 40) -> Path:
    """The folder for the files of a repository in the cache."""
    root = hub / f"models--{repository.replace('/', '--')}"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text(revision)
    snapshot = root / "snapshots" / revision
    snapshot.mkdir(parents=True)
    return snapshot


def test_timm_weights_come_with_their_own_preprocessing(hub: Path) -> None:
    torch.manual_seed(1)
    colour = timm.create_model("resnet18")
    save_file(colour.state_dict(), put(hub, "timm/resnet18.a1_in1k") / "model.safetensors")
    resolved = resolve_encoder("timm:resnet18.a1_in1k", "resnet50", 64, LEVELS, 0)
    own = resolved.encoder.network.state_dict()
    assert torch.equal(own["layer1.0.conv1.weight"], colour.layer1[0].conv1.weight)
    torch.testing.assert_close(own["conv1.weight"], colour.conv1.weight.sum(1, keepdim=True))
    assert resolved.encoder.backbone == "resnet18"
    assert resolved.encoder.input_size == 224
    assert resolved.interpolation == "bicubic"
    assert resolved.mean == pytest.approx(255 * (0.485 + 0.456 + 0.406) / 3)
    assert resolved.description["weights"] == "timm resnet18.a1_in1k"


def test_timm_weights_that_cannot_be_had_are_one_line(hub: Path) -> None:
    assert not any(hub.iterdir())
    with pytest.raises(RunError, match=r"cannot get the weights resnet18.a1_in1k .* go online"):
        resolve_encoder("timm:resnet18.a1_in1k", "resnet50", 64, LEVELS, 0)
    for unknown in ("resnet18.nowhere", "resnet1800"):
        with pytest.raises(RunError, match=f"no pretrained weights '{unknown}'; near are resnet"):
            resolve_encoder(f"timm:{unknown}", "resnet50", 64, LEVELS, 0)


@pytest.fixture
def xrv_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    utilities = pytest.importorskip("torchxrayvision.utils")
    monkeypatch.setattr(utilities, "get_cache_dir", lambda: str(tmp_path))
    monkeypatch.setattr(utilities, "download", _no_network)
    return tmp_path


def _no_network(url: str, filename: str) -> None:
    raise ConnectionError(url, filename)


@pytest.mark.parametrize("zipped", [True, False], ids=["new format", "old format"])
@torch.inference_mode()
def test_xrv_gives_the_features_of_the_library(xrv_cache: Path, zipped: bool) -> None:
    models = pytest.importorskip("torchxrayvision.models")
    name = "densenet121-res224-nih"
    torch.manual_seed(2)
    theirs = models.DenseNet().eval()
    for key, buffer in theirs.named_buffers():
        if key.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    path = xrv_cache / models.model_urls[name]["weights_url"].rpartition("/")[2]
    torch.save(theirs, path, _use_new_zipfile_serialization=zipped)
    if not zipped:
        with pytest.raises(RunError, match="if you trust the file, convert it once: python -c"):
            resolve_encoder(f"xrv:{name}", "resnet50", 64, LEVELS, 0)
        save_file(theirs.state_dict(), path.with_suffix(".safetensors"))
    resolved = resolve_encoder(f"xrv:{name}", "resnet50", 64, LEVELS, 0)
    grey = torch.randint(0, 256, (2, 224, 224), generator=torch.Generator().manual_seed(0))
    ready = prepare(grey.to(torch.uint8), 224, resolved.mean, resolved.std)
    scaled = (2 * grey[:, None] / 255 - 1) * 1024
    torch.testing.assert_close(ready, scaled, rtol=1e-5, atol=1e-3)
    expected = theirs.features2(scaled)
    torch.testing.assert_close(pool(resolved.encoder(ready)), expected, rtol=1e-3, atol=1e-3)
    assert resolved.description["namespaces"] == ["nih"]
    assert resolved.encoder.input_size == 224


def test_the_resnet_of_xrv_is_one_at_512_px(xrv_cache: Path) -> None:
    models = pytest.importorskip("torchxrayvision.models")
    name = "resnet50-res512-all"
    weights = timm.create_model("resnet50", in_chans=1, num_classes=18).state_dict()
    torch.save(
        OrderedDict(weights), xrv_cache / models.model_urls[name]["weights_url"].rpartition("/")[2]
    )
    encoder = resolve_encoder(f"xrv:{name}", "resnet18", 64, LEVELS, 0).encoder
    assert (encoder.backbone, encoder.input_size) == ("resnet50", 512)
    assert torch.equal(encoder.network.conv1.weight, weights["conv1.weight"])


def test_xrv_names_downloads_and_files_are_refused_in_one_line(
    xrv_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = pytest.importorskip("torchxrayvision.models")
    name = "densenet121-res224-nih"
    with pytest.raises(RunError, match="no weights xrv:nothing; expected one of densenet121"):
        resolve_encoder("xrv:nothing", "resnet50", 64, LEVELS, 0)
    with pytest.raises(RunError, match=f"cannot get the weights xrv:{name} .ConnectionError"):
        resolve_encoder(f"xrv:{name}", "resnet50", 64, LEVELS, 0)
    path = xrv_cache / models.model_urls[name]["weights_url"].rpartition("/")[2]
    torch.save({"features": shutil.rmtree}, path)
    with pytest.raises(RunError, match="could run as a program when read"):
        resolve_encoder(f"xrv:{name}", "resnet50", 64, LEVELS, 0)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(RunError, match="pip install torchxrayvision"):
        resolve_encoder(f"xrv:{name}", "resnet50", 64, LEVELS, 0)


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
    assert resolved.mean == pytest.approx(255 * 0.53)
    assert resolved.interpolation == "bicubic"


def test_rad_dino_is_found_in_the_cache_or_refused_in_one_line(hub: Path) -> None:
    with pytest.raises(RunError, match=r"cannot get microsoft/rad-dino .*go online"):
        resolve_encoder("rad-dino", "resnet50", 64, LEVELS, 0)
    shutil.rmtree(hub / "models--microsoft--rad-dino", ignore_errors=True)
    weights = dinov2_weights()
    snapshot = put(hub, "microsoft/rad-dino")
    write_dinov2(snapshot, weights)
    resolved = resolve_encoder("rad-dino", "resnet50", 64, LEVELS, 0)
    assert "nih" in resolved.description["namespaces"]
    del weights["encoder.layer.3.attention.attention.key.bias"]
    write_dinov2(snapshot, weights)
    with pytest.raises(RunError, match=r"blocks.3.attn.qkv.bias is missing"):
        resolve_encoder("rad-dino", "resnet50", 64, LEVELS, 0)
