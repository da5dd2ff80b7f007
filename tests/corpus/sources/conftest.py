"""A corpus of phantom films, and real tables."""

import importlib.util
from pathlib import Path

import pytest

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.sources import open_source


@pytest.fixture
def wheel_tables() -> Path:
    """The folder of real label tables that comes with torchxrayvision."""
    found = importlib.util.find_spec("torchxrayvision")
    if found is None or found.origin is None:
        pytest.skip("needs the real tables inside the wheel torchxrayvision")
    return Path(found.origin).parent / "data"


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """A corpus of phantom films, read as if they were an archive's."""
    out = tmp_path_factory.mktemp("films") / "corpus"
    return build(open_source("phantom", studies=120, seed=2), out, size=96, namespace="hospital")
