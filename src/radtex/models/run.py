"""A run on disk: what it was trained from and for, and its networks."""

import hashlib
from collections.abc import Callable, Mapping
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
from radtex.errors import RecipeError, RunError
from radtex.images import Preprocessing
from radtex.inputs import read_text_input, require_input
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.film_hashes import NO_FILMS, Hashes
from radtex.models.model_description import ModelDescription
from radtex.models.pretrained import PretrainedModel
from radtex.models.storage import M, fitting, load_weights, refuse_not_finite, shapes_in
from radtex.models.tokenizer import Tokenizer
from radtex.reports import TextPolicy, reference_policy

CONFIG = "config.yaml"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
PATIENTS = "patients.txt"
FILMS = "films.safetensors"
LARGEST_PATIENTS = 2**30
"""Bytes of the file of patients, at most."""
LARGEST_CONFIG = 2**18
"""Bytes above which a config is refused; those of runs have a few thousand."""


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
        if file.stat().st_size > LARGEST_CONFIG:
            raise RunError(f"{file} is larger than {LARGEST_CONFIG:,} bytes; restore it")
        try:
            config: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
            description = ModelDescription.read(config["model"])
        except (yaml.YAMLError, OSError, KeyError, TypeError, ValueError, RecursionError) as error:
            why = f": {error}" if type(error) is ValueError else ""
            raise RunError(
                f"{file} is damaged ({type(error).__name__}{why}); restore it"
            ) from error
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
        recipe: Mapping[str, Any] = self._stated(dict, "recipe")
        return recipe

    @property
    def objective(self) -> str:
        """What it was trained for."""
        return str(self._stated(str, "recipe", "objective"))

    @property
    def init(self) -> str:
        """What its encoder began from."""
        return str(self._stated(str, "recipe", "init"))

    @property
    def seed(self) -> int:
        """The seed of its recipe."""
        return int(self._stated(int, "recipe", "seed"))

    @property
    def steps(self) -> int:
        """Steps of the whole training."""
        return int(self._stated(int, "steps"))

    @property
    def targets(self) -> list[str]:
        """The labels that it learnt, in the order of its heads; none where it learnt from texts."""
        return list(map(str, self._stated(list | None, "targets") or ()))

    @property
    def corpus_hash(self) -> str:
        """The content hash of its corpus."""
        return str(self._stated(str, "corpus", "content_hash"))

    @property
    def namespaces(self) -> list[str]:
        """The namespaces of its patients; none where an earlier version did not note them."""
        return list(map(str, self._stated(dict, "corpus").get("namespaces", ())))

    @property
    def reference_policy(self) -> TextPolicy:
        """What of a report it is validated and scored on."""
        return reference_policy(self._stated(str, "recipe", "text", "text_policy"))

    @property
    def removes_priors(self) -> bool:
        """Whether references to earlier studies were removed from the texts that it learnt."""
        return bool(self._stated(bool, "recipe", "text", "remove_priors"))

    @cached_property
    def patients(self) -> Pseudonyms:
        """Pseudonyms of the patients that it was trained or selected on.

        Raises:
            RunError: if their file is missing or damaged.
        """
        try:
            return Pseudonyms.parse(
                read_text_input(self.path / PATIENTS, RunError, LARGEST_PATIENTS)
            )
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
        encoder = self._built(self.description.build_encoder, "encoder.")
        self._fill(encoder, self._weights(), "encoder.")
        return encoder.eval()

    def load(self) -> PretrainedModel:
        """Load the encoder and, where the run has one, the decoder, in eval mode.

        Raises:
            RunError: if the run is unfinished, or its files do not fit each other.
        """
        encoder = self._built(self.description.build_encoder, "encoder.")
        decoder = tokenizer = None
        described = self.description.decoder
        if described is not None:
            tokenizer = self._tokenizer(described.vocabulary)
            decoder = self._built(lambda: described.build(encoder), "decoder.").eval()
        weights = self._weights()
        self._fill(encoder, weights, "encoder.")
        if decoder is not None:
            self._fill(decoder, weights, "decoder.")
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

    def _stated(self, kind: Any, *keys: str) -> Any:
        """Return what the config says under some keys, one below the other.

        Raises:
            RunError: if it does not say it, or in another way.
        """
        value: Any = self.config
        for key in keys:
            value = value.get(key, ...) if isinstance(value, dict) else ...
        if not isinstance(value, kind):
            raise RunError(f"{self.path / CONFIG} does not state its {'.'.join(keys)}; restore it")
        return value

    def _weights_file(self) -> Path:
        path = self.path / WEIGHTS
        if not path.is_file():
            raise RunError(
                f"{self.path} is unfinished: continue it with `radtex pretrain … --resume`"
            )
        return path

    def _weights(self) -> dict[str, Tensor]:
        weights = load_weights(self._weights_file())
        refuse_not_finite(weights, self.path / WEIGHTS)
        return weights

    def _built(self, build: Callable[[], M], prefix: str) -> M:
        """Build a network with random weights, if the file of the weights holds all of it."""
        try:
            built = fitting(build, shapes_in(self._weights_file()), prefix)
        except RecipeError as error:
            raise RunError(f"{self.path / CONFIG} is damaged ({error}); restore it") from error
        if isinstance(built, str):
            raise self._misfit(built)
        return built

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
            raise self._misfit(" ".join(str(error).split())) from error

    def _misfit(self, why: str) -> RunError:
        return RunError(
            f"the weights of {self.path} do not fit its config ({why}); restore the run"
        )


def load(path: str | Path) -> PretrainedModel:
    """Load a finished run: its encoder and, where it has one, its decoder, in eval mode.

    Args:
        path: the folder that `radtex pretrain` made.

    Raises:
        RunError: if `path` is no run, is unfinished, or its files do not fit each other.
    """
    return Run.open(path).load()
