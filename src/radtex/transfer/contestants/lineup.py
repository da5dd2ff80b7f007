"""Who is compared, as it is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lineup:
    """The encoders of a comparison, in the words of the command line."""

    encoders: tuple[str, ...]
    """[NAME=]WHAT …: `random`, `imagenet`, a run, timm:NAME, file:PATH, xrv:NAME or rad-dino."""
    backbone: str | None = None
    """Network of `random` and `imagenet`; without it, that of the runs."""
    unequal_inputs: bool = False
    """Compare encoders that take images of different sizes; the results say that they do."""
