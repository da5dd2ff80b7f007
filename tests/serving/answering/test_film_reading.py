"""Films that are read together say what they say alone."""

from pathlib import Path

import numpy as np
import pytest

from radtex.corpus.corpus import Corpus
from radtex.reports.phrases import find_question
from radtex.serving.answering.film_reading import (
    Asked,
    Reading,
    answer_questions,
    encode_films,
    read_films,
)
from radtex.serving.answering.opened_models import ModelHolder


def test_a_batch_says_what_each_film_says_alone(
    writing_run: Path, kept: Path, phantom_corpus: Corpus
) -> None:
    holder = ModelHolder((writing_run, kept / "classifier"))
    holder.load()
    models = holder.models
    readings = [
        Reading(models, (phantom_corpus.images[row],) * 2, str(row), wants_features=True)
        for row in range(7)
    ]
    together = read_films(readings)
    question = find_question("edema")
    answers = answer_questions([Asked(models, each.square(0), question) for each in readings])
    encoded = encode_films([(models, each.square(0)) for each in readings])
    for place, reading in enumerate(readings):
        (alone,) = read_films([reading])
        joint = together[place]
        assert joint.draft is not None
        assert alone.draft is not None
        assert joint.draft.tokens == alone.draft.tokens
        assert joint.prediction is not None
        assert alone.prediction is not None
        assert joint.prediction.abstained == alone.prediction.abstained
        assert joint.prediction.distance == pytest.approx(alone.prediction.distance, rel=1e-5)
        np.testing.assert_allclose(joint.features, alone.features, atol=1e-5)
        np.testing.assert_allclose(encoded[place], alone.features, atol=1e-5)
        (answer,) = answer_questions([Asked(models, reading.square(0), question)])
        assert answers[place] == pytest.approx(answer, abs=1e-5)
