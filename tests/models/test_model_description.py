"""The architecture of a run, as its config keeps it."""

from radtex.images import Preprocessing
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder_input import EncoderInput
from radtex.models.model_description import DecoderDescription, ModelDescription
from radtex.pretraining.recipe import plain

DECODER = DecoderDescription(300, 24, ("forward",), DecoderOptions(hidden=16, heads=2))
TAKES = EncoderInput(64, 120.0, 50.0)


def test_what_a_config_keeps_is_read_back() -> None:
    for decoder in (DECODER, None):
        description = ModelDescription("test_resnet", TAKES, "pad", "equalize", decoder)
        assert ModelDescription.read(plain(description.as_dict())) == description


def test_the_section_is_flat() -> None:
    section = ModelDescription("test_resnet", TAKES).as_dict()
    names = ["backbone", "input_size", "mean", "std", "fit", "intensity", "decoder"]
    assert list(section) == names


def test_a_config_of_earlier_versions_lacks_fit_and_intensity() -> None:
    section = {"backbone": "a", "input_size": 64, "mean": 120.0, "std": 50.0, "decoder": None}
    assert ModelDescription.read(section).preprocessing == Preprocessing(64, "crop", "window")


def test_the_networks_have_the_described_shape() -> None:
    description = ModelDescription("test_resnet", TAKES, decoder=DECODER)
    encoder = description.build_encoder()
    assert (encoder.backbone, encoder.input_size) == ("test_resnet", 64)
    decoder = DECODER.build(encoder)
    assert decoder.tokens.weight.shape == (300, 16)
    assert decoder.project.in_features == encoder.width
    assert decoder.directions == ("forward",)
