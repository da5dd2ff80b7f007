"""From stored values to 8-bit grey levels: rescale, window or LUT, inversion, equalisation.

A stored value has at most 16 bits. So all of this is done once, on a table of the possible values,
and then each pixel is looked up in the table.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Intensity = Literal["window", "equalize"]
Values = NDArray[np.float64]
Stored = NDArray[np.uint8 | np.uint16]


@dataclass(frozen=True)
class LookupTable:
    """A table of outputs; beyond either end its last entry holds."""

    first: int
    """Input of the first entry."""
    entries: Values
    """Outputs for the inputs `first`, `first + 1`, …"""

    def __call__(self, values: Values) -> Values:
        """Return the entry of each value, rounded to the nearest input."""
        place = np.clip(np.rint(values) - self.first, 0, len(self.entries) - 1)
        found: Values = self.entries[place.astype(np.intp)]
        return found


@dataclass(frozen=True)
class Window:
    """A VOI window (DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3)."""

    centre: float
    """Input in the middle of the window."""
    width: float
    """Inputs that the window covers."""
    function: str = "LINEAR"
    """LINEAR, LINEAR_EXACT or SIGMOID."""

    def __call__(self, values: Values) -> Values:
        """Return how bright each value is, 0 (black) to 1 (white)."""
        if self.function == "SIGMOID":
            return 0.5 + 0.5 * np.tanh(2 * (values - self.centre) / self.width)
        centre, width = self.centre, self.width
        if self.function == "LINEAR":
            centre, width = centre - 0.5, max(width - 1, 1e-6)
        return np.clip((values - centre) / width + 0.5, 0, 1)


@dataclass(frozen=True)
class GreyScale:
    """How the stored values of one image become grey."""

    signed: bool = False
    """Whether the bits of stored values are two's complement."""
    slope: float = 1.0
    """Slope of the rescaling."""
    intercept: float = 0.0
    """Intercept of the rescaling."""
    modality: LookupTable | None = None
    """Table that takes the place of slope and intercept."""
    voi: Window | LookupTable | None = None
    """From rescaled values to 0…1; None takes the image's own range."""
    inverted: bool = False
    """Whether low values are bright."""
    padding: tuple[int, int] | None = None
    """Lowest and highest stored value that stand for no image."""
    palette: LookupTable | None = None
    """Luminance 0…1 of stored values, instead of all the others."""

    def grey(self, stored: Stored, bits: int, intensity: Intensity = "window") -> NDArray[np.uint8]:
        """Return the grey levels of stored values.

        Args:
            stored: the values.
            bits: bits of each.
            intensity: "window" shows the image as a viewer would. "equalize" makes it as the
                published images of MIMIC-CXR-JPG were made: the window is left out, the whole
                range with its padding is cut to 8 bits by truncation, inverted where needed, and
                then equalised.

        Returns:
            Grey levels, uint8 of the shape of `stored`.
        """
        sign = 2 ** (bits - 1) if self.signed else 0
        values = ((np.arange(2**bits) ^ sign) - sign).astype(np.float64)
        padded = np.zeros(len(values), dtype=bool)
        if self.padding is not None and intensity == "window":
            padded = (self.padding[0] <= values) & (values <= self.padding[1])
        if self.palette is not None:
            levels = self.palette(values)
        elif self.voi is not None and intensity == "window":
            levels = self.voi(self._rescaled(values))
        else:
            levels = _own_range(self._rescaled(values), stored, padded, sign)
        scaled = 255 * np.clip(levels, 0, 1)
        table = (scaled if intensity == "equalize" else np.rint(scaled)).astype(np.uint8)
        if self.inverted:
            table = 255 - table
        table[padded] = 0
        grey = _looked_up(table, stored)
        return equalize(grey) if intensity == "equalize" else grey

    def _rescaled(self, values: Values) -> Values:
        if self.modality is not None:
            return self.modality(values)
        return values * self.slope + self.intercept


def equalize(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Equalise the histogram of an image as OpenCV's `equalizeHist` does: the darkest becomes 0."""
    counts = np.array(Image.fromarray(image).histogram())
    darkest = int(np.flatnonzero(counts)[0])
    above = image.size - counts[darkest]
    if above == 0:
        return image
    brighter = np.cumsum(counts) - counts[darkest]
    table = np.rint(np.maximum(brighter, 0) * np.float32(255 / above)).astype(np.uint8)
    return _looked_up(table, image)


def _looked_up(table: NDArray[np.uint8], stored: Stored) -> NDArray[np.uint8]:
    """Return `table[stored]`, by rows: faster, as numpy's wide indices stay in cache."""
    grey = np.empty(stored.shape, dtype=np.uint8)
    for at in range(0, len(stored), 64):
        np.take(table, stored[at : at + 64], out=grey[at : at + 64], mode="clip")
    return grey


def _own_range(values: Values, stored: Stored, padded: NDArray[np.bool_], sign: int) -> Values:
    """Return `values` scaled so that those of the image's ends become 0 and 1."""
    inside = stored[~padded[stored]] if padded.any() else stored
    if inside.size == 0:
        return np.zeros_like(values)
    ordered = inside ^ inside.dtype.type(sign)
    ends = values[[int(ordered.min()) ^ sign, int(ordered.max()) ^ sign]]
    low, high = ends.min(), ends.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
