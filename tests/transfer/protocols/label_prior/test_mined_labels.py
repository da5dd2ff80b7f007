from dataclasses import replace

import numpy as np
import pytest

from radtex.corpus.label_policies import label_policy
from radtex.transfer.protocols.label_prior.mined_labels import (
    corrupted,
    mined_labels,
    observation_of,
)


@pytest.mark.parametrize(
    ("target", "observation"),
    [
        ("Edema", "Edema"),
        ("Edema 01 v 23", "Edema"),
        ("Effusion", "Pleural Effusion"),
        ("Hernia", None),
    ],
)
def test_a_target_is_told_by_its_observation(target, observation):
    assert observation_of(target) == observation


def test_labels_are_those_that_the_reports_state(reporting):
    rows = reporting.rows("train")
    mined = mined_labels(
        reporting, rows, ("Edema", "Effusion", "Hernia"), label_policy("blank-negative")
    )
    truth = reporting.index[["label.Edema", "label.Effusion"]].to_numpy(dtype=float)[rows]
    assert np.array_equal(mined.labels[mined.study_of_image, :2], truth)
    assert np.isnan(mined.labels[:, 2]).all()


def test_a_blank_counts_only_where_the_report_was_understood(reporting):
    rows = reporting.rows("train")[:3]
    index = reporting.index.copy()
    index.loc[rows, "findings"] = ["Possible edema.", "Report pending.", "No effusion."]
    changed = replace(reporting, index=index)
    for policy, expected in (("blank-negative", [np.nan, np.nan, 0]), ("u-ones", [1, np.nan, 0])):
        mined = mined_labels(changed, rows, ("Edema",), label_policy(policy))
        np.testing.assert_array_equal(mined.labels[mined.study_of_image, 0], expected)


def test_the_asked_share_of_labels_is_wrong_and_a_larger_share_contains_it():
    labels = np.tile(np.array([1, 0, 0, np.nan, 0], np.float32), 100)[:, None]
    few, many = (corrupted(labels, ("Edema",), share, 0) for share in (0.05, 0.3))
    assert np.isnan(few).sum() == np.isnan(labels).sum()
    wrong = [(changed != labels) & ~np.isnan(labels) for changed in (few, many)]
    assert [each.sum() for each in wrong] == [20, 120]
    assert not (wrong[0] & ~wrong[1]).any()
    assert np.array_equal(corrupted(labels, ("Edema",), 0.0, 0), labels, equal_nan=True)
