"""The labels that a recipe names, of the corpus or mined from its reports."""

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.errors import RecipeError
from radtex.findings import CHEXPERT_LABELS, target_names
from radtex.pretraining.recipe import Recipe
from radtex.reports import label_reports
from radtex.reports.training_text import training_texts


def recipe_labels(recipe: Recipe, corpus: Corpus) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Take the labels that a recipe names from the corpus or from its reports.

    Returns:
        (N, L) 1, 0, or NaN where a label of a row is not definite; and the L names.

    Raises:
        RecipeError: if the corpus, or the labeler of reports, does not have them; or if they would
            be those of reports that are dealt to other images.
    """
    names, policy = _label_names(recipe, corpus), label_policy(recipe.label_policy)
    if recipe.label_source == "corpus":
        return corpus.labels(names, policy), names
    if recipe.text.shuffle_reports:
        raise RecipeError(
            "--shuffle-reports deals texts to other images, not the labels that reports state; "
            "leave out one of --shuffle-reports and --label-source reports"
        )
    texts = training_texts(corpus.index, "findings+impression")
    mined = label_reports(texts)[list(names)].to_numpy(dtype=np.float32, na_value=np.nan)
    return policy.definite(mined, names), names


def _label_names(recipe: Recipe, corpus: Corpus) -> tuple[str, ...]:
    there = corpus.label_names if recipe.label_source == "corpus" else CHEXPERT_LABELS
    if not there:
        raise RecipeError(
            f"{corpus.path} has no labels, which the {recipe.objective} objective needs; set "
            "--label-source reports to take them from the texts"
        )
    targets = target_names(recipe.targets) or there
    unknown = [name for name in targets if name not in there]
    if unknown:
        raise RecipeError(
            f"there are no labels {', '.join(unknown)} in the {recipe.label_source}; "
            f"there are: {', '.join(there)}"
        )
    return targets
