from dataclasses import replace

import pytest
import timm
import torch
from safetensors.torch import save_file

from radtex.errors import RecipeError, RunError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resized import at_size
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.encoders.resolved import ResolvedEncoder

TAKES = EncoderInput(64, 100.0, 50.0)


def resolved(backbone, size):
    takes = EncoderInput(size, 1.0, 2.0, "bicubic")
    return ResolvedEncoder(
        Encoder(backbone, size), "timm", takes, description={"weights": "w", "input_size": size}
    )


def test_a_convolutional_network_takes_another_size_and_is_resized_alike():
    made = at_size(resolved("test_resnet", 64), 96)
    assert made.takes == EncoderInput(96, 1.0, 2.0, "bicubic")
    assert (made.encoder.input_size, made.description["input_size"]) == (96, 96)


def test_its_own_size_changes_nothing():
    own = resolved("test_vit", 160)
    assert at_size(own, 160) is own


def test_a_transformer_is_resampled_as_timm_does_on_loading(put):
    colour = timm.create_model("test_vit")
    save_file(colour.state_dict(), put("timm/test_vit.r160_in1k") / "model.safetensors")
    asked = at_size(resolve_encoder("timm:test_vit.r160_in1k", "", TAKES, 0), 96)
    built = resolve_encoder("imagenet", "test_vit", replace(TAKES, size=96), 0)
    expected = built.encoder.network.state_dict()
    assert expected["pos_embed"].shape == (1, 37, 64)
    for name, weight in asked.encoder.network.state_dict().items():
        torch.testing.assert_close(weight, expected[name])
    assert (asked.takes.size, asked.encoder.input_size, asked.encoder.training) == (96, 96, False)
    images = torch.randn(2, 1, 96, 96)
    torch.testing.assert_close(asked.encoder(images), built.encoder(images))


def test_a_network_that_cannot_be_resampled_is_refused():
    with pytest.raises(
        RunError, match=r"xcit_nano\w+ of w takes images of 224 px alone, and 96 px"
    ):
        at_size(resolved("xcit_nano_12_p16_224", 224), 96)


def test_a_size_that_cannot_be_is_refused():
    with pytest.raises(RecipeError, match=r"test_vit cannot take images of 100 px .* for 160 px"):
        at_size(resolved("test_vit", 160), 100)
    with pytest.raises(RunError, match="at least 64 px, and 40 px were asked for"):
        at_size(resolved("test_resnet", 64), 40)
