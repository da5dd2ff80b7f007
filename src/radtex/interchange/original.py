"""What is exported: a finished run, or a kept classifier."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from radtex import __version__
from radtex.classifiers.classifier import (
    CARD,
    DESCRIPTION,
    Classifier,
    digest_of,
    is_classifier,
    load_classifier,
    read_facts,
)
from radtex.errors import RunError
from radtex.images.preprocessing import Preprocessing
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import CONFIG, WEIGHTS, Run

_MAY_BE_PATHS = {"corpus", "init", "tokenizer"}
"""Facts that may be paths."""


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
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Of a classifier, what its description tells beside itself. Some of it are paths."""
    card: str = ""
    """Of a classifier, its card without paths."""
    objective: str | None = None
    """Of a run, what it was trained for."""

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
            **({} if self.objective is None else {"objective": self.objective}),
        }


def open_original(path: Path) -> Original:
    """Open what is to be exported, its networks in evaluation mode.

    Raises:
        RunError: if `path` is neither a finished run nor a classifier, or is damaged.
    """
    if is_classifier(path):
        classifier, facts = load_classifier(path), read_facts(path)
        return Original(
            path,
            classifier.encoder,
            classifier.takes,
            classifier.preprocessing,
            digest_of(path),
            classifier=classifier,
            facts=facts,
            card=_card(path, _paths(facts)),
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
        objective=run.objective,
    )


def _card(path: Path, paths: Mapping[str, str]) -> str:
    """The card that was kept, with the last name of each path in its place."""
    try:
        text = (path / CARD).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(
            f"{path / CARD} cannot be read ({type(error).__name__}); restore it, or save the "
            "classifier again"
        ) from error
    for found in sorted(paths, key=len, reverse=True):
        text = text.replace(found, paths[found])
    return text


def _paths(facts: Any, name: str = "") -> dict[str, str]:
    """The paths among the facts of a classifier, and the last name of each."""
    if isinstance(facts, Mapping):
        return {k: v for key, each in facts.items() for k, v in _paths(each, key).items()}
    if isinstance(facts, list):
        return {k: v for each in facts for k, v in _paths(each, name).items()}
    if isinstance(facts, str) and (name in _MAY_BE_PATHS or facts.startswith(("/", "~"))):
        last = Path(facts).name
        return {facts: last} if last not in ("", facts) else {}
    return {}


def _neither(path: Path) -> str:
    expected = "expected a run that `radtex pretrain` made or a classifier of `transfer --save`"
    if not path.exists():
        return f"{path} does not exist; {expected}"
    inside = sorted({each.parent.name for each in path.glob(f"*/{DESCRIPTION}")})
    if inside:
        return f"{path} holds several classifiers or one; name one: {', '.join(inside)}"
    return f"{path} is neither a run nor a classifier: no {CONFIG}, no {DESCRIPTION}; {expected}"
