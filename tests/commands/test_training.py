from pathlib import Path

import pytest

import radtex
from radtex.corpus.corpus import Corpus
from radtex.errors import RecipeError
from radtex.models.run import Run


def test_fields_of_the_recipe_are_arguments(phantom_corpus: Corpus, tmp_path: Path) -> None:
    run = radtex.pretrain(
        str(phantom_corpus.path),
        str(tmp_path / "run"),
        "supervised-small",
        backbone="test_resnet",
        steps=1,
        targets=["Cardiomegaly"],
    )
    opened = Run.open(run)
    assert (opened.objective, opened.targets) == ("supervised", ["Cardiomegaly"])
    with pytest.raises(RecipeError, match="did you mean 'epochs'"):
        radtex.pretrain(phantom_corpus, tmp_path / "other", epoch=1)
    assert not (tmp_path / "other").exists()
