"""Where each finding's signs lie in a given chest: side, zone, form, strength, geometry."""

from collections.abc import Callable, Iterable

import numpy as np

from radtex.phantom.anatomy import APEX_A, HILUM, SIDES, ZONES, Anatomy, Side, Zone
from radtex.phantom.deformation import deformed
from radtex.phantom.device_paths import DEVICES, device_path
from radtex.phantom.pleural_space import visible
from radtex.phantom.signs import Shape, Sign, severity_of


def place(
    rng: np.random.Generator, anatomy: Anatomy, finding: str, supine: bool = False
) -> tuple[Sign, ...]:
    """Draw the one or more signs by which a finding shows.

    Args:
        rng: source of the draws.
        anatomy: the chest.
        finding: one of `FINDINGS`.
        supine: whether the patient lies, so that pleural fluid layers.
    """
    if finding == "Pleural Effusion":
        return _effusion(rng, anatomy, supine)
    return _PLACE[finding](rng, anatomy)


def place_all(
    generators: Callable[[str], np.random.Generator],
    anatomy: Anatomy,
    findings: Iterable[str],
    supine: bool,
) -> tuple[Sign, ...]:
    """Draw the signs of several findings, without those that another hides.

    Each finding is placed in the chest as those before it have left it.

    Args:
        generators: the source of draws for a finding of this name.
        anatomy: the chest before any sign deforms it.
        findings: names of the findings, in the order in which they are placed.
        supine: whether the patient lies, so that pleural fluid layers.
    """
    shape, signs = anatomy, list[Sign]()
    for name in findings:
        placed = place(generators(name), shape, name, supine)
        shape = deformed(shape, placed)
        signs.extend(placed)
    return visible(signs, shape)


def _sign(
    rng: np.random.Generator,
    name: str,
    shape: Shape,
    strength: float,
    form: str = "",
    side: Side | None = None,
    zone: Zone | None = None,
) -> Sign:
    severity = severity_of(strength)
    texture = int(rng.integers(2**31))
    return Sign(name, form, side or "", zone or "", severity, strength, shape, texture)


def _strength(rng: np.random.Generator) -> float:
    return float(rng.beta(1.8, 1.6))


def _side(rng: np.random.Generator) -> Side:
    return "right" if rng.random() < 0.5 else "left"


def _sides(rng: np.random.Generator, both: float) -> tuple[Side, ...]:
    return ("right", "left") if rng.random() < both else (_side(rng),)


def _zone(rng: np.random.Generator, weights: tuple[float, float, float]) -> Zone:
    return ZONES[int(rng.choice(3, p=weights))]


def _spot(
    rng: np.random.Generator, anatomy: Anatomy, side: Side, zone: Zone, inset: float
) -> tuple[float, float]:
    """Draw a point (u, v) of one lung zone, about `inset` inside the lung's borders."""
    top, bottom = anatomy.zone_extent(side, zone)
    v = rng.uniform(top + 0.25 * (bottom - top), bottom - 0.2 * (bottom - top))
    inner = 0.06 if zone != "lower" else 0.1
    if zone == "lower" and side == "left":
        inner = anatomy.heart_borders()[1]
    outer = float(anatomy.lateral(v)) - inset
    a = rng.uniform(min(inner + inset, outer - 0.01), outer)
    return SIDES[side] * a, float(v)


