"""`radtex export`: runs and classifiers for other programs."""

from pathlib import Path
from typing import Literal

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Names, given
from radtex.cli.terminal import show
from radtex.printable import one_line


@shows_defaults_of("radtex.interchange.export:export")
def export(
    what: Path,
    /,
    *,
    to: Literal["onnx", "timm", "hub"],
    out: Path,
    int8: bool | None = None,
    calibrate: str | None = None,
    license: str | None = None,
    datasets: Names = None,
    push: str | None = None,
) -> None:
    """Write a run or a classifier as a folder that other programs read.

    Args:
        what: Folder of a finished run, or of a classifier.
        to: `onnx`: graphs that any ONNX runtime computes; `radtex predict` takes them too.
            `timm`: the encoder's weights for timm.
            `hub`: a folder of the Hugging Face hub.
        out: The folder to make.
        int8: Of `onnx`: weights and activations of the encoder in 8 bits, for a machine that must
            read many films without a GPU. What it costs on films is stored in `export.json`.
        calibrate: Of `onnx`, with --int8: films that set the ranges. CORPUS:SPLIT names a split,
            CORPUS alone means `pool`.
        license: Licence for the hub, by its identifier there, as cc-by-4.0. Without it, the card
            says that none was stated.
        datasets: Names of data sets for the hub's card.
        push: ORG/NAME of a model on the hub to upload the folder to, after `hf auth login`. A new
            one is private.
    """
    from radtex.interchange.export import export as run

    options = given(int8=int8, calibrate=calibrate, license=license, datasets=datasets, push=push)
    show(one_line(run(what, to, out, **options)))
