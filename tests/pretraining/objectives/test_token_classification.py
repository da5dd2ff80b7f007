"""The loss over the tokens that occur against a loop over them."""

import pytest

from fixtures.objectives import ROWS, captions, cross_entropy, images, stream
from radtex.models.encoder import Encoder, pool
from radtex.models.tokenizer import MASK
from radtex.pretraining.objectives.token_classification import TokenClassification


def test_token_classification_equals_a_loop_over_the_tokens_that_occur(encoder: Encoder) -> None:
    objective = TokenClassification(encoder, captions()).eval()
    logits = objective.head(pool(objective.encoder(images()))).tolist()
    total = 0.0
    for row in ROWS:
        occurring = {token for token in stream(objective, row) if token > MASK}
        total += sum(cross_entropy(logits[row], t) for t in occurring) / len(occurring)
    sums = objective(images(), objective.targets(ROWS))
    assert sums.tolist() == pytest.approx([total], rel=1e-5)
    assert objective.counts(ROWS).tolist() == [4]