def _atelectasis(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    signs = []
    for side in _sides(rng, 0.25):
        strength = _strength(rng)
        if rng.random() < 0.55:
            zone = _zone(rng, (0.05, 0.25, 0.7))
            u, v = _spot(rng, anatomy, side, zone, 0.06)
            length = rng.uniform(0.11, 0.16) + 0.06 * strength
            angle = SIDES[side] * rng.normal(0.1, 0.25)
            shape = Shape(u, v, length, rng.uniform(0.02, 0.026) + 0.014 * strength, angle)
            signs.append(_sign(rng, "Atelectasis", shape, strength, "band", side, zone))
        else:
            height = 0.13 + 0.09 * strength
            bottom = anatomy.dome[side == "left"] + 0.04
            u = SIDES[side] * (0.13 + 0.05 * (side == "left"))
            shape = Shape(u, bottom - 0.5 * height, 0.22, height)
            signs.append(_sign(rng, "Atelectasis", shape, strength, "basal", side, "lower"))
    return tuple(signs)


def _cardiomegaly(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    strength = _strength(rng)
    width = (0.535 + 0.15 * strength) * 2 * anatomy.half_width
    height = anatomy.heart_height
    v = min(anatomy.dome) + 0.045 - height / 2
    shape = Shape(anatomy.midline + 0.17 * width, v, width, height)
    return (_sign(rng, "Cardiomegaly", shape, strength),)


def _consolidation(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    side, strength = _side(rng), _strength(rng)
    zone = _zone(rng, (0.3, 0.25, 0.45))
    top, bottom = anatomy.zone_extent(side, zone)
    v = (top + bottom) / 2
    outer = float(anatomy.lateral(v))
    width = (0.6 + 0.4 * strength) * (outer - 0.03)
    a = outer - width / 2 if rng.random() < 0.6 else 0.03 + width / 2
    shape = Shape(SIDES[side] * a, v, width, (0.85 + 0.3 * strength) * (bottom - top))
    return (_sign(rng, "Consolidation", shape, strength, "lobar", side, zone),)


def _edema(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    strength = _strength(rng)
    return tuple(
        _sign(
            rng,
            "Edema",
            Shape(anatomy.midline + sign * (HILUM[0] + 0.09), HILUM[1] + 0.06, 0.36, 0.6),
            strength,
            "perihilar",
            side,
        )
        for side, sign in SIDES.items()
    )


def _opacity(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    side, strength = _side(rng), _strength(rng)
    zone = _zone(rng, (0.3, 0.35, 0.35))
    width, height = (rng.uniform(0.15, 0.2, 2) + 0.06 * strength).tolist()
    u, v = _spot(rng, anatomy, side, zone, 0.06)
    return (_sign(rng, "Lung Opacity", Shape(u, v, width, height), strength, "hazy", side, zone),)


def _effusion(rng: np.random.Generator, anatomy: Anatomy, supine: bool) -> tuple[Sign, ...]:
    form = "layering" if supine else "meniscus"
    signs = []
    for side in _sides(rng, 0.3):
        strength = _strength(rng)
        sulcus = anatomy.dome[side == "left"] + anatomy.sulcus
        level = sulcus - 0.09 - 0.34 * strength**1.3
        top = anatomy.apex + 0.12 if form == "layering" else level
        width = anatomy.half_width - 0.03
        u = SIDES[side] * (anatomy.half_width - width / 2)
        shape = Shape(u, (top + sulcus) / 2, width, sulcus - top)
        signs.append(_sign(rng, "Pleural Effusion", shape, strength, form, side))
    return tuple(signs)


def _pneumonia(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    signs = []
    for side in _sides(rng, 0.25):
        strength = _strength(rng)
        zone = _zone(rng, (0.2, 0.25, 0.55))
        u, v = _spot(rng, anatomy, side, zone, 0.07)
        width, height = (rng.uniform(0.16, 0.22, 2) + 0.08 * strength).tolist()
        shape = Shape(u, v, width, height)
        signs.append(_sign(rng, "Pneumonia", shape, strength, "patchy", side, zone))
    return tuple(signs)


def _pneumothorax(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    side, strength = _side(rng), _strength(rng)
    reach = 0.5 + 0.4 * strength
    top = anatomy.apex
    bottom = top + reach * (anatomy.dome[side == "left"] - top)
    inner = APEX_A - 0.06
    u = SIDES[side] * (inner + anatomy.half_width) / 2
    shape = Shape(u, (top + bottom) / 2, anatomy.half_width - inner, bottom - top)
    return (_sign(rng, "Pneumothorax", shape, strength, "apicolateral", side),)


def _devices(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    count = 1 + int(rng.random() < 0.35)
    signs = []
    for form in rng.choice(DEVICES, count, replace=False).tolist():
        side = _side(rng)
        path = device_path(rng, anatomy, form, side)
        low, high = path.min(axis=0), path.max(axis=0)
        u, v = ((low + high) / 2).tolist()
        margin = 0.09 if form == "pacemaker" else 0.03
        width, height = (high - low + margin).tolist()
        corners = tuple((float(x), float(y)) for x, y in path)
        shape = Shape(u, v, width, height, path=corners)
        texture = int(rng.integers(2**31))
        has_side = form not in ("endotracheal tube", "enteric tube", "sternal wires")
        signs.append(
            Sign("Support Devices", form, side if has_side else "", "", "", 0.0, shape, texture)
        )
    return tuple(signs)


def _nodule(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    side, strength = _side(rng), _strength(rng)
    zone = _zone(rng, (0.4, 0.35, 0.25))
    u, v = _spot(rng, anatomy, side, zone, 0.035)
    size = 0.034 + 0.04 * strength
    shape = Shape(u, v, size, size * rng.uniform(0.85, 1.1))
    return (_sign(rng, "Nodule", shape, strength, "round", side, zone),)


def _fracture(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    side, strength = _side(rng), _strength(rng)
    zone = _zone(rng, (0.25, 0.45, 0.3))
    top, bottom = anatomy.zone_extent(side, zone)
    wanted = rng.uniform(top, bottom)
    a = rng.uniform(0.72, 0.9) * float(anatomy.lateral(wanted))
    below = float(anatomy.rib(a))
    level = np.round((wanted - below) / anatomy.rib_spacing + anatomy.rib_offset - 0.5) + 0.5
    v = (level - anatomy.rib_offset) * anatomy.rib_spacing + below
    size = 0.9 * anatomy.rib_spacing
    shape = Shape(SIDES[side] * a, float(v), size, size)
    return (_sign(rng, "Fracture", shape, strength, "rib", side, zone),)


def _scoliosis(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    side, strength = _side(rng), _strength(rng)
    excursion = 0.022 + 0.036 * strength
    shape = Shape(anatomy.midline, 0.47, 2 * excursion + 0.08, 0.74)
    return (_sign(rng, "Scoliosis", shape, strength, "thoracic", side),)


def _hernia(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    strength = _strength(rng)
    size = 0.09 + 0.1 * strength
    v = min(anatomy.dome) + 0.02 - 0.4 * size
    shape = Shape(anatomy.midline + rng.uniform(0.015, 0.05), v, size, size)
    return (_sign(rng, "Hernia", shape, strength, "hiatal"),)


def _emphysema(rng: np.random.Generator, anatomy: Anatomy) -> tuple[Sign, ...]:
    strength = _strength(rng)
    top, bottom = anatomy.apex, max(anatomy.dome) + anatomy.sulcus
    shape = Shape(0.0, (top + bottom) / 2, 2 * anatomy.half_width, bottom - top)
    return (_sign(rng, "Emphysema", shape, strength, "diffuse"),)


_PLACE: dict[str, Callable[[np.random.Generator, Anatomy], tuple[Sign, ...]]] = {
    "Atelectasis": _atelectasis,
    "Cardiomegaly": _cardiomegaly,
    "Consolidation": _consolidation,
    "Edema": _edema,
    "Lung Opacity": _opacity,
    "Pneumonia": _pneumonia,
    "Pneumothorax": _pneumothorax,
    "Support Devices": _devices,
    "Nodule": _nodule,
    "Fracture": _fracture,
    "Scoliosis": _scoliosis,
    "Hernia": _hernia,
    "Emphysema": _emphysema,
}
