"""A run or the encoder of a classifier from a folder that `radtex export --to hub` made."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radtex.errors import RunError
from radtex.inputs import read_text_input
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.hub_repository import HUB, HubRepository, OutOfReachError
from radtex.models.model_description import DecoderDescription, ModelDescription
from radtex.models.run import TOKENIZER, WEIGHTS, Run

CONFIG = "config.json"
FORMAT = 1
"""Version of the config that is written and read."""
KEY = "radtex"
"""Of the config, which tells that it is ours."""


def is_export(folder: Path) -> bool:
    """Tell whether a folder describes itself as an export of ours."""
    try:
        values = json.loads(read_text_input(folder / CONFIG, RunError))
    except (OSError, ValueError, RecursionError, RunError):
        return False
    return isinstance(values, dict) and isinstance(values.get(KEY), dict)


def kind_of(folder: Path) -> str:
    """`run` or `classifier`.

    Raises:
        RunError: if the config is damaged, or of a version that is not read.
    """
    return str(_read(folder)[KEY].get("kind"))


def facts_of(folder: Path) -> dict[str, Any]:
    """What the config says of the training (JSON values).

    Raises:
        RunError: if the config is damaged, or of a version that is not read.
    """
    return dict(_read(folder).get("training", {}))


def open_exported(folder: Path) -> Run:
    """Open an export as the run it was; of a classifier, its encoder alone.

    It has no patients and no recipe: an export holds neither.

    Raises:
        RunError: if the config is damaged, or of a version that is not read.
    """
    values = _read(folder)
    try:
        encoder, images = values["encoder"], values["preprocessing"]
        takes = EncoderInput(
            int(encoder["input_size"]),
            float(encoder["mean"]),
            float(encoder["std"]),
            encoder["interpolation"],
        )
        decoder = values.get("decoder")
        description = ModelDescription(
            str(encoder["backbone"]),
            takes,
            images["fit"],
            images["intensity"],
            None if decoder is None else DecoderDescription.read(decoder),
        )
        description.check()
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(folder, error) from error
    return Run(folder, {"tokenizer": values.get("tokenizer")}, description)


def _read(folder: Path) -> Mapping[str, Any]:
    try:
        values: dict[str, Any] = json.loads(read_text_input(folder / CONFIG, RunError))
        found = values[KEY]["format"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(folder, error) from error
    if found != FORMAT:
        raise RunError(
            f"{folder / CONFIG} has the format {found!r}, and this radtex reads {FORMAT}; update "
            "radtex, or export it again"
        )
    return values


def _damaged(folder: Path, error: Exception) -> RunError:
    return RunError(
        f"{folder / CONFIG} is damaged ({type(error).__name__}: {error}); export it again"
    )


def fetch_export(what: str) -> Path | None:
    """Fetch the files of an export by its name on the hub; None where it is no export of ours.

    Args:
        what: `hf:ORG/NAME[@REVISION]` or `hf:./FOLDER`.

    Returns:
        The folder of its files.

    Raises:
        RunError: if there is no such repository, or it cannot be had.
    """
    repository = HubRepository.find(what, CONFIG)
    if not is_export(repository.folder):
        return None
    for name in (WEIGHTS, TOKENIZER, "classifier.json", "README.md"):
        try:
            repository.file(name)
        except OutOfReachError:  # not every export has each; what is missing is said on opening
            continue
    return repository.folder


def local_folder(what: str | Path) -> Path:
    """Return the folder of what `hf:ORG/NAME` names, fetched; every other path as it is.

    Raises:
        RunError: if there is no such repository, or it is no export of ours.
    """
    if not str(what).startswith(HUB):
        return Path(what)
    folder = fetch_export(str(what))
    if folder is None:
        raise RunError(f"{what} is no export of radtex; expected a classifier that was exported")
    return folder
