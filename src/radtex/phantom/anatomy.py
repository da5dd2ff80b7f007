"""The patient: where the thorax, lungs, heart and bones lie.

Body coordinates are fractions of a film's side before positioning: `u` runs from the midline
(0) towards the patient's left, which is the right of the image; `v` runs from the top (0) to the
bottom (1). A side is -1 (right) or +1 (left); `a = side * u` is the distance from the midline.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Sex = Literal["F", "M"]
Side = Literal["right", "left"]
Zone = Literal["upper", "mid", "lower"]
SIDES: dict[Side, int] = {"right": -1, "left": 1}
ZONES: tuple[Zone, ...] = ("upper", "mid", "lower")
CARINA = 0.37
"""`v` of the carina."""

HILUM = (0.075, 0.44)
"""`a` and `v` of the hilum."""

APEX_A = 0.17
"""`a` of the lung's apex."""

DOME_A = 0.19
"""`a` of the diaphragm's highest point."""


@dataclass(frozen=True)
class Anatomy:
    """One patient's normal chest; lengths in body coordinates."""

    half_width: float
    """Distance from the midline to the inner chest wall."""
    wall: float
    """Thickness of the chest wall."""
    depth: float
    """Attenuation along the ray through the middle of the body."""
    bell: float
    """How soon the lung widens below its apex."""
    apex: float
    """`v` of the lung apices."""
    dome: tuple[float, float]
    """`v` of the top of the right and of the left hemidiaphragm."""
    sulcus: float
    """Depth of the costophrenic angle below the dome."""
    heart_ratio: float
    """Cardiothoracic ratio."""
    heart_height: float
    """Height of the heart, from its base to the diaphragm."""
    mediastinum: float
    """Half the width at the level of the aortic arch."""
    knob: float
    """Radius of the aortic knob."""
    midline: float
    """Shift of the mediastinum when the patient is rotated."""
    air: float
    """Share of the depth that the air in the lungs takes."""
    rib_spacing: float
    """From one posterior rib to the next."""
    rib_offset: float
    """Where the row of ribs begins, in rib spacings."""
    rib_density: float
    """Attenuation of a rib."""
    clavicle_tilt: tuple[float, float]
    """Rise of the right and of the left clavicle towards the shoulder."""
    arm: float
    """Distance of the upper arms from the midline."""
    breasts: tuple[float, float]
    """Attenuation of the right and of the left breast shadow."""
    basal_haze: float
    """Share of the air that is missing at the lung bases."""
    gastric_air: float
    """Gas in the stomach, 0 (none) to 1."""
    spine_curve: float
    """Sideways excursion of the spine, 0 when straight."""
    vessel_seed: int
    """Seed of the branching of the pulmonary vessels."""

    def descent(self, v: Array | float) -> Array:
        """Return how far down the lung `v` lies: 0 at the apex, 1 at the costophrenic angle."""
        base = max(self.dome) + self.sulcus
        share: Array = np.clip((v - self.apex) / (base - self.apex), 0, 1)
        return share

    def lateral(self, v: Array | float) -> Array:
        """Return `a` of the lung's outer border at `v`."""
        rise: Array = np.sqrt(1 - (1 - self.descent(v)) ** self.bell)
        return APEX_A + (self.half_width - APEX_A) * rise

    def medial(self, v: Array) -> Array:
        """Return `a` of the lung's inner border at `v`, before the mediastinum covers it."""
        apical: Array = np.clip(1 - (v - self.apex) / 0.11, 0, 1)
        border: Array = 0.025 + (APEX_A - 0.025) * (1 - np.sqrt(1 - apical**2))
        return border

    def diaphragm(self, a: Array, side: Side) -> Array:
        """Return `v` of the hemidiaphragm at `a`."""
        out: Array = np.clip((a - DOME_A) / (self.half_width - DOME_A), 0, 1.2)
        within: Array = np.clip((DOME_A - a) / DOME_A, 0, 1)
        return self.dome[side == "left"] + self.sulcus * out**2 + 0.4 * self.sulcus * within**2

    def heart_borders(self) -> tuple[float, float]:
        """Return `u` of the right and of the left heart border."""
        width = self.heart_ratio * 2 * self.half_width
        return self.midline - 0.33 * width, self.midline + 0.67 * width

    def spine(self, v: Array) -> Array:
        """Return `u` of the spine's axis at `v`."""
        axis: Array = self.midline * 0.4 + self.spine_curve * np.sin((v - 0.1) * 4.2)
        return axis

    def rib(self, a: Array | float) -> Array:
        """Return how far below its origin at the spine a posterior rib lies at `a`."""
        s = np.asarray(a) / self.half_width
        return 0.015 - 0.05 * s + 0.06 * s**2 + 0.12 * s**5

    def zone_extent(self, side: Side, zone: Zone) -> tuple[float, float]:
        """Return `v` of the top and of the bottom of one third of a lung."""
        height = self.dome[side == "left"] + 0.02 - self.apex
        first = self.apex + height * ZONES.index(zone) / 3
        return first, first + height / 3


def sample_anatomy(rng: np.random.Generator, sex: Sex, age: int) -> Anatomy:
    """Draw a normal chest; its build varies, with sex and age among other things."""
    habitus = rng.normal(0, 1)
    half_width = float(np.clip(rng.normal(0.365, 0.016) - 0.008 * (sex == "F"), 0.325, 0.4))
    dome = float(np.clip(rng.normal(0.72, 0.022), 0.67, 0.77))
    breast = rng.uniform(0.15, 0.6) if sex == "F" else 0.0
    return Anatomy(
        half_width=half_width,
        wall=float(np.clip(0.05 + 0.022 * habitus, 0.025, 0.11)),
        depth=float(np.clip(2.6 + 0.3 * habitus, 2.0, 3.4)),
        bell=rng.uniform(1.8, 2.8),
        apex=rng.uniform(0.1, 0.14),
        dome=(dome, dome + rng.uniform(0.0, 0.03)),
        sulcus=rng.uniform(0.08, 0.12),
        heart_ratio=float(np.clip(rng.normal(0.435, 0.028), 0.37, 0.485)),
        heart_height=rng.uniform(0.27, 0.32),
        mediastinum=rng.uniform(0.05, 0.066),
        knob=rng.uniform(0.022, 0.03) + 0.01 * max(0, age - 50) / 40,
        midline=rng.normal(0, 0.007),
        air=rng.uniform(0.7, 0.76),
        rib_spacing=rng.uniform(0.066, 0.076),
        rib_offset=rng.uniform(0, 1),
        rib_density=rng.uniform(0.2, 0.36),
        clavicle_tilt=(rng.normal(0.05, 0.022), rng.normal(0.05, 0.022)),
        arm=half_width + rng.uniform(0.1, 0.15),
        breasts=(breast * rng.uniform(0.6, 1), breast * rng.uniform(0.6, 1)),
        basal_haze=rng.uniform(0.0, 0.2),
        gastric_air=rng.uniform(0, 1),
        spine_curve=rng.normal(0, 0.002),
        vessel_seed=int(rng.integers(2**31)),
    )
