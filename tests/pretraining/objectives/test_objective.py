"""What every objective that reads reports has in common."""

from pathlib import Path

import numpy as np
import pytest

from fixtures.objectives import OPTIONS, captions
from fixtures.recipes import LEAN
from radtex.corpus.corpus import Corpus
from radtex.models.encoder import Encoder
from radtex.models.tokenizer import Tokenizer
from radtex.pretraining.objectives.contrastive import Contrastive
from radtex.pretraining.objectives.masked import Masked
from radtex.pretraining.objectives.objective import recipe_captions
from radtex.pretraining.recipe import load_recipe


@pytest.mark.parametrize("kind", [Masked, Contrastive])
def test_images_without_a_report_are_left_out(
    encoder: Encoder, kind: type[Masked] | type[Contrastive]
) -> None:
    objective = kind(encoder, OPTIONS, captions(["clear lungs", "", "x"]))
    assert objective.usable(np.arange(3)).tolist() == [0, 2]


def test_the_captions_of_a_recipe_are_in_the_tokens_of_the_run_once_it_has_some(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    recipe = load_recipe("radtex-small", LEAN)
    own = recipe_captions(recipe, phantom_corpus, tmp_path)
    assert len(own.tokenizer) == 400
    assert len(own.lengths) == len(phantom_corpus.images)
    Tokenizer.train(["clear lungs"], 260).save(tmp_path / "tokenizer.json")
    assert len(recipe_captions(recipe, phantom_corpus, tmp_path).tokenizer) == 260


def test_a_recipe_that_mirrors_has_captions_of_both_sides(
    phantom_corpus: Corpus, tmp_path: Path
) -> None:
    recipe = load_recipe("radtex-small", LEAN | {"flip": 0.5})
    captions = recipe_captions(recipe, phantom_corpus, tmp_path)
    assert len(captions.lengths) == 2 * len(phantom_corpus.images)
    assert captions.texts_per_row == 1
