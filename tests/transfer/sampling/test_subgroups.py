import numpy as np
import pandas as pd

from radtex.transfer.sampling.subgroups import STRATA, groups_of

INDEX = pd.DataFrame(
    {
        "age": [17.0, 18.0, np.nan, 85.0, 85.0],
        "sex": ["F", "M", "", "M", "M"],
        "view": ["PA", "AP", "", "PA", "AP"],
    }
)


def test_groups_hold_the_studies_that_are_wholly_within():
    groups = groups_of(INDEX, np.array([0, 1, 2, 3, 3]), 4)
    held = {name: np.flatnonzero(mask).tolist() for name, mask in groups.items()}
    assert held == {
        "female": [0],
        "male": [1, 3],
        "age 0–17": [0],
        "age 18–39": [1],
        "age 80 and over": [3],
        "view PA": [0],
        "view AP": [1],
    }


def test_an_empty_index_column_makes_no_group():
    blank = INDEX.assign(sex="", view="", age=np.nan)
    assert groups_of(blank, np.arange(5), 5) == {}


def test_studies_with_and_without_devices_are_groups_where_the_label_is_definite():
    devices = np.array([1, 0, np.nan, 1, 1], np.float32)
    groups = groups_of(INDEX, np.array([0, 1, 2, 3, 3]), 4, devices)
    assert np.flatnonzero(groups["with Support Devices"]).tolist() == [0, 3]
    assert np.flatnonzero(groups["without Support Devices"]).tolist() == [1]


def test_strata_are_groups_of_one_kind():
    groups = groups_of(INDEX, np.arange(5), 5, np.array([1, 0, 1, 0, 1], np.float32))
    for one, other in STRATA:
        assert not (groups[one] & groups[other]).any()
