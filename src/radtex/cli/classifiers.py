"""`radtex predict`: what a classifier says of radiographs."""

from pathlib import Path
from typing import Literal

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.parameters import given


@shows_defaults_of("radtex.classifiers.predict:predict")
def predict(
    classifier: Path,
    /,
    *images: str,
    format: Literal["table", "csv", "json"] | None = None,
    operating_point: Literal["youden", "sensitive"] | None = None,
    answer_all: bool | None = None,
    out: Path | None = None,
) -> None:
    """Predict findings on radiographs with a classifier that `transfer --save` made.

    Args:
        classifier: Folder of the classifier.
        images: DICOM files and pictures, folders of them, or patterns.
        format: Format of the predictions.
        operating_point: What makes a probability a yes: `youden` balances misses and false alarms;
            `sensitive` missed at most 5 % of the findings in training.
        answer_all: Give probabilities even where the classifier abstains.
        out: A file to write, in place of standard output.
    """
    from radtex.classifiers.predict import predict as run

    options = given(format=format, out=out, operating_point=operating_point, answer_all=answer_all)
    print(run(classifier, images, **options))
