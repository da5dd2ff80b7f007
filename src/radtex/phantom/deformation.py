"""Signs that change the shape of the chest itself rather than add a shadow to it."""

from collections.abc import Iterable
from dataclasses import replace

from radtex.phantom.anatomy import Anatomy
from radtex.phantom.signs import Sign


def deformed(anatomy: Anatomy, signs: Iterable[Sign]) -> Anatomy:
    """Return the chest as the signs leave it: heart, spine, diaphragm and lung volume."""
    for sign in signs:
        strength = sign.strength
        match sign.name, sign.form:
            case "Cardiomegaly", _:
                ratio = sign.geometry.width / (2 * anatomy.half_width)
                anatomy = replace(anatomy, heart_ratio=ratio)
            case "Scoliosis", _:
                excursion = sign.direction * (sign.geometry.width - 0.08) / 2
                anatomy = replace(anatomy, spine_curve=excursion)
            case "Emphysema", _:
                right, left = anatomy.dome
                lower = 0.025 + 0.04 * strength
                anatomy = replace(
                    anatomy,
                    dome=(right + lower, left + lower),
                    sulcus=anatomy.sulcus * (0.8 - 0.4 * strength),
                    heart_ratio=anatomy.heart_ratio * (1 - 0.12 * strength),
                    air=anatomy.air + 0.02 + 0.03 * strength,
                )
            case "Atelectasis", "basal":
                right, left = anatomy.dome
                lift = 0.025 + 0.045 * strength
                dome = (right - lift, left) if sign.side == "right" else (right, left - lift)
                anatomy = replace(anatomy, dome=dome)
            case _:
                pass
    return anatomy
