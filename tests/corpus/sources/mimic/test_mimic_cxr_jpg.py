"""MIMIC-CXR-JPG: a table of metadata."""

import pandas as pd
import pytest

from fixtures.archives import counted
from fixtures.mimic import listing, pack
from radtex.corpus.build import build
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError


def test_a_corpus_comes_from_the_raw_tree_in_one_call(jpg, report_folder, tmp_path):
    corpus = build(
        open_source("mimic-cxr-jpg", root=jpg),
        tmp_path / "out",
        size=16,
        workers=1,
        split="official",
        reports=pack(report_folder, "mimic-cxr-reports/"),
    )
    index = corpus.index.set_index("study_id")
    assert set(index["split"]) <= {"train", "pool", "validate", "test"}
    assert list(index.index) == ["50414267", "53189527", "55368167"]
    assert index.loc["50414267", "view"] == "PA"
    assert index.loc["50414267", "patient_id"] == "10000032"
    assert index.loc["50414267", "findings"] == "The lungs are clear in 50414267."
    assert index.loc["50414267", "impression"] == "No acute process."
    assert index.loc["50414267", "indication"] == "___F with fever."
    assert index.loc["53189527", "label.Edema"] == -1
    assert index.loc["50414267", "label.No Finding"] == 1
    assert pd.isna(index.loc["55368167", "label.No Finding"])
    assert corpus.info["options"]["intensity"] == "equalize"
    assert corpus.info["source"]["labels"] == "mimic-cxr-2.0.0-chexpert.csv.gz"
    assert counted(corpus) == {
        "in": 7,
        "view is lateral": 2,
        "view is neither frontal nor lateral": 1,
        "image file is missing or may not be read": 1,
        "kept": 3,
        "no report": 1,
    }


def test_views_are_merged_and_blanks_stay_unknown(jpg):
    views = [record.view for record in listing(jpg).entries]
    assert views == ["PA", "LATERAL", "", "AP", "PA", "LATERAL", "OTHER"]


@pytest.mark.parametrize(
    ("name", "table"), [("mimic-cxr-jpg", "mimic-cxr-2.0.0-metadata"), ("mimic-cxr", "cxr-record")]
)
def test_a_folder_without_the_table_of_images_is_refused(tmp_path, name, table):
    with pytest.raises(CorpusError, match=f"is no MIMIC-CXR.* archive: it holds no {table}"):
        listing(tmp_path, name)
