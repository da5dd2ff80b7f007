from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from radtex.corpus.corpus import INDEX_COLUMNS, Corpus, write_corpus
from radtex.corpus.labels import LABEL_POLICIES
from radtex.transfer.contestants import Contestant, Role
from radtex.transfer.protocol import run_protocol
from radtex.transfer.transfer import transfer

TARGETS = ("Edema", "Effusion")


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """720 tiny images of 600 studies of 400 patients; Edema is a bright left half, Effusion a
    bright lower half, Hernia too rare to measure; half of the patients are in each split."""
    rng = np.random.default_rng(5)
    study = np.concatenate([np.arange(600), np.arange(120)])
    patient = np.where(study < 400, study, study - 400)
    truth = rng.random((600, 3)) < (0.3, 0.4, 0.005)
    images = rng.normal(100, 40, (720, 16, 16))
    images[:, :, :8] += 25 * truth[study, 0, None, None]
    images[:, 8:, :] += 25 * truth[study, 1, None, None]
    index = pd.DataFrame(
        {name: [""] * 720 for name in INDEX_COLUMNS}
        | {
            "image_id": [f"i{row}" for row in range(720)],
            "study_id": [f"s{number}" for number in study],
            "patient_id": [f"p{number}" for number in patient],
            "patient_namespace": "made",
            "split": np.where(patient % 2 == 0, "pool", "test"),
            "sex": np.where(patient % 3 == 0, "F", "M"),
        }
    )
    for column, name in enumerate((*TARGETS, "Hernia")):
        index[f"label.{name}"] = pd.array(truth[study, column].astype(int), dtype="Int8")
    return Corpus(
        Path("made"),
        index,
        images.clip(0, 255).astype(np.uint8),
        {
            "size": 16,
            "pixel_mean": 100.0,
            "pixel_std": 40.0,
            "content_hash": "0" * 64,
            "source": {"name": "made"},
            "options": {"fit": "crop", "intensity": "window"},
        },
    )


class GridEncoder(nn.Module):
    """A small convolutional encoder with batch normalisation."""

    def __init__(self, seed: int, width: int = 12) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.convolution = nn.Conv2d(1, width, 8, stride=8)
        self.normalisation = nn.BatchNorm2d(width)
        with torch.no_grad():
            for parameter in self.convolution.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) / 8)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.normalisation(self.convolution(images)).relu()


@pytest.fixture(scope="session")
def contestant() -> Callable[..., Contestant]:
    """Make a contestant: `contestant(name, role, seed=0, patients=frozenset())`."""

    def make(
        name: str, role: Role, seed: int = 0, patients: frozenset[str] = frozenset()
    ) -> Contestant:
        description = {"architecture": "grid", "steps": None if role == "random" else 10}
        return Contestant(name, role, GridEncoder(seed), 100.0, 40.0, 16, description, patients)

    return make


@pytest.fixture(scope="session")
def run(corpus):
    """Run a protocol, linear by default, on Edema, Effusion and the unmeasurable Hernia."""

    def run(
        contestants,
        budgets=(20, 60, 160),
        repeats=3,
        seed=0,
        pool=None,
        test=None,
        protocol="linear",
        pool_corpus=corpus,
        **options,
    ):
        return run_protocol(
            protocol,
            contestants,
            (pool_corpus, corpus.rows("pool") if pool is None else pool),
            (corpus, corpus.rows("test") if test is None else test),
            ["Edema", "Effusion", "Hernia"],
            budgets,
            repeats,
            LABEL_POLICIES["paper"],
            seed,
            **options,
        )

    return run


@pytest.fixture(scope="session")
def kept(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder: a `corpus` of 64 px, and `evidence` and `classifier` of an encoder `seen`."""
    folder = tmp_path_factory.mktemp("kept")
    large = np.kron(corpus.images, np.ones((1, 4, 4), np.uint8))
    (folder / "corpus").mkdir()
    info = {key: value for key, value in corpus.info.items() if key != "content_hash"}
    write_corpus(folder / "corpus", corpus.index, [large], info | {"size": 64})
    transfer(
        str(folder / "corpus"),
        ["seen=random"],
        ["Edema", "Effusion", "Hernia"],
        folder / "evidence",
        budgets=(20, 60),
        repeats=2,
        backbone="test_resnet",
        save=folder / "classifier",
    )
    return folder
