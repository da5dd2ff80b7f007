from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.corpus.readings.label_sources import (
    is_human,
    of_mixed_sources,
    source_columns,
    sources_of,
)
from radtex.corpus.record import Record
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError

PAPER = LABEL_POLICIES["paper"]


def test_a_label_without_a_column_of_sources_is_the_archives() -> None:
    index = pd.DataFrame(
        {
            "label.A": pd.array([1, None], dtype="Int8"),
            "label.B": pd.array([0, 1], dtype="Int8"),
            "label_source.B": ["human", "report"],
        }
    )
    assert sources_of(index, ["A", "B"]).tolist() == [["archive", "human"], ["", "report"]]


def test_columns_are_kept_of_labels_that_are_not_the_archives_alone() -> None:
    records = [
        Record("i0", "s", "p", "0.png", labels={"A": 1, "B": 0}, label_sources={"A": "human"}),
        Record("i1", "s", "p", "1.png", labels={"A": 0, "B": None}),
        Record("i2", "s", "p", "2.png", labels={"A": None, "B": 1}),
    ]
    assert of_mixed_sources(records, ["A", "B"]) == ["A"]
    assert source_columns(records, ["A"]) == {"label_source.A": ["human", "archive", ""]}
    assert [is_human(each) for each in records] == [True, False, False]


@pytest.fixture
def mixed(make_table, tmp_path: Path) -> Corpus:
    """40 films: Pneumonia labelled by people in three of four, Edema in all, the rest by reports.

    Every report says that there is no disease, and says nothing of Edema."""
    change = {n: {"findings": "There is pneumonia. No pneumothorax."} for n in range(0, 40, 2)}
    table = open_source("table", root=make_table(40, change))
    return build(table, tmp_path / "out", size=8, workers=1, label_reports=True)


def test_reports_fill_in_what_people_left_blank_and_each_label_keeps_its_source(mixed) -> None:
    pneumonia, edema, pneumothorax = mixed.label_sources(["Pneumonia", "Edema", "Pneumothorax"]).T
    assert (edema == "human").all()
    assert pneumonia[:4].tolist() == ["human", "human", "human", "report"]
    assert pneumothorax[:2].tolist() == ["report", ""]
    assert mixed.index["label.Pneumonia"][:3].tolist() == [1, 0, -1]


def test_labels_of_reports_count_only_if_they_are_asked_for(mixed) -> None:
    trusted = mixed.labels(["Pneumonia"], PAPER, ("human", "archive"))
    everything = mixed.labels(["Pneumonia"], PAPER)
    assert (~np.isnan(trusted)).sum() < (~np.isnan(everything)).sum() or np.array_equal(
        trusted, everything, equal_nan=True
    )
    with pytest.raises(CorpusError, match=r"were read from its reports.*--label-sources human"):
        mixed.labels(["Pneumothorax"], PAPER, ("human", "archive"))
    assert not np.isnan(mixed.labels(["Pneumothorax"], PAPER)[0, 0])


def test_a_label_of_a_report_is_not_absent_where_blank_is(mixed) -> None:
    lenient = LABEL_POLICIES["blank-negative"]
    values = mixed.labels(["Pneumonia", "Fracture"], lenient, ("human", "archive", "report"))
    assert not np.isnan(values[:, 1]).any()
    sources = mixed.label_sources(["Pneumonia"])[:, 0]
    kept = mixed.labels(["Pneumonia"], lenient, ("human",))[:, 0]
    assert np.isnan(kept[sources == "report"]).all()


def test_what_an_archive_labels_is_left_to_it(tmp_path: Path) -> None:
    phantom = open_source("phantom", studies=12, seed=0)
    plain = build(phantom, tmp_path / "plain", size=16, workers=1)
    read = build(phantom, tmp_path / "read", size=16, workers=1, label_reports=True)
    assert plain.index.equals(read.index[plain.index.columns])
    assert set(read.label_sources(plain.label_names).ravel()) <= {"archive", ""}
    others = [name for name in read.label_names if name not in plain.label_names]
    assert set(read.label_sources(others).ravel()) <= {"report", ""}
