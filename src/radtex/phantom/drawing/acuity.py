"""How sharp a film is: signs must leave no trace in it.

A drawn sign is sharper, or smoother, than the film that it lies on; warping smooths it. All of
that shows in the film's spectrum, wherever the sign is. So each film, with signs or without, is
given a spectrum that does not depend on them.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, idctn

from radtex.phantom.anatomy import Array

_FROM, _FULL, _TO = 0.2, 0.26, 2**0.5
"""Frequencies, in Nyquist's: where the filter begins, where it is whole, where the plane ends."""

_KNOTS = 9
"""Of the curve by which films differ in sharpness."""

_VARIATION = 0.1
"""Deviation of that curve, as a share of the amplitude."""

_PASSES = 3
"""Filters one after the other: power leaks between neighbouring frequencies."""

_BLACK = 0.1
"""Grey below which the filter acts less."""

_MOST = np.log(2.5)
"""Largest factor on an amplitude, as a logarithm."""


class _Rings(NamedTuple):
    window: Array
    """(S, S)."""
    mean: Array
    """(S · (S // 2 + 1), rings): averages power over rings."""
    place: Array
    """Ring of each coefficient of the cosine transform, with fractions, (S, S)."""
    share: Array
    """How much of the filter acts on each coefficient, (S, S)."""


def with_spectrum_of(
    grey: Array, model: Array, rng: np.random.Generator, contrast: float = 0.7
) -> Array:
    """Return a film whose radial power spectrum has the shape of another's.

    Filters act on the whole film, but where it is black. They follow the ratio of the two spectra,
    less most of its mean, and a smooth random curve, as films from different machines differ. Slow
    changes of grey stay as they are.

    Args:
        grey: the film, (S, S), 0 black to 1 white.
        model: the film whose spectrum counts, (S, S).
        rng: source of the curve.
        contrast: share of the change in overall strength that is left; haze takes contrast, and
            may be seen to.
    """
    rings = _rings(len(grey))
    count = rings.mean.shape[1]
    wanted = _log_power(model, rings)
    knots = rng.normal(0, _VARIATION, _KNOTS) + rng.normal(0, _VARIATION)
    gain = np.interp(np.linspace(0, _KNOTS - 1, count), np.arange(_KNOTS), knots)
    wanted = wanted + 2 * gain
    offset = None
    for _ in range(_PASSES):
        gain = (wanted - _log_power(grey, rings)) / 2
        if offset is None:
            offset = contrast * (gain.mean() - knots.mean())
        gain = np.clip(gain - offset, -_MOST, _MOST)
        factor = np.exp(np.interp(rings.place, np.arange(count), gain) * rings.share)
        change = idctn(dctn(grey, norm="ortho") * factor, norm="ortho") - grey
        grey = grey + np.clip(grey / _BLACK, 0, 1) * change
    return np.asarray(grey)


def _log_power(film: Array, rings: _Rings) -> NDArray[np.float64]:
    spectrum = np.fft.rfft2((film - film.mean()) * rings.window)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(np.log(power.ravel() @ rings.mean + 1e-8 * len(film) ** 2))


@lru_cache(maxsize=4)
def _rings(size: int) -> _Rings:
    count = max(2, min(32, int((_TO - _FROM) * size / 2)))
    taper = np.hanning(size + 2)[1:-1]
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)) * 2
    ring = np.floor((radius - _FROM) / (_TO - _FROM) * count).ravel().astype(int)
    inside = (ring[:, None] == np.arange(count)).astype(np.float64)
    twice = np.full(radius.shape, 2.0)
    twice[:, [0] if size % 2 else [0, -1]] = 1
    inside *= twice.reshape(-1, 1)
    of_cosines = np.hypot(np.arange(size)[:, None], np.arange(size)) / size
    return _Rings(
        taper * taper[:, None],
        inside / np.maximum(inside.sum(0), 1),
        (of_cosines - _FROM) / (_TO - _FROM) * count - 0.5,
        np.clip((of_cosines - _FROM) / (_FULL - _FROM), 0, 1),
    )
