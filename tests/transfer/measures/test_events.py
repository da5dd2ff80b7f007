import numpy as np

from radtex.transfer.measures.events import ENOUGH_EVENTS, events_of, too_few_events


class Made:
    """As much of an experiment as is counted."""

    targets = ("A", "B")

    class test:  # noqa: N801
        patients = np.repeat(np.arange(150), 2)
        labels = np.stack(
            [
                np.where(np.arange(300) < 101, 1, 0),
                np.where(np.arange(300) < 30, 1, np.where(np.arange(300) < 40, np.nan, 0)),
            ],
            axis=1,
        ).astype(np.float32)


def test_studies_and_patients_of_both_classes_are_counted():
    one, other = events_of(Made)
    assert (one.events, one.non_events, one.patients_with, one.patients_without) == (
        101,
        199,
        51,
        100,
    )
    assert (other.events, other.non_events, other.studies) == (30, 260, 290)
    assert other.prevalence == 30 / 290
    assert (one.enough, other.enough) == (True, False)


def test_targets_with_few_events_are_named():
    one, other = events_of(Made)
    (sentence,) = too_few_events([one, other])
    assert str(ENOUGH_EVENTS) in sentence
    assert "B 30 with and 260 without" in sentence
    assert "A 101" not in sentence
    assert too_few_events([one]) == []
