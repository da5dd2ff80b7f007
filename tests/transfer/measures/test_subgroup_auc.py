from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from fixtures.binormal import scored
from radtex.transfer.measures.subgroup_auc import measure_subgroups, subgroup_auc


@pytest.fixture(scope="module")
def made():
    """Scores (n, 3), and studies with a group of a third and one too rare to measure."""
    scores, tested = scored(3, shape=(3, 1))
    few = np.flatnonzero(tested.positive)[:5]
    groups = {
        "third": tested.patients % 3 == 0,
        "rare": np.isin(np.arange(len(tested.positive)), few),
    }
    return scores, replace(tested, groups=groups)


def test_a_groups_auc_is_that_of_its_studies(made):
    scores, tested = made
    measured = measure_subgroups(scores, tested)
    assert list(measured) == ["third"]
    group, mask = measured["third"], tested.groups["third"]
    for which, value in ((mask, group.group), (~mask, group.rest)):
        for repeat in range(3):
            expected = roc_auc_score(tested.positive[which], scores[which, repeat].numpy())
            assert value.values[repeat, 0] == pytest.approx(expected)
    assert (group.studies, group.positive) == (mask.sum(), (mask & tested.positive).sum())


def test_a_group_is_concluded_on_over_the_targets_that_it_can_serve(made):
    measured = measure_subgroups(*made)
    (result,) = subgroup_auc(["third", "rare"], ["A", "B", "C"], [measured, {}, measured])
    third = measured["third"]
    assert (result.group, result.targets) == ("third", ("A", "C"))
    assert result.auc.mean == pytest.approx(third.group.values.mean())
    difference = third.group.values.mean() - third.rest.values.mean()
    assert result.difference.mean == pytest.approx(difference)


def test_a_group_without_a_rest_has_no_difference(made):
    alone = {"third": replace(measure_subgroups(*made)["third"], rest=None)}
    (result,) = subgroup_auc(["third"], ["A"], [alone])
    assert result.difference is None
