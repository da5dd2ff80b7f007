"""Two reports that need no decoder: the nearest training image's, and the most typical one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.errors import CorpusError
from radtex.models.pretrained import PretrainedModel
from radtex.reports import TextPolicy, training_texts
from radtex.scoring.cider import InverseFrequencies, norm
from radtex.scoring.ngrams import ORDERS, Gram, NGrams
from radtex.transfer.contestants.contestant import Contestant
from radtex.transfer.contestants.features import pooled_features

TYPICAL_AMONG = 10_000
"""Training reports, at most, among which the most typical one is sought."""

NEAREST, TYPICAL = "nearest image", "most typical"

_CHUNK = 256
"""Images compared with all training images at a time."""


@dataclass(frozen=True)
class Baselines:
    """What the baselines write."""

    texts: Mapping[str, Sequence[str]]
    """`NEAREST` and `TYPICAL` → a report per image."""
    typical_image: str
    """The training image whose report is the most typical."""
    training_reports: int
    """How many there were to choose from."""


def baselines(
    model: PretrainedModel,
    corpus: Corpus,
    rows: NDArray[np.int64],
    sections: TextPolicy,
    seed: int,
) -> Baselines:
    """Choose training reports for images.

    Args:
        model: whose features say which image is near; see `nearest_reports`.
        corpus: that holds the images and the training reports.
        rows: of the images.
        sections: text policy of the training reports.
        seed: see `most_typical`.

    Raises:
        CorpusError: if there is no training report of another patient.
    """
    training = training_reports(corpus, sections, rows)
    typical = most_typical(training, seed)
    texts = {
        NEAREST: nearest_reports(model, corpus, rows, training),
        TYPICAL: [training[typical]] * len(rows),
    }
    return Baselines(texts, str(corpus.index["image_id"].iloc[typical]), len(training))


def training_reports(
    corpus: Corpus, sections: TextPolicy, rows: NDArray[np.int64]
) -> Mapping[int, str]:
    """The texts of train rows that have one and whose patients are not those of `rows`.

    Raises:
        CorpusError: if there is none.
    """
    train = corpus.rows("train")
    scored = set(corpus.patients[rows])
    texts = training_texts(corpus.index.iloc[train], sections)
    found = {
        int(row): text
        for row, text, patient in zip(train, texts, corpus.patients[train], strict=True)
        if text and patient not in scored
    }
    if not found:
        raise CorpusError(
            f"{corpus.path} has no training reports of other patients to compare with; score on a "
            "corpus with a train split that has reports"
        )
    return found


def nearest_reports(
    model: PretrainedModel, corpus: Corpus, rows: NDArray[np.int64], training: Mapping[int, str]
) -> list[str]:
    """For each of `rows` the report of the training image that looks most alike.

    Likeness is the cosine between the pooled features of `model`. Of equals the first in the
    corpus is taken.
    """
    contestant = Contestant(
        "the nearest image",
        "other",
        model.encoder,
        model.takes,
        {},
    )
    among = np.array([*training], dtype=np.int64)
    known = F.normalize(pooled_features(contestant, corpus.images, among))
    images = F.normalize(pooled_features(contestant, corpus.images, rows))
    nearest = torch.cat([(chunk @ known.T).argmax(1) for chunk in images.split(_CHUNK)])
    return [training[int(row)] for row in among[nearest.cpu().numpy()]]


def most_typical(training: Mapping[int, str], seed: int) -> int:
    """The training row whose report has the highest mean CIDEr over the training reports.

    CIDEr without the D (Vedantam and others 2015): the mean over n = 1 to 4 of the cosine of the
    weighted counts, neither clipped nor penalised for length, so that the mean over all reports
    is one product.

    Args:
        training: row → report.
        seed: above `TYPICAL_AMONG` reports, only as many are compared, drawn with it.
    """
    rows = np.array([*training], dtype=np.int64)
    if len(rows) > TYPICAL_AMONG:
        rows = np.sort(np.random.default_rng(seed).choice(rows, TYPICAL_AMONG, replace=False))
    return int(rows[_medoid([NGrams.of(training[int(row)]) for row in rows])])


def _medoid(reports: Sequence[NGrams]) -> int:
    rarity = InverseFrequencies(reports)
    closeness = np.zeros(len(reports))
    for order in range(len(ORDERS)):
        vectors = [_unit(rarity.weigh(report.counts[order])) for report in reports]
        total: dict[Gram, float] = {}
        for vector in vectors:
            for gram, value in vector.items():
                total[gram] = total.get(gram, 0.0) + value
        closeness += [
            sum(value * total[gram] for gram, value in vector.items()) for vector in vectors
        ]
    return int(closeness.argmax())


def _unit(vector: dict[Gram, float]) -> dict[Gram, float]:
    length = norm(vector)
    return {gram: value / length for gram, value in vector.items()} if length else {}
