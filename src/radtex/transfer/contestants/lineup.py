"""Who is compared, as it is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lineup:
    """The encoders of a comparison, in the words of the command line."""

    encoders: tuple[str, ...]
    """The encoders to compare, [NAME=]WHAT each. WHAT is `random`, `imagenet`, a run, timm:NAME,
    file:PATH, xrv:NAME or rad-dino."""
    backbone: str | None = None
    """Backbone of `random` and `imagenet`. Without it, that of the runs."""
    unequal_inputs: bool = False
    """Compare encoders that take images of different sizes. The results say so."""
