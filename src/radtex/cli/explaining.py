"""`radtex explain`: what in a film speaks for a finding."""

from pathlib import Path
from typing import Literal

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Seed
from radtex.cli.terminal import show


@shows_defaults_of(
    "radtex.explaining.pointing_game:localise", "radtex.explaining.report_map:explain"
)
def explain(
    run: Path,
    image: Path | None = None,
    /,
    *,
    out: Path | None = None,
    text: str | None = None,
    arrays: Path | None = None,
    corpus: str | None = None,
    words: Literal["reference", "generated"] | None = None,
    maps: Literal["attention", "gradient"] | None = None,
    seed: Seed = None,
    target: str | None = None,
    stride: Count = None,
    dicom_sc: Path | None = None,
    pacs: str | None = None,
) -> None:
    """Draw which parts of a film support each finding of its report, or test that on a corpus.

    With --target, draw which parts support that one finding, by Grad-CAM.

    Args:
        run: A run that learnt to write reports. With --target, a classifier or a run that learnt
            from labels.
        image: A DICOM file or a picture, explained in --out. Name an image or a --corpus.
        out: The PNG file to make.
        text: The report to explain, in place of the one that the run writes.
        arrays: An .npz file to make, with the maps of words and findings.
        corpus: A corpus with boxes, to test whether the maps point at the findings. CORPUS:SPLIT
            names a split, CORPUS alone means `test`.
        words: With --corpus: explain the words of the reference reports, or of those that the run
            generates.
        maps: `gradient` shows what makes the words of a finding likely (Grad-CAM);
            `attention` shows where the decoder looks while it writes them.
        seed: With --corpus: seed for the random weights that the run is compared with.
        target: The finding to explain.
        stride: With --target: pixels per cell of the layer to explain. Without it, the last layer
            of at least 4 x 4 cells.
        dicom_sc: With --target and a DICOM file: a DICOM file to make, with the picture as a
            Secondary Capture of the same study. Needs highdicom (`radtex[dicom-sr]`).
        pacs: With --target and a DICOM file: address of a DICOMweb service to store that in. Needs
            `radtex[pacs]`, too.
    """
    from radtex.commands.about_films import explain as draw

    told = draw(
        run,
        image,
        out=out,
        text=text,
        arrays=arrays,
        corpus=corpus,
        words=words,
        maps=maps,
        seed=seed,
        target=target,
        stride=stride,
        dicom_sc=dicom_sc,
        pacs=pacs,
    )
    show(told)
