"""Image files to 8-bit grey pixels."""

from radtex.images.preprocessing import Preprocessing
from radtex.images.reading import MAX_PIXELS, Fit, Intensity, fit, read_image

__all__ = ["MAX_PIXELS", "Fit", "Intensity", "Preprocessing", "fit", "read_image"]
