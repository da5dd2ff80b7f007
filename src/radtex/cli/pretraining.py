"""`radtex pretrain` and `radtex runs`: from a corpus to a run, and what has become of runs."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number

from radtex.cli.defaults import shows_defaults_of
from radtex.cli.first_process import is_first_process
from radtex.cli.parameters import Names
from radtex.cli.terminal import show, show_table
from radtex.printable import one_line

LoggerName = Literal["tensorboard", "mlflow", "wandb"]


@shows_defaults_of(
    "radtex.pretraining.pretrain:pretrain",
    "radtex.pretraining.recipe:load_recipe",
    recipe="name",
)
def pretrain(
    corpus: str,
    /,
    *,
    out: Path,
    recipe: str | None = None,
    targets: Names = None,
    probe_targets: Names = None,
    log_to: Annotated[list[LoggerName] | None, Parameter(consume_multiple=True)] = None,
    checkpoint_minutes: Annotated[float | None, Parameter(validator=Number(gt=0))] = None,
    resume: bool | None = None,
    **fields: Annotated[str, Parameter(show=False)],
) -> None:
    """Train an encoder on the train split of a corpus.

    Each field of the recipe is a flag too. It is listed below with the value that it has unless
    --recipe or the flag says otherwise.

    On N GPUs, 2, 4, 8 …: torchrun --nproc-per-node N -m radtex pretrain …

    SIGTERM ends it after the step at hand, with a checkpoint and exit status 75.

    Args:
        corpus: A folder that `corpus build` made. Its train split is used, as CORPUS:train says.
        out: The run to make.
        recipe: radtex-small or radtex-r50; bicaptioning- (the paper's objective); one of their
            rivals, captioning-, masked-, contrastive-, contrastive-captioning-,
            token-classification-, token-classification-idf-, radtex-mined- (radtex-, and labels
            mined from the reports), vicreg- (from images alone) or supervised-, each with -small
            or -r50; or a YAML file.
        targets: Labels that the supervised objective learns, or the joint one with
            --labels-weight: a target set or names. Without it, all labels of the source.
        probe_targets: Labels of the probe that --probe-every N asks for, named likewise.
        log_to: Copy metrics.jsonl elsewhere as well. MLflow's copy goes to MLFLOW_TRACKING_URI, or
            to the folder mlruns beside the run; that of wandb stays in the run, unless
            WANDB_MODE is online.
        checkpoint_minutes: Minutes after which a checkpoint is kept, beside those of
            --checkpoint-every. For machines that may be taken away.
        resume: Resume an interrupted run. Starts a run that does not exist, and leaves a finished
            one as it is. A run of other choices, finished or not, is refused.
        **fields: Fields of the recipe.
    """
    from radtex.commands.training import pretrain as train

    train(
        corpus,
        out,
        recipe,
        targets=targets,
        probe_targets=probe_targets,
        log_to=log_to,
        checkpoint_minutes=checkpoint_minutes,
        resume=resume,
        **{name.replace("-", "_"): value for name, value in fields.items()},
    )
    if is_first_process():
        show(one_line(out))


def runs(folder: Path, /, *, json: bool = False) -> None:
    """List the runs below a folder: their state, how far they are, their losses and scores.

    Args:
        folder: Where to look, at any depth.
        json: Print a JSON list, in place of a table.
    """
    from radtex.pretraining.watching.runs import as_json, table
    from radtex.pretraining.watching.runs import runs as find_runs

    show((as_json if json else table)(find_runs(folder)))


def recipes(name: str | None = None, /) -> None:
    """List the recipes, or the fields of one with their values.

    Args:
        name: A recipe that comes with radtex, or a YAML file. Without it, all of the former.
    """
    from radtex.cli.recipe_help import recipe_table
    from radtex.commands.recipe_list import recipes as list_recipes
    from radtex.pretraining.recipe import load_recipe
    from radtex.text_tables import aligned

    if name is not None:
        show_table([["flag", "value", "what it is"], *recipe_table(load_recipe(name))])
        return
    rows = list_recipes().itertuples(name=None)
    show(aligned([["recipe", "objective", "backbone"], *(list(map(str, row)) for row in rows)]))
