"""`radtex pretrain`: from a corpus to a run."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from radtex.cli.parameters import Names, given

LoggerName = Literal["tensorboard", "mlflow"]


def pretrain(
    corpus: Path,
    /,
    *,
    out: Path,
    recipe: str | None = None,
    targets: Names = None,
    probe_targets: Names = None,
    log_to: Annotated[list[LoggerName] | None, Parameter(consume_multiple=True)] = None,
    resume: bool = False,
    **fields: str,
) -> None:
    """Train an encoder on the train split of a corpus.

    Every field of the recipe is a flag too: --init imagenet, --epochs 10, --seed 1,
    --learning-rate 1e-3, … An unknown one is refused with the names there are. For several GPUs:
    torchrun --nproc-per-node N -m radtex pretrain …

    Parameters
    ----------
    corpus
        A folder that `corpus build` made.
    out
        The run to make.
    recipe
        radtex-small (the default) or radtex-r50; one of their rivals, captioning-, masked-,
        contrastive-, contrastive-captioning-, token-classification- or supervised-, each with
        -small or -r50; or a YAML file.
    targets
        Labels of the supervised objective: a target set or names; all by default.
    probe_targets
        Labels of the probe that --probe-every N asks for, likewise.
    log_to
        tensorboard, mlflow or both: copies of metrics.jsonl. MLflow's go to MLFLOW_TRACKING_URI, or
        to the folder mlruns beside the run.
    resume
        Go on with an interrupted run; start one that does not exist; leave a finished one.
    """
    from radtex.corpus.corpus import Corpus
    from radtex.pretraining.pretrain import pretrain as train
    from radtex.pretraining.recipe import load_recipe

    overrides = {name.replace("-", "_"): value for name, value in fields.items()}
    overrides |= given(targets=targets, probe_targets=probe_targets)
    chosen = load_recipe(overrides=overrides, **given(name=recipe))
    train(Corpus.open(corpus), out, chosen, resume, **given(log_to=log_to))
    print(out)


def runs(folder: Path, /, *, json: bool = False) -> None:
    """List the runs below a folder: their state, how far they are, their losses and scores.

    Parameters
    ----------
    folder
        Where to look, at any depth.
    json
        Write one JSON list instead of a table.
    """
    from radtex.pretraining.watching.runs import as_json, find_runs, table

    print((as_json if json else table)(find_runs(folder)))
