"""Phantom studies, and phantom signs on films."""

import numpy as np

from radtex import phantom
from radtex.corpus.build import build
from radtex.corpus.sources import open_source
from radtex.images import Preprocessing


def test_the_phantom_source_gives_what_the_phantom_draws():
    source = open_source("phantom", studies=3, seed=5)
    record = source.listing("utf-8").entries[2]
    study = phantom.sample_study(5, 2)
    assert (record.image_id, record.labels) == (study.study_id, study.labels)
    assert (record.texts.findings, record.texts.report) == (
        study.report.findings,
        study.report.text,
    )
    assert (source.pixels(record, Preprocessing(32))[0] == phantom.render(study, 32)).all()


def test_composites_keep_patient_namespace_and_split_of_their_films(films, tmp_path, monkeypatch):
    monkeypatch.setattr("radtex.phantom.chest_fit.LEAST_FIT", 0.65)
    normal = set(films.index.index[(films.index.filter(like="label.") == 0).all(axis=1)])
    source = open_source("phantom", studies=50, seed=1, backgrounds=films.path)
    drawn = build(source, tmp_path / "drawn", size=64, workers=1)
    assert drawn.index["image_id"].is_unique
    assert len(drawn.index) == 50
    assert set(drawn.index["patient_namespace"]) == {"hospital"}
    rows = drawn.index["source_path"].str.split("/").str[2].astype(int)
    assert set(rows) <= normal
    assert rows.nunique() < 50  # films serve again
    for column in ("patient_id", "split", "view", "age", "sex"):
        assert drawn.index[column].tolist() == films.index.loc[rows, column].tolist()
    counts = drawn.info["source"]["films"]
    assert counts["without findings"] == len(normal)
    assert counts["used"] == rows.nunique() <= counts["tried"]


def test_composites_without_signs_take_the_same_way_and_all_repeat(films, tmp_path, monkeypatch):
    monkeypatch.setattr("radtex.phantom.chest_fit.LEAST_FIT", 0.65)
    source = open_source("phantom", studies=30, seed=1, backgrounds=films.path)
    first, second = (build(source, tmp_path / name, size=96, workers=1) for name in "ab")
    assert first.content_hash == second.content_hash
    bare = first.index["boxes"] == "[]"
    assert 0 < bare.sum() < 30
    rows = first.index["source_path"].str.split("/").str[2].astype(int)
    same = [(first.images[i] == films.images[row]).all() for i, row in enumerate(rows)]
    assert not any(same)
    pairs = [(first.images[i].ravel(), films.images[rows[i]].ravel()) for i in np.flatnonzero(bare)]
    assert min(np.corrcoef(*pair)[0, 1] for pair in pairs) > 0.95
