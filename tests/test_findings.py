"""Names of findings, sets of targets, and grades of edema."""

import numpy as np
import pytest

from radtex.errors import CorpusError
from radtex.findings import (
    CHEXPERT_LABELS,
    NIH_LABELS,
    TARGET_SETS,
    compared,
    finding_of,
    is_known_label,
    target_names,
)


def test_a_target_set_stands_for_its_members_and_other_names_for_themselves():
    assert target_names(["chexpert5", "Nodule"]) == (*TARGET_SETS["chexpert5"], "Nodule")
    assert target_names(["nih9"])[2] == "Effusion"
    assert len(target_names(["radtex9"])) == len(target_names(["nih9"])) == 9


def test_a_target_named_twice_is_refused():
    with pytest.raises(CorpusError, match="named twice: Edema"):
        target_names(["chexpert5", "Edema"])


def test_target_sets_use_the_names_of_their_archives():
    assert set(TARGET_SETS["nih9"]) <= set(NIH_LABELS)
    assert set(TARGET_SETS["radtex9"]) | set(TARGET_SETS["chexpert5"]) <= set(CHEXPERT_LABELS)


def test_findings_are_recognised_in_any_spelling_of_their_name():
    assert is_known_label("pleural_effusion")
    assert is_known_label("Pleural Thickening")
    assert not is_known_label("survival")


def test_the_set_edema_is_three_comparisons():
    assert target_names(["edema"]) == ("Edema 0 v 123", "Edema 01 v 23", "Edema 012 v 3")


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("Edema 0 v 123", [0, 1, 1, 1, np.nan]),
        ("Edema 01 v 23", [0, 0, 1, 1, np.nan]),
        ("Edema 012 v 3", [0, 0, 0, 1, np.nan]),
    ],
)
def test_a_comparison_cuts_the_grades(comparison, expected):
    labels = compared(np.array([0, 1, 2, 3, np.nan], np.float32), comparison)
    assert labels.dtype == np.float32
    np.testing.assert_array_equal(labels, np.array(expected, np.float32))


def test_all_labels_of_edema_are_about_one_finding():
    assert {finding_of(n) for n in ("Edema", "Edema Severity", "Edema 01 v 23")} == {"Edema"}
    assert finding_of("Mass") == "Mass"
