"""From a corpus and a recipe to a run."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from numpy.typing import NDArray

from radtex import __version__
from radtex.compute.allocation import keep_freed_memory
from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError, RunError
from radtex.files import refuse_existing, sole_writer, whole_folder, write_text
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.encoders.resolve import resolve_encoder
from radtex.models.model_description import ModelDescription
from radtex.models.run import CONFIG, PATIENTS, TOKENIZER, WEIGHTS, Run
from radtex.models.storage import save_weights
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.loop.compilation import check_compiler
from radtex.pretraining.loop.determinism import deterministic_kernels
from radtex.pretraining.loop.processes import Processes, join_processes
from radtex.pretraining.loop.trainer import Trainer
from radtex.pretraining.loop.training_options import TrainingOptions
from radtex.pretraining.objectives.registry import objective_class
from radtex.pretraining.recipe import Recipe, plain
from radtex.pretraining.recipe_checks import check_recipe
from radtex.pretraining.watching.loggers import LoggerName, check_loggers
from radtex.pretraining.watching.probe import probe_of

log = logging.getLogger(__name__)


def pretrain(
    corpus: Corpus,
    out: Path,
    recipe: Recipe,
    resume: bool = False,
    log_to: Sequence[LoggerName] = (),
) -> Path:
    """Train an encoder on the train split of `corpus` and keep it as a run at `out`.

    Args:
        resume: go on with an interrupted run; start one that does not exist; leave a finished one.
        log_to: where the metrics go beside `metrics.jsonl`.

    Raises:
        OutputError: if `out` exists and `resume` is off, or another process is at work on it.
        RecipeError: if the recipe does not suit the corpus.
        RunError: if `out` is a run of another recipe or corpus, or training cannot go on.
    """
    keep_freed_memory()
    with ExitStack() as held:
        processes = held.enter_context(join_processes())
        held.enter_context(deterministic_kernels(processes.device))
        if processes.first:
            held.enter_context(sole_writer(out))
        if not resume and processes.first:
            refuse_existing(out)
        if (out / WEIGHTS).is_file():
            log.info("%s is finished", out)
            return out
        check_recipe(recipe)
        _check_machine(recipe.training, processes)
        check_loggers(log_to)
        takes = EncoderInput(recipe.image_size or corpus.size, corpus.mean, corpus.std)
        train = corpus.rows("train")
        with seeded(recipe.seed):
            encoder, earlier_patients = _initial_encoder(recipe, takes)
            kind = objective_class(recipe.objective)
            objective = kind.from_recipe(recipe, corpus, encoder, out)
        usable = objective.usable(train)
        if not len(usable):
            raise RecipeError(
                f"no training image of {corpus.path} has what the objective {recipe.objective!r} "
                "learns from; build the corpus with reports, or with labels"
            )
        splits = set(corpus.index["split"])
        validate = objective.usable(corpus.rows("validate")) if "validate" in splits else train[:0]
        pixels = Pixels(corpus.images, takes)
        training = recipe.training
        trainer = Trainer(
            objective=objective,
            pixels=pixels,
            train=usable,
            validate=validate,
            augmentation=recipe.augmentation,
            optimizer_options=recipe.optimization,
            options=training,
            seed=recipe.seed,
            run=out,
            processes=processes,
            image_ids=corpus.index["image_id"].tolist(),
            studies=_study_numbers(corpus),
            probe=probe_of(
                corpus, pixels, training.probe_every, training.probe_targets, recipe.label_policy
            ),
            log_to=log_to,
        )
        config = _config(recipe, corpus, trainer)
        hashes = corpus.patient_hashes()[np.concatenate([usable, validate])]
        if processes.first:
            _open_run(out, config, objective.tokenizer, sorted(earlier_patients.union(hashes)))
            _describe(trainer)
        processes.wait()
        weights = trainer.fit()
        if processes.first:
            save_weights(out / WEIGHTS, weights)
        processes.wait()
        return out


def _initial_encoder(recipe: Recipe, takes: EncoderInput) -> tuple[Encoder, frozenset[str]]:
    """The encoder to start from, and the patients it has already learnt from."""
    source = resolve_encoder(recipe.init, recipe.backbone, takes, recipe.seed)
    if source.encoder.backbone != recipe.backbone:
        raise RecipeError(
            f"--init {recipe.init} is a {source.encoder.backbone}, the recipe wants a "
            f"{recipe.backbone}; name the same --backbone"
        )
    encoder = Encoder(recipe.backbone, takes.size)
    try:
        encoder.load_state_dict(source.encoder.state_dict())
    except RuntimeError as error:  # positions of patches are learnt for one size
        raise RecipeError(
            f"--init {recipe.init} has weights for images of {source.takes.size} px alone; "
            f"set --image-size {source.takes.size}"
        ) from error
    return encoder, source.patients


def _check_machine(options: TrainingOptions, processes: Processes) -> None:
    if options.micro_batches % processes.count:
        raise RecipeError(
            f"{processes.count} processes cannot share {options.micro_batches} micro-batches; "
            f"set --micro-batches to a multiple of {processes.count}"
        )
    if options.compile:
        check_compiler(processes.device)


def _study_numbers(corpus: Corpus) -> NDArray[np.int64]:
    """A number per row, the same for the images of a study of a patient."""
    names = corpus.index[["patient_namespace", "patient_id", "study_id"]]
    return np.asarray(names.groupby(list(names), dropna=False).ngroup(), dtype=np.int64)


def _config(recipe: Recipe, corpus: Corpus, trainer: Trainer) -> dict[str, Any]:
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
            "namespaces": sorted(set(corpus.index["patient_namespace"])),
            "train_images": len(trainer.train),
            "validate_images": len(trainer.validate),
        },
        "tokenizer": objective.tokenizer.sha256 if objective.tokenizer else None,
        "threads": torch.get_num_threads(),
        "versions": {"radtex": __version__}
        | {name: version(name) for name in ("torch", "timm", "tokenizers", "numpy")},
    }


def _open_run(
    out: Path, config: dict[str, Any], tokenizer: Tokenizer | None, patients: list[str]
) -> None:
    """Lay out a new run, or make sure that the one at `out` is the same."""
    if out.exists():
        _check_same(out, config)
        return
    with whole_folder(out) as aside:
        if tokenizer is not None:
            tokenizer.save(aside / TOKENIZER)
        write_text(aside / PATIENTS, "".join(f"{patient}\n" for patient in patients))
        write_text(aside / CONFIG, yaml.safe_dump(config, sort_keys=False, allow_unicode=True))


def _check_same(out: Path, config: dict[str, Any]) -> None:
    kept = Run.open(out).config
    for part in ("corpus", "recipe", "model", "steps"):
        if kept[part] != config[part]:
            names = (
                [key for key in config[part] if kept[part].get(key) != config[part][key]]
                if isinstance(config[part], dict)
                else []
            )
            raise RunError(
                f"{out} was begun with another {part} ({', '.join(names) or part}); resume it with "
                "the same one, or choose another --out"
            )
    if kept["threads"] != config["threads"]:
        log.warning(
            "%s was begun with %d threads and goes on with %d: its bytes may differ in rounding",
            out,
            kept["threads"],
            config["threads"],
        )


def _describe(trainer: Trainer) -> None:
    for group in trainer.optimizer.groups:
        weights = sum(parameter.numel() for parameter in group.parameters)
        log.info(
            "%s: %.2f M weights, learning rate %g, weight decay %g",
            group.name,
            weights / 1e6,
            group.learning_rate,
            group.weight_decay,
        )
    log.info(
        "%d training and %d validation images, %d steps of %d images",
        len(trainer.train),
        len(trainer.validate),
        trainer.total_steps,
        trainer.options.batch_size,
    )
