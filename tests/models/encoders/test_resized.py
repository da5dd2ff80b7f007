import pytest

from radtex.errors import RunError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resized import at_size
from radtex.models.encoders.resolved import ResolvedEncoder


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


def test_a_transformer_of_one_size_and_a_size_too_small_are_refused():
    with pytest.raises(RunError, match="test_vit of w takes images of 160 px alone"):
        at_size(resolved("test_vit", 160), 96)
    with pytest.raises(RunError, match="at least 64 px, and 40 px were asked for"):
        at_size(resolved("test_resnet", 64), 40)
