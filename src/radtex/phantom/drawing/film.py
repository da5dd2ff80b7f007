"""What the signs change in a film before it is exposed."""

import numpy as np

from radtex.phantom.anatomy import Anatomy, Array
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.signs import Sign


class Film:
    """The maps (size, size) that signs act on.

    `aeration`: share of the normal air left in the lungs, 1 where healthy, above 1 where more.
    `vessels`: visibility of the pulmonary vessels, 1 where healthy.
    `density`: attenuation added to all else; negative for gas.
    `rib_shift`: how far the ribs are moved down, in rib spacings.
    """

    def __init__(self, canvas: Canvas, anatomy: Anatomy) -> None:
        self.canvas = canvas
        self.anatomy = anatomy
        self.aeration: Array = np.ones_like(canvas.u)
        self.vessels: Array = np.ones_like(canvas.u)
        self.density: Array = np.zeros_like(canvas.u)
        self.rib_shift: Array = np.zeros_like(canvas.u)

    def fill(self, share: Array) -> None:
        """Replace `share` (0 to 1) of the remaining air by fluid or tissue."""
        self.aeration *= 1 - share

    def hemithorax(self, sign: Sign) -> Array:
        """1 on the sign's side of the midline."""
        return self.canvas.inside(sign.direction * (self.canvas.u - self.anatomy.midline), 0.01)

    def ellipse(self, sign: Sign) -> Array:
        """Elliptic radius in the sign's own box: 1 on the ellipse that the box holds."""
        at = sign.geometry
        return self.canvas.radius(at.u, at.v, at.width, at.height, at.angle)
