"""`radtex export`: runs and classifiers for other programs."""

from pathlib import Path
from typing import Literal

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import given


@shows_defaults_of("radtex.interchange.export:export")
def export(what: Path, /, *, to: Literal["onnx", "timm"], out: Path) -> None:
    """Write a run or a classifier as a folder that other programs read.

    Args:
        what: Folder of a finished run, or of a classifier.
        to: `onnx`: graphs that any ONNX runtime computes; `radtex predict` takes them too.
            `timm`: the encoder's weights for timm.
        out: The folder to make.
    """
    from radtex.interchange.export import export as run

    print(run(what, to, out, **given()))
