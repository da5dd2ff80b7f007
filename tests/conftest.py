"""What tests of several rooms share: a small phantom corpus, and threads kept to one."""

import logging
import signal
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
import torch
from hypothesis import settings

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.sources import open_source

# Tests never time, and `make test` tries the same examples each time; `make soak` tries others.
settings.register_profile("random", deadline=None)
settings.register_profile("same", settings.get_profile("random"), derandomize=True)
settings.load_profile("same")

pytest_plugins = [
    "fixtures.archives",
    "fixtures.commands",
    "fixtures.exports",
    "fixtures.fake_hub",
    "fixtures.few_labels",
    "fixtures.offline_hub",
    "fixtures.orthanc",
    "fixtures.scoring",
    "fixtures.shortcuts",
    "fixtures.writing",
]
if find_spec("fastapi"):  # the lowest versions are tried without the server
    pytest_plugins += ["fixtures.browser", "fixtures.serving"]


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """A command that a test runs in this process takes SIGTERM, and sets what is logged."""
    handler, level = signal.getsignal(signal.SIGTERM), logging.getLogger("radtex").level
    yield
    signal.signal(signal.SIGTERM, handler)
    logging.getLogger("radtex").setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the features that a user keeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RADTEX_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_site_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or makes the key that hides a user's patients."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RADTEX_SITE_KEY_FILE", str(tmp_path_factory.mktemp("site") / "site.key"))
        yield


@pytest.fixture(scope="session")
def phantom_corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """120 studies at 64 px, with all four splits."""
    out = tmp_path_factory.mktemp("phantom") / "corpus"
    return build(open_source("phantom", studies=120, seed=0), out, size=64, workers=1)
