"""What `--fit crop` cut away: in the flags of a row, and in the cohort flow."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from radtex.corpus.flow import Flow
from radtex.corpus.record import Record
from radtex.images import Fit, cut_share

Sides = Literal["top and bottom", "left and right"]

_FLAG = re.compile("([0-9]+) % cropped at (top and bottom|left and right)")


@dataclass(frozen=True)
class Crop:
    """What a film lost."""

    percent: int
    """Of its area, at least 1."""
    sides: Sides
    """Where it was cut."""

    @property
    def flag(self) -> str:
        """How the flags of a row say it."""
        return f"{self.percent} % cropped at {self.sides}"


def crop_of_shape(shape: Sequence[int], how: Fit) -> Crop | None:
    """Return what a film of this height and width lost; None where it is less than half a percent.

    Args:
        shape: height and width.
        how: how it became square.
    """
    height, width = shape
    percent = round(100 * cut_share(height, width, how))
    if not percent:
        return None
    return Crop(percent, "top and bottom" if height > width else "left and right")


def crop_of_flags(flags: Iterable[str]) -> Crop | None:
    """Return what the flags of a row say that its film lost."""
    for flag in flags:
        if found := _FLAG.fullmatch(flag):
            return Crop(int(found[1]), "top and bottom" if found[2][0] == "t" else "left and right")
    return None


def flag_crops(
    records: Sequence[Record], shapes: Sequence[Sequence[int]], how: Fit, flow: Flow
) -> list[Record]:
    """Flag the records whose films were cut, and note in the flow how much was lost.

    Args:
        records: what is kept.
        shapes: height and width of each film as it was read.
        how: how the films became square.
        flow: the cohort flow; its examples are the films that lost most.
    """
    crops = [crop_of_shape(shape, how) for shape in shapes]
    lost = [
        (crop.percent, record.image_id)
        for record, crop in zip(records, crops, strict=True)
        if crop is not None
    ]
    lost.sort(key=lambda film: -film[0])
    mean = sum(percent for percent, _ in lost) / max(len(lost), 1)
    for _, image_id in lost:
        flow.note(
            image_id,
            f"cropped: films lost {mean:.0f} % of their area on average, at most {lost[0][0]} %",
        )
    return [
        record if crop is None else replace(record, flags=(*record.flags, crop.flag))
        for record, crop in zip(records, crops, strict=True)
    ]
