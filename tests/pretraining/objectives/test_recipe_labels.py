"""Labels of a recipe: of the corpus, or of each report."""

import math

import pytest

from fixtures.recipes import LEAN
from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError
from radtex.findings import CHEXPERT_LABELS
from radtex.pretraining.objectives.recipe_labels import recipe_labels
from radtex.pretraining.recipe import load_recipe
from radtex.reports import label_report, training_texts


@pytest.mark.parametrize("policy", ["paper", "blank-negative"])
def test_mined_labels_are_those_of_each_report(phantom_corpus: Corpus, policy: str) -> None:
    options = LEAN | {"label_source": "reports", "label_policy": policy}
    labels, names = recipe_labels(load_recipe("supervised-small", options), phantom_corpus)
    assert names == CHEXPERT_LABELS
    blank = 0.0 if policy == "blank-negative" else math.nan
    texts = training_texts(phantom_corpus.index)
    for row in range(20):
        for name, found in zip(names, labels[row], strict=True):
            said = label_report(texts[row])[name]
            if said != -1:
                assert found == pytest.approx(blank if said is None else said, nan_ok=True)


def test_labels_of_reports_that_are_dealt_to_others_are_refused(phantom_corpus: Corpus) -> None:
    """They would stay with their own images, and the control would learn from them."""
    options = LEAN | {"label_source": "reports", "shuffle_reports": True}
    with pytest.raises(RecipeError, match="leave out one of --shuffle-reports and --label-source"):
        recipe_labels(load_recipe("supervised-small", options), phantom_corpus)
