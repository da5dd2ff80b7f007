"""A run on disk: what it was trained from and for, and its networks."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from radtex.corpus.pseudonyms.pseudonyms import Pseudonyms
from radtex.errors import RunError
from radtex.images import Preprocessing
from radtex.inputs import require_input
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.film_hashes import NO_FILMS, Hashes
from radtex.models.model_description import ModelDescription
from radtex.models.pretrained import PretrainedModel
from radtex.models.storage import load_weights
from radtex.models.tokenizer import Tokenizer
from radtex.reports import TextPolicy, reference_policy

CONFIG = "config.yaml"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
PATIENTS = "patients.txt"
FILMS = "films.safetensors"


@dataclass(frozen=True)
class Run:
    """A run that was opened: its config is read, and its other files where they are asked for."""

    path: Path
    """Its folder, as it was named."""
    config: dict[str, Any] = field(repr=False)
    """The content of `config.yaml`."""
    description: ModelDescription
    """The architecture and the images that it expects."""

    @classmethod
    def open(cls, path: str | Path) -> "Run":
        """Open a run, which need not be finished.

        Raises:
            RunError: if `path` is no run folder, or its config is damaged.
        """
        file = Path(path) / CONFIG
        require_input(Path(path), RunError, "a run, a folder that `radtex pretrain` made")
        if not file.is_file():
            raise RunError(
                f"{path} is no run: it has no {CONFIG}; expected a folder that pretrain made"
            )
        try:
            config: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
            description = ModelDescription.read(config["model"])
        except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise RunError(f"{file} is damaged ({type(error).__name__}); restore it") from error
        return cls(Path(path), config, description)

    @property
    def takes(self) -> EncoderInput:
        """What its encoder takes."""
        return self.description.takes

    @property
    def preprocessing(self) -> Preprocessing:
        """What makes a file the image that the encoder expects."""
        return self.description.preprocessing

    @property
    def recipe(self) -> Mapping[str, Any]:
        """The recipe that it was begun with, as the config keeps it."""
        recipe: Mapping[str, Any] = self.config["recipe"]
        return recipe

    @property
    def objective(self) -> str:
        """What it was trained for."""
        return str(self.recipe["objective"])

    @property
    def init(self) -> str:
        """What its encoder began from."""
        return str(self.recipe["init"])

    @property
    def seed(self) -> int:
        """The seed of its recipe."""
        return int(self.recipe["seed"])

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return int(self.config["steps"])

    @property
    def targets(self) -> list[str]:
        """The labels that it learnt, in the order of its heads; none where it learnt from texts."""
        return list(self.config["targets"] or ())

    @property
    def corpus_hash(self) -> str:
        """The content hash of its corpus."""
        return str(self.config["corpus"]["content_hash"])

    @property
    def namespaces(self) -> list[str]:
        """The namespaces of its patients; none where an earlier version did not note them."""
        return list(self.config["corpus"].get("namespaces", ()))

    @property
    def reference_policy(self) -> TextPolicy:
        """What of a report it is validated and scored on."""
        return reference_policy(self.recipe["text"]["text_policy"])

    @property
    def removes_priors(self) -> bool:
        """Whether references to earlier studies were removed from the texts that it learnt."""
        return bool(self.recipe["text"]["remove_priors"])

    @cached_property
    def patients(self) -> Pseudonyms:
        """Pseudonyms of the patients that it was trained or selected on.

        Raises:
            RunError: if their file is missing or damaged.
        """
        try:
            return Pseudonyms.parse((self.path / PATIENTS).read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise RunError(
                f"{self.path} has no readable {PATIENTS}; restore it from where it ran"
            ) from error

    @cached_property
    def films(self) -> Hashes | None:
        """Hashes of the films that it was trained or selected on (see `film_hashes`).

        None where an earlier version kept none.

        Raises:
            RunError: if their file is damaged.
        """
        file = self.path / FILMS
        if not file.exists():
            return None
        hashes: Hashes = load_weights(file).get("hashes", torch.empty(0)).numpy()
        if hashes.dtype != np.uint8 or hashes.shape[1:] != NO_FILMS.shape[1:]:
            raise RunError(f"{file} holds no hashes of films; restore it from where it ran")
        return hashes

    def encoder(self) -> Encoder:
        """Load the encoder, in eval mode.

        Raises:
            RunError: if the run is unfinished, or its weights do not fit its config.
        """
        encoder = self.description.build_encoder()
        self._fill(encoder, self._weights(), "encoder.")
        return encoder.eval()

    def load(self) -> PretrainedModel:
        """Load the encoder and, where the run has one, the decoder, in eval mode.

        Raises:
            RunError: if the run is unfinished, or its files do not fit each other.
        """
        weights = self._weights()
        encoder = self.description.build_encoder()
        self._fill(encoder, weights, "encoder.")
        decoder = tokenizer = None
        if self.description.decoder is not None:
            tokenizer = self._tokenizer(self.description.decoder.vocabulary)
            decoder = self.description.decoder.build(encoder)
            self._fill(decoder, weights, "decoder.")
            decoder.eval()
        return PretrainedModel(encoder.eval(), decoder, tokenizer, self.takes)

    def heads(self) -> tuple[Tensor, Tensor]:
        """The heads of a run that learnt from labels: weights (T, D) and intercepts (T,).

        Raises:
            RunError: if there are none.
        """
        path = self.path / WEIGHTS
        try:
            with safe_open(path, "pt") as file:
                # A head beside others is named by its term.
                head = "head" if "head.weight" in file.keys() else "labels.head"  # noqa: SIM118
                return file.get_tensor(f"{head}.weight"), file.get_tensor(f"{head}.bias")
        except (OSError, SafetensorError) as error:
            raise RunError(f"{path} holds no head ({error}); restore the run") from error

    def _weights(self) -> dict[str, Tensor]:
        path = self.path / WEIGHTS
        if not path.is_file():
            raise RunError(
                f"{self.path} is unfinished: continue it with `radtex pretrain … --resume`"
            )
        return load_weights(path)

    def _tokenizer(self, vocabulary: int) -> Tokenizer:
        path = self.path / TOKENIZER
        tokenizer = Tokenizer.load(path)
        if len(tokenizer) != vocabulary:
            raise RunError(
                f"{path} has {len(tokenizer)} tokens, the decoder {vocabulary}; it belongs to "
                "another run"
            )
        # Runs of earlier versions did not note it.
        noted = self.config.get("tokenizer")
        if noted and hashlib.sha256(path.read_bytes()).hexdigest() != noted:
            raise RunError(
                f"{path} is not the file that the run was trained with; it belongs to another run "
                "or was changed: restore it"
            )
        return tokenizer

    def _fill(self, module: nn.Module, weights: Mapping[str, Tensor], prefix: str) -> None:
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        try:
            module.load_state_dict(own)
        except RuntimeError as error:
            first = str(error).splitlines()[1:2] or [str(error)]
            raise RunError(
                f"the weights of {self.path} do not fit its config ({first[0].strip()}); restore "
                "the run"
            ) from error


def load(path: str | Path) -> PretrainedModel:
    """Load a finished run: its encoder and, where it has one, its decoder, in eval mode.

    Args:
        path: the folder that `radtex pretrain` made.

    Raises:
        RunError: if `path` is no run, is unfinished, or its files do not fit each other.
    """
    return Run.open(path).load()
