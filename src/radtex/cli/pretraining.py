"""`radtex pretrain`: from a corpus to a run."""

from pathlib import Path

from radtex.cli.parameters import Names, given


def pretrain(
    corpus: Path,
    /,
    *,
    out: Path,
    recipe: str | None = None,
    targets: Names = None,
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
    resume
        Go on with an interrupted run; start one that does not exist; leave a finished one.
    """
    from radtex.corpus.corpus import Corpus
    from radtex.pretraining.pretrain import pretrain as train
    from radtex.pretraining.recipe import load_recipe

    overrides = {name.replace("-", "_"): value for name, value in fields.items()}
    overrides |= given(targets=targets)
    train(Corpus.open(corpus), out, load_recipe(overrides=overrides, **given(name=recipe)), resume)
    print(out)
