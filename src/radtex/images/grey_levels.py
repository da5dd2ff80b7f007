"""From stored values to 8-bit grey levels: rescale, window or LUT, inversion, equalisation.

A stored value has at most 16 bits. So all of this is done once, on a table of the possible values,
and then each pixel is looked up in the table.
"""

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radtex.images.pixel_samples import UnreadImageError

Intensity = Literal["window", "equalize"]
Values = NDArray[np.float64]
Stored = NDArray[np.uint8 | np.uint16]

_LEAST_INSIDE = 0.01
"""Share of the pixels that a window or table must cover. A film has more of the body in it."""
_SAMPLED = 256
"""Rows and columns from which the share is estimated."""
_ALL_PADDING = "is padding alone as its PixelPaddingValue says; correct or remove the element"
_SIGMOID_END = 254 / 510
"""Distance from the middle at which a sigmoid is all but black or white in 8 bits."""


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

    def covers(self, values: Values) -> NDArray[np.bool_]:
        """Tell which values have an entry of their own."""
        place = np.rint(values) - self.first
        return (place >= 0) & (place < len(self.entries))

    def placed(self, values: Values) -> Self:
        """Return the table whose first input has the sign that fits the values of an image.

        Some files state it unsigned where pixels are signed, or the other way round.
        """
        if not self.covers(values).any():
            for first in (self.first - 2**16, self.first + 2**16):
                other = replace(self, first=first)
                if other.covers(values).any():
                    return other
        return self


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
        return np.clip(self._levels(values), 0, 1)

    def covers(self, values: Values) -> NDArray[np.bool_]:
        """Tell which values are not cut to black or white."""
        levels = self._levels(values)
        if self.function == "SIGMOID":
            return np.abs(levels - 0.5) < _SIGMOID_END
        return (levels >= 0) & (levels <= 1)

    def _levels(self, values: Values) -> Values:
        if self.function == "SIGMOID":
            return 0.5 + 0.5 * np.tanh(2 * (values - self.centre) / self.width)
        centre, width = self.centre, self.width
        if self.function == "LINEAR":
            centre, width = centre - 0.5, max(width - 1, 1e-6)
        return (values - centre) / width + 0.5


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
    """Lowest and highest stored value that stand for no image, as the file states them: perhaps
    with the other sign than the values have."""
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

        Raises:
            UnreadImageError: if all is padding, or the window or table makes nearly all black or
                white.
        """
        sign = 2 ** (bits - 1) if self.signed else 0
        values = ((np.arange(2**bits) ^ sign) - sign).astype(np.float64)
        padded = np.zeros(len(values), dtype=bool)
        if intensity == "window" and (padding := self._padding(bits)):
            padded = (padding[0] <= values) & (values <= padding[1])
        if self.palette is not None:
            levels = self.palette.placed(values[_sample(stored)])(values)
        elif self.voi is not None and intensity == "window":
            levels = _shown(self.voi, self._rescaled(values, stored), stored, padded)
        else:
            levels = _own_range(self._rescaled(values, stored), stored, padded, sign)
        scaled = 255 * np.clip(levels, 0, 1)
        table = (scaled if intensity == "equalize" else np.rint(scaled)).astype(np.uint8)
        if self.inverted:
            table = 255 - table
        table[padded] = 0
        grey = _looked_up(table, stored)
        return equalize(grey) if intensity == "equalize" else grey

    def _rescaled(self, values: Values, stored: Stored) -> Values:
        if self.modality is not None:
            return self.modality.placed(values[_sample(stored)])(values)
        return values * self.slope + self.intercept

    def _padding(self, bits: int) -> tuple[int, int] | None:
        """Return the padding's range among the values that `bits` can hold."""
        if self.padding is None:
            return None
        low = -(2 ** (bits - 1)) if self.signed else 0
        high = low + 2**bits - 1
        cut = max(self.padding[0], low), min(self.padding[1], high)
        if cut == self.padding:
            return cut
        ends = [_as_pattern(end, bits, low, high) for end in self.padding]
        known = sorted(end for end in ends if end is not None)
        readings = [(known[0], known[1])] if len(known) == 2 else []
        readings += [cut] if cut[0] <= cut[1] else []
        return min(readings, key=lambda ends: ends[1] - ends[0], default=None)


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


def _as_pattern(value: int, bits: int, low: int, high: int) -> int | None:
    """Return the value from `low` to `high` that has the bits of one with the other sign."""
    pattern = value & 0xFFFF
    for depth in (16, bits):
        signed = pattern - 2**depth if pattern >= 2 ** (depth - 1) else pattern
        for reading in (value, pattern, signed):
            if low <= reading <= high and pattern < 2**depth:
                return reading
    return None


def _sample(stored: Stored) -> Stored:
    """Return some of the pixels, evenly spread."""
    step = max(1, min(stored.shape) // _SAMPLED)
    return stored[::step, ::step]


def _shown(
    voi: Window | LookupTable, values: Values, stored: Stored, padded: NDArray[np.bool_]
) -> Values:
    """Return what a window or table makes of `values`, or refuse one that shows nothing."""
    for pixels in (_sample(stored), stored):  # all of them only where some are not enough
        counts = np.bincount(pixels.ravel(), minlength=len(values))
        counts[padded] = 0
        present = counts > 0
        fitting = voi.placed(values[present]) if isinstance(voi, LookupTable) else voi
        inside = counts[fitting.covers(values)].sum()
        if counts.any() and inside >= _LEAST_INSIDE * counts.sum():
            return fitting(values)
    if not counts.any():
        raise UnreadImageError(_ALL_PADDING)
    if np.count_nonzero(present) == 1:
        return fitting(values)
    elements = "VOILUTSequence" if isinstance(voi, LookupTable) else "WindowCenter, WindowWidth"
    raise UnreadImageError(
        f"is all but black or white as its window says ({elements}), which lies outside the "
        "pixels' values; correct or remove it"
    )


def _own_range(values: Values, stored: Stored, padded: NDArray[np.bool_], sign: int) -> Values:
    """Return `values` scaled so that those of the image's ends become 0 and 1."""
    inside = stored[~padded[stored]] if padded.any() else stored
    if inside.size == 0:
        raise UnreadImageError(_ALL_PADDING)
    ordered = inside ^ inside.dtype.type(sign)
    ends = values[[int(ordered.min()) ^ sign, int(ordered.max()) ^ sign]]
    low, high = ends.min(), ends.max()
    return (values - low) / (high - low) if high > low else np.zeros_like(values)
