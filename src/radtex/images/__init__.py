"""Image files to 8-bit grey pixels."""

from radtex.images.reading import MAX_PIXELS, fit, read_image

__all__ = ["MAX_PIXELS", "fit", "read_image"]
