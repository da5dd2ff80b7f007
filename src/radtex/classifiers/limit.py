"""The limit beyond which an image is given no answer, and what must be said of it."""

from collections.abc import Mapping

ENOUGH_REFUSED = 0.5
"""Share of a kind of images that are no radiographs below which a limit is said to miss it."""


class Limit:
    """What a limit of abstention says; `abstention.Abstention` measures the distance too."""

    limit: float
    """The greatest distance that is answered."""
    refused: Mapping[str, float]
    """Share refused of each kind of images that are no radiographs; empty if never tried."""

    def reason(self, distance: float) -> str:
        """Why an image of that distance is given no answer; "" if it is given one."""
        if distance <= self.limit:
            return ""
        return (
            f"unlike the radiographs it was made from: distance {distance:.2f}, "
            f"limit {self.limit:.2f}"
        )

    @property
    def missed(self) -> tuple[str, ...]:
        """The kinds of images that are no radiographs of which it refuses too few."""
        return tuple(kind for kind, share in self.refused.items() if share < ENOUGH_REFUSED)

    @property
    def warning(self) -> str:
        """What must be said beside every prediction; "" where nothing must."""
        if not self.refused:
            return (
                f"its limit of abstention, {self.limit:,.2f}, was never tried on images that are "
                "no radiographs; save the classifier again to have it tried"
            )
        if not self.missed:
            return ""
        if len(self.missed) == len(self.refused):
            return (
                "this classifier hardly ever abstains: of no kind of images that are no "
                f"radiographs did it refuse {ENOUGH_REFUSED:.0%}; look at every image yourself"
            )
        shares = ", ".join(f"{kind} ({self.refused[kind]:.0%} refused)" for kind in self.missed)
        return f"this classifier may answer images that are no radiographs: {shares}"
