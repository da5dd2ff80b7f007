"""`radtex explain`: what in a film speaks for a finding."""

import shlex
from pathlib import Path
from typing import Literal

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import Count, Seed, given
from radtex.cli.terminal import show
from radtex.errors import RunError


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
    """
    from radtex.classifiers.classifier import is_classifier, read_facts
    from radtex.explaining.pointing_game import localise
    from radtex.explaining.report_map import explain as draw
    from radtex.explaining.target_map import explain_target

    on_corpus = given(words=words, seed=seed)
    on_image = given(out=out, text=text, arrays=arrays)
    if target is None and image is not None and is_classifier(run):
        names = [each["name"] for each in read_facts(run)["targets"]]
        raise RunError(
            f"{run} is a classifier; name the finding to explain, as --target "
            f"{shlex.quote(names[0])} (it has {', '.join(names)})"
        )
    if target is not None:
        if image is None or out is None or corpus or text is not None or on_corpus or maps:
            raise RunError("--target takes an image, --out, --arrays and --stride")
        print(explain_target(run, image, target, out, **given(arrays=arrays, stride=stride)))
    elif stride is not None:
        raise RunError("--stride is for a --target; name one")
    elif image is not None and out is not None and corpus is None and not on_corpus:
        print(draw(run, image, **on_image, **given(maps=maps)))
    elif corpus is not None and image is None and not on_image:
        show(localise(run, corpus, **on_corpus, **given(maps=maps)))
    else:
        raise RunError(
            "name an image with --out (--text, --arrays, --maps), or a --corpus (--words, --maps, "
            "--seed)"
        )
