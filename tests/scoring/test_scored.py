"""Scores side by side give what each gives alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from radtex.scoring.score_registry import SCORES
from radtex.scoring.scored import Scored

WORDS = st.sampled_from(["no", "effusion", "edema", ".", "left"])
PAIRS = st.lists(
    st.tuples(st.lists(WORDS).map(" ".join), st.lists(WORDS, min_size=1).map(" ".join)),
    min_size=1,
    max_size=5,
)


@settings(max_examples=30, deadline=None)
@given(PAIRS)
def test_each_score_sees_its_own_statistics(pairs: list[tuple[str, str]]) -> None:
    texts, references = (list(side) for side in zip(*pairs, strict=True))
    systems = {"texts": texts, "references": references}
    scored = Scored.of(SCORES, systems, references)
    assert [*scored.systems] == [*systems]
    for system in systems:
        sums = np.stack([scored.statistics(system).sum(0)] * 2)
        expected: list[float] = []
        columns: dict[str, list[float]] = {}
        for score in SCORES:
            alone = score.statistics(systems, references)[system]
            expected += score.values(alone.sum(0)).tolist()
            columns |= {name: c.tolist() for name, c in score.columns(alone).items()}
        np.testing.assert_array_equal(scored.values(sums), np.array([expected, expected]))
        found = {name: column.tolist() for name, column in scored.columns(system).items()}
        assert found == columns
    assert [*scored.parts()["label_f1"]] == [*systems]
    assert len(scored.names) == scored.values(sums).shape[-1]
