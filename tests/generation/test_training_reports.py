"""The reports that a run learnt from, and whose film is nearest."""

from pathlib import Path

import numpy as np
import pytest

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.sources import open_source
from radtex.errors import RunError
from radtex.generation.training_reports import TrainingReports
from radtex.models.run import Run
from radtex.reports import training_texts
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.features import pooled_features


@pytest.fixture(scope="module")
def run(writing_run: Path) -> Run:
    return Run.open(writing_run)


def test_the_nearest_have_the_largest_cosine_and_no_text_comes_twice(
    run: Run, phantom_corpus: Corpus
) -> None:
    model = run.load()
    training = TrainingReports(run, model, phantom_corpus.path)
    train, test = phantom_corpus.rows("train"), phantom_corpus.rows("test")[:4]
    texts = training_texts(phantom_corpus.index.iloc[train], run.reference_policy)
    assert list(training.texts) == texts
    contestant = Contestant("the run", "other", model.encoder, model.takes, {})
    known, asked = (
        pooled_features(contestant, phantom_corpus.images, rows).double() for rows in (train, test)
    )
    found = training.nearest(asked.float(), 5)
    assert found.shape == (4, 5)
    for features, numbers in zip(asked, found, strict=True):
        cosines = (known @ features / known.norm(dim=1) / features.norm()).numpy()
        expected: list[str] = []
        for row in np.argsort(-cosines, kind="stable"):
            if texts[row] not in expected:
                expected.append(texts[row])
        assert [texts[number] for number in numbers] == expected[:5]
    everyone = training.nearest(asked.float(), 10_000)
    assert everyone.shape == (4, len(set(texts)))


def test_another_corpus_is_refused(run: Run, tmp_path: Path) -> None:
    other = build(open_source("phantom", studies=8, seed=5), tmp_path / "c", size=64, workers=1)
    with pytest.raises(RunError, match=r"trained on another corpus.*--train-corpus"):
        TrainingReports(run, run.load(), other.path)
