"""The folder of a run when it begins: its config, its tokenizer and its patients."""

import logging
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
import yaml

from radtex import __version__
from radtex.corpus.corpus import Corpus
from radtex.corpus.pseudonyms.pseudonyms import Pseudonyms
from radtex.files import whole_folder, write_text
from radtex.models.film_hashes import Hashes
from radtex.models.model_description import ModelDescription
from radtex.models.run import CONFIG, FILMS, PATIENTS, TOKENIZER, Run
from radtex.models.storage import save_weights
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.loop.trainer import Trainer
from radtex.pretraining.recipe import Recipe, plain
from radtex.pretraining.same_run import refuse_another_run

_log = logging.getLogger(__name__)


def run_config(recipe: Recipe, corpus: Corpus, trainer: Trainer) -> dict[str, Any]:
    """Describe a run as `config.yaml` keeps it, in plain values."""
    objective = trainer.objective
    model = ModelDescription(
        backbone=recipe.backbone,
        takes=trainer.pixels.takes,
        fit=corpus.preprocessing.fit,
        intensity=corpus.preprocessing.intensity,
        decoder=objective.decoder_description,
    )
    return {
        "format": 1,
        "model": plain(model.as_dict()),
        "recipe": recipe.as_dict(),
        "steps": trainer.total_steps,
        "targets": list(objective.label_names),
        "corpus": {
            "content_hash": corpus.content_hash,
            **({"labels_hash": corpus.labels_hash} if objective.label_names else {}),
            "namespaces": sorted(set(corpus.index["patient_namespace"])),
            "train_images": len(trainer.train),
            "validate_images": len(trainer.validate),
        },
        "tokenizer": objective.tokenizer.sha256 if objective.tokenizer else None,
        "threads": torch.get_num_threads(),
        "versions": {"radtex": __version__}
        | {name: version(name) for name in ("torch", "timm", "tokenizers", "numpy")},
    }


def begin_run(
    out: Path,
    config: dict[str, Any],
    tokenizer: Tokenizer | None,
    patients: Callable[[], Pseudonyms],
    films: Callable[[], Hashes | None] = lambda: None,
) -> None:
    """Lay out a new run, or make sure that the one at `out` is the same.

    Args:
        out: folder of the run.
        config: as `run_config` gives it.
        tokenizer: the run's, where it reads text.
        patients: hides the patients that it learns from or is selected on.
        films: makes hashes of their films, where these are known. Both are called for a new run
            alone.

    Raises:
        RunError: if `out` is a run of another recipe or corpus.
    """
    if out.exists():
        _check_same(out, config)
        return
    with whole_folder(out) as aside:
        if tokenizer is not None:
            tokenizer.save(aside / TOKENIZER)
        write_text(aside / PATIENTS, patients().text())
        hashes = films()
        if hashes is not None:
            save_weights(aside / FILMS, {"hashes": torch.from_numpy(hashes)})
        write_text(aside / CONFIG, yaml.safe_dump(config, sort_keys=False, allow_unicode=True))


def _check_same(out: Path, config: dict[str, Any]) -> None:
    kept = Run.open(out).config
    refuse_another_run(out, kept, config)
    if kept["threads"] != config["threads"]:
        _log.warning(
            "%s was begun with %d threads and goes on with %d: its bytes may differ in rounding",
            out,
            kept["threads"],
            config["threads"],
        )
