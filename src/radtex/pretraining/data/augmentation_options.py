"""How far an augmentation may go."""

from dataclasses import dataclass
from typing import Annotated

from radtex.bounds import AtLeast


@dataclass(frozen=True)
class AugmentationOptions:
    """Ranges that are drawn from evenly, for each image by itself."""

    crop_area: float = 0.6
    """Smallest share of the image that a random crop keeps; 1 keeps all."""
    crop_ratio: float = 0.75
    """Narrowest ratio of the crop's sides; its inverse is the widest."""
    rotation: float = 10.0
    """Largest rotation in degrees, either way."""
    brightness: float = 0.2
    """Largest shift of the grey levels, in standard deviations, either way."""
    contrast: float = 0.2
    """Largest relative change of contrast, either way."""
    blur: Annotated[float, AtLeast(0)] = 0.0
    """Largest standard deviation of a Gaussian blur, in pixels of the encoder's input."""
    noise: Annotated[float, AtLeast(0)] = 0.0
    """Largest standard deviation of Gaussian noise, in standard deviations of the grey levels."""
    flip: Annotated[float, AtLeast(0)] = 0.0
    """Probability that an image is mirrored, with left and right exchanged in its text."""
