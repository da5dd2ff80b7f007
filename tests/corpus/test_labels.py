"""Target sets and label policies."""

import pytest

from radtex.corpus.labels import (
    CHEXPERT_LABELS,
    NIH_LABELS,
    TARGET_SETS,
    is_known_label,
    label_policy,
    target_names,
)
from radtex.errors import CorpusError


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


def test_an_unknown_policy_is_answered_with_the_known_ones():
    with pytest.raises(CorpusError, match="paper, blank-negative, u-ones, u-zeros"):
        label_policy("u-none")


def test_findings_are_recognised_in_any_spelling_of_their_name():
    assert is_known_label("pleural_effusion")
    assert is_known_label("Pleural Thickening")
    assert not is_known_label("survival")
