"""Who is compared, as it is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lineup:
    """The encoders of a comparison, in the words of the command line."""

    encoders: tuple[str, ...]
    """The encoders to compare, [NAME=]WHAT[@SIZE][@LAYER] each. WHAT is `random`, `imagenet`,
    `pixels`, a run or its export, timm:NAME, file:PATH, xrv:NAME, rad-dino or hf:ORG/NAME.
    NAME=RUN,RUN joins seeds of one recipe."""
    backbone: str | None = None
    """Backbone of `random` and `imagenet`. Without it, that of the runs."""
    unequal_inputs: bool = False
    """Compare encoders whose own sizes differ. Sizes that are asked for, as WHAT@SIZE, need no
    such consent. The results say so."""
    no_pixels: bool = False
    """Leave out the floor `pixels`, what 16 × 16 grey levels give without an encoder."""
    primary: tuple[str, ...] = ()
    """Comparisons that are named before scoring, A:B each, of encoders' names or roles (radtex,
    supervised, imagenet, random, floor, rival, control, other). Without it, radtex:imagenet and
    radtex:supervised."""
