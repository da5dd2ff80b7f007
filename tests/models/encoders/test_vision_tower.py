"""Vision towers of transformers against transformers' own forward pass."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from fixtures.towers import FAMILIES, PATCH, SIDE, save_tower
from radtex.errors import RecipeError, RunError
from radtex.models.encoder import pool
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.encoder_layer import EncoderLayer
from radtex.models.encoders.resized import at_size
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.encoders.vision_tower import VisionTower

TAKES = EncoderInput(16, 1.0, 2.0)
PREFIX = {"clip": 1, "dinov2": 1, "vit": 1, "dinov2_with_registers": 5, "dinov3": 5}
FILMS = np.random.default_rng(2).integers(0, 256, (3, 50, 50), dtype=np.uint8)


def opened(folder: Path):
    return resolve_encoder(f"hf:{folder}", "", TAKES, 0)


def theirs(folder: Path, films: np.ndarray, **asked: bool):
    """What transformers itself makes of grey films: its processor, then its vision model."""
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    config = transformers.AutoConfig.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    model = getattr(model, "vision_model", model)
    colours = [np.repeat(film[..., None], 3, axis=2) for film in films]
    pixels = processor(images=colours, return_tensors="pt")["pixel_values"]
    assert getattr(config, "vision_config", config).image_size == SIDE
    return model(pixel_values=pixels, **asked)


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_features_equal_those_of_transformers_on_its_own_preprocessing(family, tmp_path):
    folder = save_tower(family, tmp_path)
    resolved = opened(folder)
    encoder = resolved.encoder
    assert isinstance(encoder, VisionTower)
    assert (encoder.input_size, resolved.takes.size, encoder.training) == (SIDE, SIDE, False)
    grid = encoder(resolved.takes.prepare(FILMS))
    side = SIDE // encoder.stride
    assert grid.shape == (3, encoder.width, side, side)
    expected = theirs(folder, FILMS)
    states = expected.last_hidden_state
    if states.ndim == 3:
        states = states[:, PREFIX.get(family, 0) :].transpose(1, 2).reshape(grid.shape)
    torch.testing.assert_close(grid, states, rtol=1e-4, atol=1e-5)
    features = pool(grid)
    assert (features[0] - features[1]).abs().max() > 1e-3
    pooled = EncoderLayer(encoder, "pooled")(resolved.takes.prepare(FILMS))
    torch.testing.assert_close(pooled[:, :, 0, 0], expected.pooler_output, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("family", ["siglip", "vit"])
@torch.inference_mode()
def test_a_layer_is_the_hidden_state_behind_it(family, tmp_path):
    folder = save_tower(family, tmp_path)
    resolved = opened(folder)
    assert resolved.encoder.layers == 3
    grid = EncoderLayer(resolved.encoder, 1)(resolved.takes.prepare(FILMS))
    state = theirs(folder, FILMS, output_hidden_states=True).hidden_states[2]
    tokens = state[:, PREFIX.get(family, 0) :]
    torch.testing.assert_close(grid.flatten(2).transpose(1, 2), tokens, rtol=1e-4, atol=1e-5)
    with pytest.raises(RunError, match="has the layers 0 to 2, and layer 3 was asked for"):
        EncoderLayer(resolved.encoder, 3)


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_another_size_is_what_its_makers_position_embeddings_are_resampled_to(family, tmp_path):
    folder = save_tower(family, tmp_path)
    resolved = at_size(opened(folder), 64)
    assert (resolved.takes.size, resolved.description["input_size"]) == (64, 64)
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    scale = 64 / SIDE
    sizes = {
        name: {key: int(value * scale) for key, value in dict(size).items() if value}
        for name in ("size", "crop_size")
        if (size := getattr(processor, name, None))
    }
    colours = [np.repeat(film[..., None], 3, axis=2) for film in FILMS]
    pixels = processor(images=colours, return_tensors="pt", **sizes)["pixel_values"]
    model = transformers.AutoModel.from_pretrained(folder).eval()
    model = getattr(model, "vision_model", model)
    resampled = {"interpolate_pos_encoding": True} if family in ("clip", "siglip", "vit") else {}
    states = model(pixel_values=pixels, **resampled).last_hidden_state
    grid = resolved.encoder(resolved.takes.prepare(FILMS))
    if states.ndim == 3:
        states = states[:, PREFIX.get(family, 0) :].transpose(1, 2).reshape(grid.shape)
    torch.testing.assert_close(grid, states, rtol=1e-4, atol=1e-5)


def test_a_size_that_patches_do_not_fit_is_refused(tmp_path):
    resolved = opened(save_tower("vit", tmp_path))
    with pytest.raises(RunError, match=f"patches of {PATCH} px, .* 60 px; ask for a multiple of 8"):
        at_size(resolved, 60)
    with pytest.raises(RunError, match="needs images of at least 16 px"):
        at_size(resolved, 8)


def test_a_pooler_without_weights_is_none(tmp_path):
    folder = save_tower("vit", tmp_path)
    model = transformers.ViTModel.from_pretrained(folder, add_pooling_layer=False)
    model.save_pretrained(folder)
    encoder = opened(folder).encoder
    assert not encoder.pools
    with pytest.raises(RunError, match="vit has no pooled output of its own"):
        EncoderLayer(encoder, "pooled")


def test_a_detector_is_refused(tmp_path):
    folder = save_tower("vit", tmp_path)
    config = transformers.YolosConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=[SIDE, SIDE],
        patch_size=PATCH,
        num_detection_tokens=4,
    )
    transformers.YolosModel(config).save_pretrained(folder)
    with pytest.raises(RunError, match="detects objects"):
        opened(folder)


def test_a_run_does_not_begin_with_a_tower(tmp_path):
    from radtex.pretraining.initial_encoder import initial_encoder
    from radtex.pretraining.recipe import load_recipe

    folder = save_tower("vit", tmp_path)
    with pytest.raises(RecipeError, match="is a network of transformers, and runs have networks"):
        initial_encoder(load_recipe(overrides={"init": f"hf:{folder}"}), TAKES)
