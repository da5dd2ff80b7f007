"""What is exported: a finished run, or a kept classifier."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from radtex import __version__
from radtex.classifiers.classifier import (
    DESCRIPTION,
    Classifier,
    digest_of,
    is_classifier,
    load_classifier,
)
from radtex.errors import RunError
from radtex.images.preprocessing import Preprocessing
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import CONFIG, WEIGHTS, Run


@dataclass(frozen=True)
class Original:
    """A run or a classifier that was opened: exactly one of `run` and `classifier` is given."""

    path: Path
    """Its folder, as it was named."""
    encoder: Encoder
    """In evaluation mode."""
    takes: EncoderInput
    """What the encoder takes."""
    preprocessing: Preprocessing
    """What makes a file the image that it was trained on."""
    digest: str
    """SHA-256, in hex: of a run's weights, of a classifier's description and weights."""
    run: Run | None = None
    """Its config and files."""
    model: PretrainedModel | None = None
    """The networks of the run."""
    classifier: Classifier | None = None
    """The classifier, on the same encoder."""
    told: Mapping[str, Any] = field(default_factory=dict)
    """What else an export may say of it: nothing of patients, and no path."""

    @property
    def kind(self) -> str:
        """`run` or `classifier`."""
        return "run" if self.classifier is None else "classifier"

    def description(self) -> dict[str, Any]:
        """What every export says of it (JSON values): nothing of patients, and no path."""
        return {
            "kind": self.kind,
            "radtex": __version__,
            "original_sha256": self.digest,
            "encoder": {
                "backbone": self.encoder.backbone,
                "input_size": self.takes.size,
                "width": self.encoder.width,
                "stride": self.encoder.stride,
                "mean": self.takes.mean,
                "std": self.takes.std,
                "interpolation": self.takes.interpolation,
            },
            "preprocessing": asdict(self.preprocessing),
            **self.told,
        }


def open_original(path: Path) -> Original:
    """Open what is to be exported, its networks in evaluation mode.

    Raises:
        RunError: if `path` is neither a finished run nor a classifier, or is damaged.
    """
    if is_classifier(path):
        classifier = load_classifier(path)
        return Original(
            path,
            classifier.encoder,
            classifier.takes,
            classifier.preprocessing,
            digest_of(path),
            classifier=classifier,
        )
    if not (path / CONFIG).is_file():
        raise RunError(_neither(path))
    run = Run.open(path)
    model = run.load()
    with (path / WEIGHTS).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Original(
        path,
        model.encoder,
        model.takes,
        run.preprocessing,
        digest,
        run=run,
        model=model,
        told={"objective": run.objective},
    )


def _neither(path: Path) -> str:
    expected = "expected a run that `radtex pretrain` made or a classifier of `transfer --save`"
    if not path.exists():
        return f"{path} does not exist; {expected}"
    inside = sorted({each.parent.name for each in path.glob(f"*/{DESCRIPTION}")})
    if inside:
        return f"{path} holds several classifiers or one; name one: {', '.join(inside)}"
    return f"{path} is neither a run nor a classifier: no {CONFIG}, no {DESCRIPTION}; {expected}"
