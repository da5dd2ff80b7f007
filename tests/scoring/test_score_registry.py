"""Which scores are asked for, in which order."""

from pathlib import Path

from radtex.scoring.clinical import Clinical
from radtex.scoring.score_registry import SCORES, text_scores


def test_clinical_scores_come_last_and_only_with_their_weights() -> None:
    assert [*text_scores()] == [*SCORES]
    *others, clinical = text_scores(Path("weights"))
    assert others == [*SCORES]
    assert isinstance(clinical, Clinical)


def test_no_two_scores_share_a_name_or_a_column() -> None:
    scores = text_scores(Path("weights"))
    names = [name for each in scores for name in each.names]
    assert len(set(names)) == len(names)
    columns = [
        name
        for each in SCORES
        for name in each.columns(each.statistics({"a": ["clear"]}, ["clear"])["a"])
    ]
    assert len(set(columns)) == len(columns)
