from pathlib import Path

import pytest

from radtex.corpus.corpus import Corpus
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe


@pytest.fixture(scope="session")
def writing_run(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of bicaptioning, two steps old, with a context of 24 tokens."""
    options = {
        "backbone": "test_resnet",
        "hidden": 16,
        "heads": 2,
        "feedforward": 32,
        "vocabulary": 400,
        "max_tokens": 24,
        "steps": 2,
    }
    out = tmp_path_factory.mktemp("runs") / "writing"
    return pretrain(phantom_corpus, out, load_recipe("radtex-small", options))
