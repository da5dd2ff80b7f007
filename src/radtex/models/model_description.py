"""The architecture of a run: what must be known to build its networks."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, get_args

from radtex.bounds import AtLeast, AtMost, refuse_out_of_bounds
from radtex.images import Fit, Intensity, Preprocessing
from radtex.models.decoder import Decoder, Direction
from radtex.models.decoder_options import DecoderOptions
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput, Interpolation

SIDES = range(8, 4097)
"""Sides of images, in pixels, that a description may ask for."""


@dataclass(frozen=True)
class DecoderDescription:
    """What must be known to build a run's decoder before its weights are loaded."""

    vocabulary: Annotated[int, AtLeast(4), AtMost(1_000_000)]
    """Number of tokens."""
    max_tokens: Annotated[int, AtLeast(1), AtMost(16_384)]
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

    def check(self) -> None:
        """Refuse what no decoder can be built of.

        Raises:
            ValueError: if a value is out of bounds.
        """
        refuse_out_of_bounds(self)
        refuse_out_of_bounds(self.options)
        if self.options.hidden % self.options.heads:
            raise ValueError(f"{self.options.heads} heads do not divide {self.options.hidden}")
        known = set(self.directions) <= set(get_args(Direction))
        if not known or not self.directions or len(set(self.directions)) < len(self.directions):
            raise ValueError(f"directions {self.directions!r}")

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

    def check(self) -> None:
        """Refuse what no network can be built of, or no image be made for.

        Raises:
            ValueError: if a value is out of bounds.
        """
        if not isinstance(self.backbone, str):
            raise ValueError(f"backbone {self.backbone!r}")
        if isinstance(self.takes.size, bool) or self.takes.size not in SIDES:
            raise ValueError(f"a side of {self.takes.size!r} pixels")
        for name, value in (("mean", self.takes.mean), ("std", self.takes.std)):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value):
                raise ValueError(f"{name} is {value!r}, which is no number")
        if self.takes.std <= 0:
            raise ValueError(f"std is {self.takes.std}; expected > 0")
        if self.takes.interpolation not in get_args(Interpolation):
            raise ValueError(f"interpolation {self.takes.interpolation!r}")
        if self.fit not in get_args(Fit) or self.intensity not in get_args(Intensity):
            raise ValueError(f"fit {self.fit!r}, intensity {self.intensity!r}")
        if self.decoder is not None:
            self.decoder.check()

    def build_encoder(self) -> Encoder:
        """Build the encoder with random weights."""
        return Encoder(self.backbone, self.takes.size)

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "ModelDescription":
        """Read the `model` section of a run's config.

        Raises:
            KeyError: if it lacks something.
            TypeError: if something is of another type, or one too many.
            ValueError: if a value is out of bounds.
        """
        rest = dict(values)
        takes = EncoderInput(rest.pop("input_size"), rest.pop("mean"), rest.pop("std"))
        decoder = rest.pop("decoder")
        if decoder is not None:
            decoder = DecoderDescription.read(decoder)
        description = cls(takes=takes, decoder=decoder, **rest)
        description.check()
        return description

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
