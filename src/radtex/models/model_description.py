"""The architecture of a run: what must be known to build its networks."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from radtex.images import Fit, Intensity, Preprocessing
from radtex.models.decoder import Decoder, Direction
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput


@dataclass(frozen=True)
class DecoderDescription:
    """What must be known to build a run's decoder before its weights are loaded."""

    vocabulary: int
    """Number of tokens."""
    max_tokens: int
    """Longest input, the start token included."""
    directions: tuple[Direction, ...]
    """In which it reads and writes."""
    options: DecoderOptions
    """Its shape."""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "DecoderDescription":
        """Read what `dataclasses.asdict` made of one."""
        return cls(
            values["vocabulary"],
            values["max_tokens"],
            tuple(values["directions"]),
            DecoderOptions(**values["options"]),
        )

    def build(self, encoder: Encoder) -> Decoder:
        """Build a decoder with random weights that reads the grid of `encoder`."""
        return Decoder(
            encoder.width, self.vocabulary, self.max_tokens, self.options, self.directions
        )


@dataclass(frozen=True)
class ModelDescription:
    """The architecture of a run and the images that it expects."""

    backbone: str
    """The timm name of the encoder's network."""
    takes: EncoderInput
    """What its encoder takes; images of another size are resized bilinearly."""
    fit: Fit = "crop"
    """How its images were made square; what does not say so is older than the choice."""
    intensity: Intensity = "window"
    """How their grey levels were chosen."""
    decoder: DecoderDescription | None = None
    """None where the objective trains no decoder."""

    @property
    def preprocessing(self) -> Preprocessing:
        """What makes a file the image that the encoder expects."""
        return Preprocessing(self.takes.size, self.fit, self.intensity)

    def build_encoder(self) -> Encoder:
        """Build the encoder with random weights."""
        return Encoder(self.backbone, self.takes.size)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "ModelDescription":
        """Read the `model` section of a run's config."""
        rest = dict(values)
        takes = EncoderInput(rest.pop("input_size"), rest.pop("mean"), rest.pop("std"))
        decoder = rest.pop("decoder")
        if decoder is not None:
            decoder = DecoderDescription.read(decoder)
        return cls(takes=takes, decoder=decoder, **rest)

    def as_dict(self) -> dict[str, Any]:
        """The `model` section of a run's config."""
        return {
            "backbone": self.backbone,
            "input_size": self.takes.size,
            "mean": self.takes.mean,
            "std": self.takes.std,
            "fit": self.fit,
            "intensity": self.intensity,
            "decoder": None if self.decoder is None else asdict(self.decoder),
        }
