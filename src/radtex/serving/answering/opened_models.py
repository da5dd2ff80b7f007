"""The models that are served: a run that writes, a classifier, or one of each."""

import hashlib
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radtex.classifiers.classifier import CARD, Classifier, is_classifier, read_facts
from radtex.classifiers.onnx_classifier import OnnxClassifier
from radtex.classifiers.onnx_folder import OnnxFolder, is_onnx_folder
from radtex.classifiers.opening import open_classifier
from radtex.compute.allocation import keep_freed_memory
from radtex.errors import RunError
from radtex.images import Preprocessing
from radtex.models.exported_run import is_export, open_exported
from radtex.models.pretrained import PretrainedModel
from radtex.models.run import WEIGHTS, Run
from radtex.serving.problems import ProblemError

_log = logging.getLogger(__name__)

State = Literal["loading", "ready", "failed"]
_TRIAL = 4
_CARDS = (CARD, "README.md")
"""A folder for the hub has its card under the second name."""


@dataclass(frozen=True)
class ServedRun:
    """A run in memory."""

    path: Path
    """Its folder."""
    preprocessing: Preprocessing
    """What makes a file the image that it takes."""
    model: PretrainedModel
    """Its networks."""
    sha256: str
    """Of its weights, in hex."""

    @property
    def writes(self) -> bool:
        """Whether it writes reports."""
        return self.model.decoder is not None


@dataclass(frozen=True)
class ServedClassifier:
    """A classifier in memory, or its export to ONNX."""

    path: Path
    """Its folder."""
    model: Classifier | OnnxClassifier
    """What answers."""
    sha256: str
    """Of its weights, or of its graph, in hex."""
    name: str
    """Of its encoder."""
    digest: str
    """SHA-256, in hex, of what `transfer --save` wrote."""

    @property
    def networks(self) -> Classifier | None:
        """Its encoder and heads; None of an export to ONNX, which has a graph in their place."""
        return self.model if isinstance(self.model, Classifier) else None


@dataclass(frozen=True)
class OpenedModels:
    """What is served."""

    run: ServedRun | None
    """Writes reports, if it has a decoder."""
    classifier: ServedClassifier | None
    """Gives findings."""

    @property
    def squares(self) -> tuple[Preprocessing, ...]:
        """The images that are made of a film, each once."""
        both = (
            self.run.preprocessing if self.run else None,
            self.classifier.model.preprocessing if self.classifier else None,
        )
        return tuple(dict.fromkeys(each for each in both if each is not None))

    def encode(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pooled features (B, D) of images of the first of `squares`, (B, S, S)."""
        if self.run:
            return self.run.model.encode(images)
        assert self.classifier is not None
        return self.classifier.model.encode(images)


class ModelHolder:
    """Opens the models beside a server that already answers, and holds them."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Look at the folders, and load nothing yet.

        Raises:
            RunError: if a folder is no run, no classifier and no export of either that can be
                served, or several are of one kind.
        """
        self._run, self._classifier = _told_apart(paths)
        self.state: State = "loading"
        self.failure: Exception | None = None
        """Why they could not be opened."""
        self.seconds_per_film = 0.0
        """As measured on a few films after loading."""
        self._models: OpenedModels | None = None
        self._lock = threading.Lock()

    @property
    def has_classifier(self) -> bool:
        """Whether a classifier is served, or will be once it is loaded."""
        return self._classifier is not None

    def load(self) -> None:
        """Open the models; `state` says whether that went well."""
        try:
            keep_freed_memory()
            run = None
            if self._run is not None:
                own, path = self._run.load(), self._run.path
                run = ServedRun(path, self._run.preprocessing, own, _weights_sha256(path))
            models = OpenedModels(run, _served(self._classifier))
            self.seconds_per_film = _tried(models)
        except Exception as error:  # which `serve` ends with
            self.state, self.failure = "failed", error
            return
        with self._lock:
            self._models = models
        self.state = "ready"

    def replace_classifier(self, path: Path) -> None:
        """Serve another classifier from now on; requests at work keep the one they have.

        Raises:
            RunError: if it cannot be loaded.
        """
        served = _served(path)
        with self._lock:
            run = self._models.run if self._models else None
            self._models, self._classifier = OpenedModels(run, served), path

    @property
    def classifier_path(self) -> Path | None:
        """The folder of the classifier that is served."""
        with self._lock:
            return self._classifier

    @property
    def models(self) -> OpenedModels:
        """The models.

        Raises:
            ProblemError: with 503, while they are loaded or if they cannot be.
        """
        with self._lock:
            models = self._models
        if models is not None:
            return models
        if self.state == "failed":
            raise ProblemError(
                503,
                "model-missing",
                "The model could not be loaded: its folder is gone or damaged. Whoever runs the "
                "server finds the reason in its log.",
            )
        raise ProblemError(
            503,
            "model-loading",
            "The model is still being loaded. Please try again in a few seconds.",
            {"Retry-After": "3"},
        )


def _told_apart(paths: Sequence[Path]) -> tuple[Run | None, Path | None]:
    run: Run | None = None
    classifier: Path | None = None
    if not paths:
        raise RunError("name what is to be served: a run, a classifier, or one of each")
    for path in paths:
        if is_onnx_folder(path) or is_classifier(path):
            if classifier is not None:
                raise RunError(
                    f"{classifier} and {path} are both classifiers; name one, and a run beside it"
                )
            _check_description(path)
            classifier = path
        else:
            if run is not None:
                raise RunError(f"{run.path} and {path} are both runs; name one of them")
            run = open_exported(path) if is_export(path) else Run.open(path)
            if not (path / WEIGHTS).is_file():
                raise RunError(
                    f"{path} is unfinished: continue it with `radtex pretrain … --resume`"
                )
    return run, classifier


def _check_description(path: Path) -> None:
    if is_onnx_folder(path):
        OnnxFolder.open(path, "classifier")
    else:
        read_facts(path)


def _served(path: Path | None) -> ServedClassifier | None:
    if path is None:
        return None
    opened = open_classifier(path)
    model = opened.classifier
    if isinstance(model, OnnxClassifier):
        sha256 = model.graph_sha256
    else:
        assert isinstance(model, Classifier)
        sha256 = _weights_sha256(path)
    return ServedClassifier(path, model, sha256, opened.name, opened.digest)


def _tried(models: OpenedModels) -> float:
    """Let the models work once, so that the first film does not wait; seconds per film."""
    from radtex.serving.answering.film_reading import Reading, read_films

    grey = [
        tuple(np.full((each.size, each.size), 127, np.uint8) for each in models.squares)
    ] * _TRIAL
    readings = [Reading(models, squares, str(n)) for n, squares in enumerate(grey)]
    read_films(readings[:1])
    began = time.perf_counter()
    read_films(readings)
    return (time.perf_counter() - began) / _TRIAL


def _weights_sha256(folder: Path) -> str:
    """SHA-256, in hex, of a model's weights.

    Raises:
        RunError: if the file is gone.
    """
    digest = hashlib.sha256()
    try:
        with (folder / WEIGHTS).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise RunError(f"{folder.name} cannot be read any more; restore its folder") from error
    return digest.hexdigest()


def card_of(folder: Path) -> str | None:
    """The model card of a folder, if it has one."""
    files = (folder / name for name in _CARDS)
    return next((file.read_text(encoding="utf-8") for file in files if file.is_file()), None)
