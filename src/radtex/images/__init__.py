"""From image files to 8-bit grey pixels."""

from radtex.images.grey_levels import Intensity
from radtex.images.header import Header, read_header
from radtex.images.pictures import PICTURE_SUFFIXES
from radtex.images.pixel_samples import MAX_PIXELS
from radtex.images.preprocessing import Preprocessing
from radtex.images.reading import MAX_FILE, read_image
from radtex.images.squaring import Fit, cut_share, fit

__all__ = [
    "MAX_FILE",
    "MAX_PIXELS",
    "PICTURE_SUFFIXES",
    "Fit",
    "Header",
    "Intensity",
    "Preprocessing",
    "cut_share",
    "fit",
    "read_header",
    "read_image",
]
