import pytest
import torch

from radtex.errors import RunError
from radtex.models.encoder import Encoder
from radtex.models.encoders.encoder_layer import EncoderLayer
from radtex.transfer.contestants.feature_cache import features_key


@pytest.mark.parametrize(("layer", "shape"), [(0, (32, 32, 32)), (3, (192, 4, 4)), (4, (96, 2, 2))])
def test_a_layer_gives_its_own_grid(layer, shape):
    encoder = EncoderLayer(Encoder("test_resnet", 64), layer).eval()
    assert encoder(torch.zeros(2, 1, 64, 64)).shape == (2, *shape)
    assert encoder.backbone == "test_resnet"


def test_the_deepest_layer_of_a_resnet_is_its_last():
    encoder = Encoder("test_resnet", 64).eval()
    images = torch.randn(2, 1, 64, 64)
    assert torch.allclose(EncoderLayer(encoder, 4)(images), encoder(images), atol=1e-6)


def test_a_block_of_a_transformer_is_a_layer():
    encoder = EncoderLayer(Encoder("test_vit", 160), 2).eval()
    assert encoder(torch.zeros(1, 1, 160, 160)).shape == (1, 64, 10, 10)


def test_a_layer_that_is_not_there_is_refused():
    with pytest.raises(RunError, match="layers 0 to 4, and layer 9"):
        EncoderLayer(Encoder("test_resnet", 64), 9)


def test_layers_of_one_encoder_have_features_of_their_own(phantom_corpus):
    encoder = Encoder("test_resnet", 64)
    rows = phantom_corpus.rows("test")[:2]
    keys = {
        features_key(EncoderLayer(encoder, layer), phantom_corpus.images, rows) for layer in (2, 3)
    }
    assert len(keys) == 2
