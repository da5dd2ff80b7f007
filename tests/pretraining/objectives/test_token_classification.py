"""The loss over the tokens that occur against a loop over them."""

import pytest
from torch import nn

from fixtures.objectives import ROWS, captions, cross_entropy, images, stream
from radtex.models.encoder import Encoder, pool
from radtex.models.tokenizer import MASK
from radtex.pretraining.objectives.token_bag import TokenBag
from radtex.pretraining.objectives.token_classification import TokenClassification


def test_token_classification_equals_a_loop_over_the_tokens_that_occur(encoder: Encoder) -> None:
    bag = TokenBag(captions())
    objective = TokenClassification(encoder, nn.Linear(encoder.width, bag.classes), bag).eval()
    logits = objective.head(pool(objective.encoder(images()))).tolist()
    total = 0.0
    for row in ROWS:
        occurring = {token for token in stream(objective, row) if token > MASK}
        total += sum(cross_entropy(logits[row], t) for t in occurring) / len(occurring)
    sums = objective(images(), objective.targets(ROWS))
    assert sums.tolist() == pytest.approx([total], rel=1e-5)
    assert objective.counts(ROWS).tolist() == [4]


def test_its_weights_keep_their_names(encoder: Encoder) -> None:
    """An interrupted run of an earlier version goes on."""
    bag = TokenBag(captions())
    objective = TokenClassification(encoder, nn.Linear(encoder.width, bag.classes), bag)
    own = [name for name in objective.state_dict() if not name.startswith("encoder.")]
    assert own == ["head.weight", "head.bias"]
