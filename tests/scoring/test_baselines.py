"""The two baselines, against naive searches."""

import math

import numpy as np
import pytest

from radtex.compute.seeding import seeded
from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError
from radtex.models.encoder import Encoder
from radtex.models.encoder_input import EncoderInput
from radtex.models.pretrained import PretrainedModel
from radtex.reports import training_text
from radtex.scoring.baselines import most_typical, nearest_reports, training_reports


@pytest.fixture(scope="module")
def model(phantom_corpus: Corpus) -> PretrainedModel:
    with seeded(0):
        encoder = Encoder("test_resnet", phantom_corpus.size)
    takes = EncoderInput(phantom_corpus.size, phantom_corpus.mean, phantom_corpus.std)
    return PretrainedModel(encoder.eval(), None, None, takes)


def test_the_nearest_image_is_that_of_the_largest_cosine(
    model: PretrainedModel, phantom_corpus: Corpus
) -> None:
    rows = phantom_corpus.rows("test")
    training = training_reports(phantom_corpus, "findings", rows)
    found = nearest_reports(model, phantom_corpus, rows, training)
    features = model.encode(np.array(phantom_corpus.images)).astype(np.float64)
    for row, report in zip(rows, found, strict=True):
        cosines = {
            other: features[row] @ features[other] / np.linalg.norm(features[other])
            for other in training
        }
        assert report == training[max(cosines, key=cosines.__getitem__)]


def test_training_reports_are_those_of_other_patients_in_the_text_policy(
    phantom_corpus: Corpus,
) -> None:
    train = phantom_corpus.rows("train")
    patients = phantom_corpus.patients
    own = train[patients[train] == patients[train[0]]]
    found = training_reports(phantom_corpus, "impression", train[:1])
    assert set(found) == set(train.tolist()) - set(own.tolist())
    texts = phantom_corpus.index.iloc[train[-1]]
    assert found[train[-1]] == training_text(texts["findings"], texts["impression"], "impression")


def test_without_other_patients_there_is_no_baseline(phantom_corpus: Corpus) -> None:
    with pytest.raises(CorpusError, match="no training reports of other patients"):
        training_reports(phantom_corpus, "findings", phantom_corpus.rows("train"))


def test_the_most_typical_report_has_the_highest_mean_cider() -> None:
    words = ["no", "effusion", "small", "left", "clear", "lungs", "heart"]
    generator = np.random.default_rng(0)
    texts = {10 * n: " ".join(generator.choice(words, 6)) for n in range(12)}

    def grams(text: str, n: int) -> list[str]:
        split = text.split()
        return [" ".join(split[i : i + n]) for i in range(len(split) - n + 1)]

    def vector(text: str, n: int, vocabulary: list[str]) -> np.ndarray:
        rarity = [math.log(12 / sum(g in grams(t, n) for t in texts.values())) for g in vocabulary]
        return np.array([grams(text, n).count(g) for g in vocabulary]) * rarity

    def mean_cider(text: str) -> float:
        total = 0.0
        for n in (1, 2, 3, 4):
            vocabulary = sorted({g for t in texts.values() for g in grams(t, n)})
            for other in texts.values():
                a, b = vector(text, n, vocabulary), vector(other, n, vocabulary)
                lengths = np.linalg.norm(a) * np.linalg.norm(b)
                total += a @ b / lengths if lengths else 0
        return total

    expected = max(texts, key=lambda row: mean_cider(texts[row]))
    assert most_typical(texts, seed=0) == expected
