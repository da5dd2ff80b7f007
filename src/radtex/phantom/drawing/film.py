"""What the signs change in a film before it is exposed."""

import numpy as np

from radtex.phantom.anatomy import Anatomy, Array
from radtex.phantom.drawing.canvas import Canvas
from radtex.phantom.signs import Sign


class Film:
    """The maps (size, size) that signs act on."""

    canvas: Canvas
    """The film's pixels in body coordinates."""
    anatomy: Anatomy
    """The chest on the film, as the signs have deformed it."""
    aeration: Array
    """Share of the normal air left in the lungs: 1 where healthy, above 1 where there is more."""
    vessels: Array
    """Visibility of the pulmonary vessels, 1 where healthy."""
    density: Array
    """Attenuation added to all else; negative for gas."""
    rib_shift: Array
    """How far the ribs are moved down, in rib spacings."""

    def __init__(self, canvas: Canvas, anatomy: Anatomy) -> None:
        self.canvas = canvas
        self.anatomy = anatomy
        self.aeration = np.ones_like(canvas.u)
        self.vessels = np.ones_like(canvas.u)
        self.density = np.zeros_like(canvas.u)
        self.rib_shift = np.zeros_like(canvas.u)

    def fill(self, share: Array) -> None:
        """Replace `share` (0 to 1) of the remaining air by fluid or tissue."""
        self.aeration *= 1 - share

    def hemithorax(self, sign: Sign) -> Array:
        """Return 1 on the sign's side of the midline, 0 on the other."""
        return self.canvas.inside(sign.direction * (self.canvas.u - self.anatomy.midline), 0.01)

    def ellipse(self, sign: Sign) -> Array:
        """Return the elliptic radius in the sign's own box: 1 on the ellipse that the box holds."""
        at = sign.geometry
        return self.canvas.radius(at.u, at.v, at.width, at.height, at.angle)
