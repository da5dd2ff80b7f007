"""How the film was taken: the patient's position before it, the exposure, the noise."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
View = Literal["PA", "AP"]


@dataclass(frozen=True)
class Positioning:
    """The map from body coordinates to image fractions: scale, turn, shift."""

    scale: float
    """Image fractions for one unit of body coordinates."""
    angle: float
    """Turn, in radians."""
    shift: tuple[float, float]
    """Shift to the right and down, in image fractions."""

    def to_image(self, points: Points) -> Points:
        """Map body points (N, 2) to image fractions x, y, also (N, 2)."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        u, v = self.scale * points[:, 0], self.scale * (points[:, 1] - 0.5)
        x = cos * u - sin * v + (0.5 + self.shift[0])
        y = sin * u + cos * v + (0.5 + self.shift[1])
        return np.stack([x, y], axis=-1)

    def to_body(self, points: Points) -> Points:
        """Map image fractions x, y (…, 2) to body points (…, 2); the inverse of `to_image`."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        x = (points[..., 0] - (0.5 + self.shift[0])) / self.scale
        y = (points[..., 1] - (0.5 + self.shift[1])) / self.scale
        return np.stack([cos * x + sin * y, cos * y - sin * x + 0.5], axis=-1)


@dataclass(frozen=True)
class Technique:
    """Exposure and what surrounds the patient on the film."""

    positioning: Positioning
    """Where the patient lies on the film."""
    supine: bool
    """Whether the patient lies: pleural fluid then layers behind the lung."""
    inspiration: float
    """Lift of the diaphragm, in body coordinates; positive for a shallow breath."""
    magnification: float
    """Magnification of the heart."""
    centre: float
    """Attenuation that comes out mid-grey."""
    contrast: float
    """Steepness of the film's curve."""
    scatter: float
    """Scattered share of the open beam."""
    grain: float
    """Noise of the open beam at 128 pixels."""
    collimation: tuple[float, float, float, float]
    """Left, right, top and bottom margin, in image fractions."""
    marker: tuple[float, float]
    """Place x, y of the side marker "L", in image fractions."""
    grid: float
    """Depth of the lines of the anti-scatter grid; 0 without a grid."""
    leads: bool
    """Whether the electrodes and wires of a monitor lie on the chest."""
    fold: int
    """Side of a fold of skin, -1 or +1, or 0 without one."""
    noise_seed: int
    """Seed of the noise and of what lies on the skin."""


SUPINE = 0.5
"""Share of portable films that are taken supine; the others are taken sitting up."""


def sample_technique(rng: np.random.Generator, view: View) -> Technique:
    """Draw a technique; an AP film is portable: magnified, less inspired, more scattered."""
    portable = view == "AP"
    margins = rng.uniform(0, 0.05, 4) * (rng.random(4) < 0.35)
    return Technique(
        positioning=Positioning(
            scale=rng.uniform(0.97, 1.14) + 0.03 * portable,
            angle=rng.normal(0, math.radians(3 if portable else 1.5)),
            shift=(rng.normal(0, 0.015), rng.normal(0.02, 0.02)),
        ),
        supine=portable and bool(rng.random() < SUPINE),
        inspiration=rng.uniform(0.0, 0.06) if portable else rng.uniform(-0.015, 0.02),
        magnification=1.04 if portable else 1.0,
        centre=float(np.clip(rng.normal(1.02, 0.22), 0.7, 1.6)),
        contrast=rng.uniform(1.2, 2.0) - 0.25 * portable,
        scatter=rng.uniform(0.01, 0.07) + 0.04 * portable,
        grain=rng.uniform(0.006, 0.016),
        collimation=(float(margins[0]), float(margins[1]), float(margins[2]), float(margins[3])),
        marker=(rng.uniform(0.86, 0.94), rng.uniform(0.06, 0.14)),
        grid=rng.uniform(0.01, 0.03) if rng.random() < 0.1 else 0.0,
        leads=bool(rng.random() < (0.45 if portable else 0.03)),
        fold=int(rng.choice([-1, 1])) if portable and rng.random() < 0.12 else 0,
        noise_seed=int(rng.integers(2**31)),
    )
