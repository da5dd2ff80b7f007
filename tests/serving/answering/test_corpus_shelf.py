"""Training films that are like an upload."""

import numpy as np
from fastapi.testclient import TestClient

from fixtures.serving import png
from radtex.corpus.corpus import Corpus


def test_a_training_film_is_nearest_to_itself(
    reading_client: TestClient, phantom_corpus: Corpus
) -> None:
    row = int(phantom_corpus.rows("train")[4])
    answer = reading_client.post("/v1/studies", files={"image": png(phantom_corpus, row)}).json()
    nearest = answer["nearest"]
    assert len(nearest) == 5
    assert (nearest[0]["film"], round(nearest[0]["likeness"], 4)) == (row, 1.0)
    likeness = [each["likeness"] for each in nearest]
    assert likeness == sorted(likeness, reverse=True)
    assert {each["film"] for each in nearest} <= set(phantom_corpus.rows("train").tolist())
    assert phantom_corpus.index["findings"][row].strip() in nearest[0]["report"]
    shown = reading_client.get(nearest[0]["picture"]).content
    assert shown.startswith(b"\x89PNG")
    assert np.isfinite(likeness).all()
