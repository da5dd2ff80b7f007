"""Labels of studies, packed into bytes."""

from itertools import product
from pathlib import Path

import pytest

from radtex.corpus.sources.mimic.study_labels import StudyLabels, read_labels
from radtex.errors import CorpusError
from radtex.findings import CHEXPERT_LABELS

COLUMNS = ",".join(("subject_id", "study_id", *CHEXPERT_LABELS))


def test_packed_labels_read_as_a_dict_does() -> None:
    for start in product((1, 0, -1, None), repeat=3):
        values = [*start, *[None] * (len(CHEXPERT_LABELS) - 3)]
        plain = dict(zip(CHEXPERT_LABELS, values, strict=True))
        packed = StudyLabels(values)
        assert packed == plain
        assert [*packed.items()] == [*plain.items()]
        assert repr(packed) == repr(plain)
    assert packed.get("Hernia") is None
    with pytest.raises(KeyError):
        packed["Hernia"]


def test_studies_of_equal_labels_share_them(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    blank = "," * 12
    file.write_text(f"{COLUMNS}\n1,10,1.0,{blank}\n1,11,1,{blank}\n2,20,0.0,{blank}\n")
    labels = read_labels(file, "utf-8")
    first = CHEXPERT_LABELS[0]
    assert {study: found[first] for study, found in labels.items()} == {"10": 1, "11": 1, "20": 0}
    assert labels["10"] is labels["11"]


def test_a_label_that_is_none_names_its_study(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text(f"{COLUMNS}\n1,10,7,{',' * 12}\n")
    with pytest.raises(CorpusError, match="study 10: a label is none of"):
        read_labels(file, "utf-8")
