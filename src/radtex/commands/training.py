"""`radtex.pretrain`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from radtex.commands.given import given
from radtex.corpus.corpus import Corpus, open_whole
from radtex.pretraining.pretrain import pretrain as train
from radtex.pretraining.recipe import load_recipe
from radtex.pretraining.watching.loggers import LoggerName


def pretrain(
    corpus: Corpus | Path | str,
    out: Path | str,
    recipe: Path | str | None = None,
    *,
    targets: Sequence[str] | None = None,
    probe_targets: Sequence[str] | None = None,
    log_to: Sequence[LoggerName] | None = None,
    checkpoint_minutes: float | None = None,
    resume: bool | None = None,
    **fields: Any,
) -> Path:
    """Train an encoder on the train split of a corpus.

    Args:
        corpus: the corpus, or its folder.
        out: the run to make.
        recipe: the name of a recipe (see `radtex.recipes`), or a YAML file; by default
            radtex-small.
        targets: labels that the supervised objective learns, or the joint one.
        probe_targets: labels of the probe that `probe_every` asks for.
        log_to: where the metrics go beside `metrics.jsonl`: "tensorboard", "mlflow", "wandb".
        checkpoint_minutes: minutes after which a checkpoint is kept.
        resume: whether to resume an interrupted run.
        **fields: fields of the recipe to change, as `epochs=3` or `backbone="resnet18"`.

    Returns:
        `out`, for `radtex.load`.

    Raises:
        RecipeError: if a field is unknown, or the recipe does not suit the corpus.
        OutputError: if `out` exists and `resume` is off, or another process is at work on it.
        RunError: if `out` is a run of another recipe or corpus, or training cannot go on.
        CorpusError: if the folder is no corpus, or has no train split.
        StoppedError: if SIGTERM came; a checkpoint is kept.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> folder = TemporaryDirectory()
        >>> place = Path(folder.name)
        >>> corpus = radtex.build_corpus(
        ...     "phantom", out=place / "corpus", studies=16, size=64, workers=1
        ... )
        >>> run = radtex.pretrain(corpus, place / "run", backbone="test_resnet", steps=1)
        >>> radtex.load(run).encode(corpus.images[:2]).shape
        (2, 96)
        >>> folder.cleanup()
    """
    overrides = fields | given(targets=targets, probe_targets=probe_targets)
    name = None if recipe is None else str(recipe)
    chosen = load_recipe(overrides=overrides, **given(name=name))
    if not isinstance(corpus, Corpus):
        corpus = open_whole(corpus, "train", "an encoder is trained on")
    options = given(resume=resume, log_to=log_to, checkpoint_minutes=checkpoint_minutes)
    return train(corpus, Path(out), chosen, **options)
