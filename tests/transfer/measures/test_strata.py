from dataclasses import replace

import pytest
from sklearn.metrics import roc_auc_score

from fixtures.binormal import scored
from radtex.transfer.measures.strata import target_strata
from radtex.transfer.measures.subgroup_auc import measure_subgroups
from radtex.transfer.sampling.subgroups import STRATA


def test_each_target_has_its_auc_in_both_strata_and_their_difference():
    scores, tested = scored(3, shape=(3, 1))
    views, devices = STRATA
    inside = tested.patients % 2 == 0
    unknown = tested.patients % 5 == 0
    groups = {views[0]: inside & ~unknown, views[1]: ~inside & ~unknown, devices[1]: ~unknown}
    measured = measure_subgroups(scores, replace(tested, groups=groups))
    by_view, by_device = target_strata(["A", "B"], [measured, {}])
    assert (by_view.target, by_device.target) == ("A", "A")
    expected = []
    for stratum, name in zip(by_view.strata, views, strict=True):
        mask = groups[name]
        expected.append(
            sum(roc_auc_score(tested.positive[mask], column[mask]) for column in scores.T.numpy())
            / 3
        )
        assert (stratum.stratum, stratum.studies) == (name, mask.sum())
        assert stratum.positive == (mask & tested.positive).sum()
        assert stratum.auc.mean == pytest.approx(expected[-1])
        assert stratum.auc.low < stratum.auc.mean < stratum.auc.high
    assert by_view.difference.mean == pytest.approx(expected[0] - expected[1])
    assert [each.stratum for each in by_device.strata] == [devices[1]]
    assert by_device.difference is None
