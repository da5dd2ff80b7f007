"""Films for a `DataLoader`: in this process and in others."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.errors import CorpusError

TARGETS = ["Cardiomegaly", "Pleural Effusion"]


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_the_films_and_labels_of_the_split(
    phantom_corpus: Corpus, workers: int
) -> None:
    rows = phantom_corpus.rows("train")
    dataset = phantom_corpus.dataset("train", TARGETS)
    assert len(dataset) == len(rows)
    loader = DataLoader(dataset, batch_size=16, num_workers=workers)  # type: ignore[arg-type]
    images, labels = (torch.cat(part) for part in zip(*loader, strict=True))
    grey = phantom_corpus.images[rows].astype(np.float64)
    expected = (grey - phantom_corpus.mean) / phantom_corpus.std
    np.testing.assert_allclose(images[:, 0], expected, rtol=1e-5, atol=1e-5)
    assert images.dtype == labels.dtype == torch.float32
    np.testing.assert_array_equal(
        labels, phantom_corpus.labels(TARGETS, label_policy("paper"))[rows]
    )


def test_what_is_not_definite_is_nan_or_what_is_asked_for(phantom_corpus: Corpus) -> None:
    index = phantom_corpus.index.copy()
    index.loc[phantom_corpus.rows("pool")[:2], "label.Cardiomegaly"] = [-1, None]
    corpus = Corpus(phantom_corpus.path, index, phantom_corpus.images, phantom_corpus.info)
    assert np.isnan(corpus.dataset("pool", TARGETS).labels[:2, 0]).all()
    assert (corpus.dataset("pool", TARGETS, missing=-1).labels[:2, 0] == -1).all()
    ones = corpus.dataset("pool", ["Cardiomegaly"], label_policy="u-ones").labels
    assert ones[:2, 0].tolist() == [1, 0]
    with pytest.raises(CorpusError, match="no labels Gout"):
        corpus.dataset("pool", ["Gout"])
    with pytest.raises(CorpusError, match="no split"):
        corpus.dataset("none", TARGETS)


def test_a_copy_for_another_process_holds_no_pixels(phantom_corpus: Corpus) -> None:
    dataset = Corpus.open(phantom_corpus.path).dataset("train", TARGETS)
    stored = pickle.dumps(dataset)
    assert len(stored) < 5000
    again = pickle.loads(stored)  # noqa: S301
    np.testing.assert_array_equal(again[3][0], dataset[3][0])
    assert repr(again) == f"<FilmDataset: {len(dataset)} films, labels of {', '.join(TARGETS)}>"


def test_it_needs_no_torch(phantom_corpus: Corpus) -> None:
    code = (
        "import sys, radtex\n"
        f"films = radtex.Corpus.open({str(phantom_corpus.path)!r}).dataset('test', {TARGETS})\n"
        "assert films[0][0].shape == (1, 64, 64)\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
