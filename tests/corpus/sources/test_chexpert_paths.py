"""How CheXpert and CheXpert Plus name their images."""

import pytest

from radtex.corpus.sources.chexpert_paths import CheXpertPath
from radtex.errors import CorpusError


@pytest.mark.parametrize(
    "before", ["", "train/", "CheXpert-v1.0-small/valid/", "batch 2 (train 1)/"]
)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".dcm"])
def test_an_image_has_one_name_whatever_stands_around_it(before, suffix):
    path = CheXpertPath.parse(f"{before}patient00002/study3/view1_frontal{suffix}")
    assert path == CheXpertPath("patient00002", "study3", "view1_frontal", suffix)
    assert path.study_id == "patient00002/study3"
    assert path.image_id == "patient00002/study3/view1_frontal"
    assert not path.is_lateral


def test_a_lateral_view_is_told_by_its_name():
    assert CheXpertPath.parse("patient1/study1/view2_lateral.jpg").is_lateral


@pytest.mark.parametrize(
    "path",
    [
        "",
        "patient1/study1",
        "xpatient1/study1/view1_frontal.jpg",
        "patient1/study1/view1.jpg",
        "a.jpg",
    ],
)
def test_other_paths_are_refused(path):
    with pytest.raises(CorpusError, match="path does not end as those of the archive's images do"):
        CheXpertPath.parse(path)
