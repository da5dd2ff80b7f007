"""The on-disk contract."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from radtex.corpus.build import build
from radtex.corpus.corpus import INDEX_COLUMNS, Corpus, named_split, open_selection, open_whole
from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.corpus.readings.label_table import bring_labels
from radtex.corpus.sources import open_source
from radtex.errors import CorpusError
from radtex.findings import target_names


@pytest.fixture
def corpus(make_table, tmp_path) -> Corpus:
    source = open_source("table", root=make_table(40))
    return build(source, tmp_path / "corpus", size=16, workers=1, namespace="here")


def test_the_index_has_the_columns_of_the_contract_in_order(corpus):
    schema = pq.read_schema(corpus.path / "index.parquet")
    labels = ["Edema", "Pneumonia"]
    of_labels = [f"{kind}.{name}" for kind in ("label", "label_source") for name in labels]
    assert schema.names == [*INDEX_COLUMNS, *of_labels]
    assert str(schema.field("label.Edema").type) == "int8"
    assert str(schema.field("age").type) == "double"
    assert corpus.index["label.Pneumonia"].isna().sum() == 10


def test_images_are_a_read_only_map_of_uint8(corpus):
    assert corpus.images.dtype == np.uint8
    assert corpus.images.shape == (40, 16, 16)
    assert not corpus.images.flags.writeable


def test_rows_of_the_splits_are_ascending_and_share_no_patient(corpus):
    parts = [corpus.rows(split) for split in corpus.index["split"].unique()]
    assert sorted(np.concatenate(parts)) == list(range(40))
    for part in parts:
        assert list(part) == sorted(part)
    patients = [set(corpus.patients[part]) for part in parts]
    assert sum(map(len, patients)) == len(set.union(*patients)) == 20


def test_a_split_that_is_not_there_is_answered_with_those_that_are(corpus):
    with pytest.raises(CorpusError, match="has no split 'tset'; its splits are: train, "):
        corpus.rows("tset")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("paper", [1, 0, np.nan, np.nan]),
        ("blank-negative", [1, 0, np.nan, 0]),
        ("u-ones", [1, 0, 1, 0]),
        ("u-zeros", [1, 0, 0, 0]),
    ],
)
def test_a_policy_decides_uncertain_and_blank_labels(corpus, policy, expected):
    labels = corpus.labels(["Pneumonia", "Edema"], LABEL_POLICIES[policy])
    assert labels.dtype == np.float32
    np.testing.assert_array_equal(labels[:4, 0], expected)
    np.testing.assert_array_equal(labels[:4, 1], [0, 1, 0, 1])


def test_unknown_labels_are_answered_with_those_there_are(corpus):
    with pytest.raises(CorpusError, match="no labels Mass, Hernia; its labels are: Edema, Pneum"):
        corpus.labels(["Edema", "Mass", "Hernia"], LABEL_POLICIES["paper"])


def test_grades_are_not_taken_for_labels(corpus):
    grades = pd.array(np.arange(len(corpus.index)) % 4, dtype="Int8")
    graded = replace(corpus, index=corpus.index.assign(**{"label.Severity": grades}))
    with pytest.raises(CorpusError, match="Severity holds grades up to 3"):
        graded.labels(["Severity"], LABEL_POLICIES["paper"])


def test_patients_carry_their_namespace(corpus):
    assert corpus.patients[3] == "here:p1"
    assert len(set(corpus.patients)) == 20


def test_a_selection_is_a_folder_and_a_split(corpus):
    opened, rows = open_selection(f"{corpus.path}:test", "train")
    assert list(rows) == list(corpus.rows("test"))
    _, rows = open_selection(str(corpus.path), "train")
    assert list(rows) == list(corpus.rows("train"))
    assert opened.content_hash == corpus.content_hash


def test_a_folder_with_a_colon_in_its_name_can_be_selected(corpus, tmp_path):
    shutil.copytree(corpus.path, tmp_path / "a:test")
    opened, _ = open_selection(str(tmp_path / "a:test"), "train")
    assert opened.path == tmp_path / "a:test"


def lose_the_index(path: Path) -> None:
    (path / "index.parquet").unlink()


def cut_the_images(path: Path) -> None:
    file = path / "images.npy"
    file.write_bytes(file.read_bytes()[:-100])


def damage_the_json(path: Path) -> None:
    (path / "corpus.json").write_text("[1")


def empty_the_json(path: Path) -> None:
    (path / "corpus.json").write_text("[]")


def damage_the_index(path: Path) -> None:
    (path / "index.parquet").write_bytes(b"PAR1")


def drop_a_row(path: Path) -> None:
    index = pd.read_parquet(path / "index.parquet")
    index.iloc[1:].to_parquet(path / "index.parquet")


def drop_a_column(path: Path) -> None:
    index = pd.read_parquet(path / "index.parquet")
    index.drop(columns="split").to_parquet(path / "index.parquet")


def change_the_size(path: Path) -> None:
    info = json.loads((path / "corpus.json").read_text())
    (path / "corpus.json").write_text(json.dumps(info | {"size": 17}))


@pytest.mark.parametrize(
    "damage",
    [
        lose_the_index,
        cut_the_images,
        damage_the_json,
        empty_the_json,
        damage_the_index,
        drop_a_row,
        drop_a_column,
        change_the_size,
    ],
)
def test_a_damaged_corpus_is_refused(corpus, damage):
    damage(corpus.path)
    with pytest.raises(CorpusError, match=r"is no corpus: .*radtex corpus build"):
        Corpus.open(corpus.path)


def test_any_other_folder_is_no_corpus(tmp_path):
    with pytest.raises(CorpusError, match=r"is no corpus: it holds no corpus\.json"):
        Corpus.open(tmp_path)


@pytest.fixture
def graded(tmp_path):
    grades = pd.array([0, 1, 2, 3, None], dtype="Int8")
    plain = pd.array([1, 0, -1, None, 0], dtype="Int8")
    index = pd.DataFrame({"label.Edema Severity": grades, "label.Mass": plain})
    return Corpus(tmp_path / "graded", index, np.zeros((5, 2, 2), np.uint8), {})


@pytest.mark.parametrize("policy", ["paper", "blank-negative", "u-ones"])
def test_each_comparison_cuts_the_grades_and_leaves_the_ungraded_out(graded, policy):
    labels = graded.labels(target_names(["edema"]), LABEL_POLICIES[policy])
    nan = np.nan
    expected = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [nan, nan, nan]]
    np.testing.assert_array_equal(labels, np.array(expected, np.float32))


def test_comparisons_stand_beside_other_labels_in_the_order_given(graded):
    labels = graded.labels(["Edema 01 v 23", "Mass", "Edema 0 v 123"], LABEL_POLICIES["u-zeros"])
    nan = np.nan
    expected = [[0, 1, 0], [0, 0, 1], [1, 0, 1], [1, 0, 1], [nan, 0, nan]]
    np.testing.assert_array_equal(labels, np.array(expected, np.float32))


def test_a_corpus_without_grades_is_refused_with_the_remedy(graded):
    without = replace(graded, index=graded.index.drop(columns="label.Edema Severity"))
    with pytest.raises(CorpusError, match=r"has no Edema Severity, .* with --severity"):
        without.labels(target_names(["edema"]), LABEL_POLICIES["paper"])


def test_grades_themselves_are_refused_with_the_remedy(graded):
    with pytest.raises(CorpusError, match="the set `edema`"):
        graded.labels(["Edema Severity"], LABEL_POLICIES["paper"])


def test_two_names_of_a_split_must_agree(corpus):
    _, rows = open_selection(f"{corpus.path}:test", "train", "test")
    assert list(rows) == list(corpus.rows("test"))
    _, rows = open_selection(corpus.path, "train", "pool")
    assert list(rows) == list(corpus.rows("pool"))
    with pytest.raises(CorpusError, match="name two splits"):
        open_selection(f"{corpus.path}:test", "train", "pool")


def test_a_split_that_is_none_is_refused_with_the_list(corpus, tmp_path):
    with pytest.raises(CorpusError, match="no split 'bogus'; its splits are: train, pool"):
        open_selection(f"{corpus.path}:bogus", "train")
    assert named_split(f"{corpus.path}:bogus") == (corpus.path, "bogus")
    assert named_split(tmp_path / "no:ne") == (tmp_path / "no:ne", None)
    with pytest.raises(CorpusError, match="no:ne does not exist"):
        open_selection(tmp_path / "no:ne", "train")


def test_a_corpus_of_which_one_split_is_used_may_be_named_with_it(corpus):
    for name in (corpus.path, f"{corpus.path}:pool"):
        assert open_whole(name, "pool", "films are chosen from").path == corpus.path
    with pytest.raises(CorpusError, match=r":test: films are chosen from split pool; name .*:pool"):
        open_whole(f"{corpus.path}:test", "pool", "films are chosen from")
    with pytest.raises(CorpusError, match="no split 'bogus'"):
        open_whole(f"{corpus.path}:bogus", "pool", "films are chosen from")


def test_the_hash_of_the_labels_follows_labels_and_nothing_else(corpus):
    before = corpus.labels_hash
    assert Corpus.open(corpus.path).labels_hash == before
    label = corpus.index["label.Edema"].copy()
    label.iloc[3] = 1 - label.iloc[3]
    assert (
        replace(corpus, index=corpus.index.assign(**{"label.Edema": label})).labels_hash != before
    )
    blank = label.copy()
    blank.iloc[3] = None
    hashes = {
        replace(corpus, index=corpus.index.assign(**columns)).labels_hash
        for columns in (
            {"label.Edema": label},
            {"label.Edema": blank},
            {"label_source.Edema": "report"},
            {"label.Gout": corpus.index["label.Edema"]},
        )
    }
    assert len(hashes | {before}) == 5
    other_films = replace(corpus, images=255 - corpus.images)
    assert other_films.labels_hash == before
    other_texts = replace(corpus, index=corpus.index.assign(findings="Clear.", split="test"))
    assert other_texts.labels_hash == before


def test_a_reader_changes_the_hash_of_the_labels_and_no_other(corpus, tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text("image_id,Edema\n" + "".join(f"i{n},{1 - n % 2}\n" for n in range(40)))
    bring_labels(corpus.path, table)
    after = Corpus.open(corpus.path)
    assert after.labels_hash != corpus.labels_hash
    assert after.content_hash == corpus.content_hash
    assert after.index["split"].tolist() == corpus.index["split"].tolist()
    np.testing.assert_array_equal(after.images, corpus.images)
