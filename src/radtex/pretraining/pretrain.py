"""From a corpus and a recipe to a run."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radtex.compute.allocation import keep_freed_memory
from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus
from radtex.corpus.pseudonyms.pseudonyms import Pseudonyms
from radtex.errors import RecipeError
from radtex.files import refuse_existing, sole_writer
from radtex.models.encoder_input import EncoderInput
from radtex.models.film_hashes import Hashes, film_hashes
from radtex.models.run import WEIGHTS, Run
from radtex.models.storage import save_weights
from radtex.pretraining.begin_run import begin_run, run_config
from radtex.pretraining.data.batches import Rows
from radtex.pretraining.data.pixels import Pixels
from radtex.pretraining.initial_encoder import initial_encoder
from radtex.pretraining.loop.compilation import check_compiler
from radtex.pretraining.loop.determinism import deterministic_kernels
from radtex.pretraining.loop.interruption import termination_noted
from radtex.pretraining.loop.processes import join_processes
from radtex.pretraining.loop.trainer import Trainer
from radtex.pretraining.objectives.objective import Objective
from radtex.pretraining.objectives.objective_registry import objective_class
from radtex.pretraining.recipe import Recipe
from radtex.pretraining.recipe_checks import check_recipe
from radtex.pretraining.same_run import as_earlier_versions, refuse_another_run
from radtex.pretraining.step_parts import as_begun, cut_for
from radtex.pretraining.watching.loggers import LoggerName, check_loggers
from radtex.pretraining.watching.probe import probe_of

_log = logging.getLogger(__name__)


def pretrain(
    corpus: Corpus,
    out: Path,
    recipe: Recipe,
    resume: bool = False,
    log_to: Sequence[LoggerName] = (),
    checkpoint_minutes: float | None = None,
) -> Path:
    """Train an encoder on the train split of `corpus` and keep it as a run at `out`.

    Args:
        corpus: its split `train` is learnt from; its split `validate`, if any, is watched, and may
            select the weights.
        out: folder of the run.
        recipe: every choice of the training.
        resume: resume an interrupted run; start one that does not exist; leave a finished one that
            was trained by this recipe on this corpus.
        log_to: where the metrics go beside `metrics.jsonl`.
        checkpoint_minutes: minutes after which a checkpoint is kept, beside those that the recipe
            asks for.

    Returns:
        `out`.

    Raises:
        OutputError: if `out` exists and `resume` is off, or another process is at work on it.
        RecipeError: if the recipe does not suit the corpus.
        RunError: if `out` is a run of another recipe or corpus, or training cannot go on.
        StoppedError: if SIGTERM came. Between the first step and the last a checkpoint is kept.
        SiteKeyError: if the patients are the site's own, and its key cannot be had.
    """
    keep_freed_memory()
    with ExitStack() as held:
        termination = held.enter_context(termination_noted())
        processes = held.enter_context(join_processes())
        held.enter_context(deterministic_kernels(processes.device))
        if processes.first:
            held.enter_context(sole_writer(out))
        if not resume and processes.first:
            refuse_existing(out)
        recipe = as_earlier_versions(recipe, out)
        asked_recipe, recipe = recipe, as_begun(recipe, out)
        if (out / WEIGHTS).is_file():
            asked = {"recipe": recipe.as_dict(), "corpus": {"content_hash": corpus.content_hash}}
            refuse_another_run(out, Run.open(out).config, asked)
            _log.info("%s is finished", out)
            return out
        check_recipe(recipe)
        recipe = cut_for(recipe, processes.count, begun=recipe is not asked_recipe)
        if recipe.training.compile:
            check_compiler(processes.device)
        check_loggers(log_to)
        takes = EncoderInput(recipe.image_size or corpus.size, corpus.mean, corpus.std)
        with seeded(recipe.seed):
            encoder, seen, films = initial_encoder(recipe, takes)
            kind = objective_class(recipe.objective)
            objective = kind.from_recipe(recipe, corpus, encoder, out)
        train, validate = _usable_rows(recipe, corpus, objective)
        pixels = Pixels(corpus.images, takes)
        training = recipe.training
        trainer = Trainer(
            objective=objective,
            pixels=pixels,
            train=train,
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
            termination=termination,
            checkpoint_minutes=checkpoint_minutes,
        )
        config = run_config(recipe, corpus, trainer)
        used = np.concatenate([train, validate])
        if processes.first:

            def patients() -> Pseudonyms:
                """Also those of the run that it begins with."""
                return Pseudonyms.of_corpus(corpus, used).joined(seen.hidden())

            def hashes() -> Hashes | None:
                """Also of the films of the run that it begins with, if these are known."""
                if films is None:
                    return None
                return np.concatenate([films, film_hashes(corpus.images, used)])

            begin_run(out, config, objective.tokenizer, patients, hashes)
            _describe(trainer)
        processes.wait()
        termination.waits = True
        weights = trainer.fit()
        if processes.first:
            save_weights(out / WEIGHTS, weights)
        processes.wait()
        return out


def _usable_rows(recipe: Recipe, corpus: Corpus, objective: Objective) -> tuple[Rows, Rows]:
    """The rows to train on and to validate on; the second may be none."""
    train = objective.usable(corpus.rows("train"))
    if not len(train):
        raise RecipeError(
            f"no training image of {corpus.path} has what the objective {recipe.objective!r} "
            "learns from; build the corpus with reports, or with labels"
        )
    if "validate" not in set(corpus.index["split"]):
        return train, train[:0]
    return train, objective.usable(corpus.rows("validate"))


def _study_numbers(corpus: Corpus) -> NDArray[np.int64]:
    """A number per row, the same for the images of a study of a patient."""
    names = corpus.index[["patient_namespace", "patient_id", "study_id"]]
    return np.asarray(names.groupby(list(names), dropna=False).ngroup(), dtype=np.int64)


def _describe(trainer: Trainer) -> None:
    for group in trainer.optimizer.groups:
        weights = sum(parameter.numel() for parameter in group.parameters)
        _log.info(
            "%s: %.2f M weights, learning rate %g, weight decay %g",
            group.name,
            weights / 1e6,
            group.learning_rate,
            group.weight_decay,
        )
    _log.info(
        "%d training and %d validation images, %d steps of %d images",
        len(trainer.train),
        len(trainer.validate),
        trainer.total_steps,
        trainer.options.batch_size,
    )
