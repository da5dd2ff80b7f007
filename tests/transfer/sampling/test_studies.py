import numpy as np
import pytest
import torch

from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.errors import CorpusError
from radtex.transfer.sampling.studies import studies_of

POLICY = LABEL_POLICIES["paper"]


def test_a_study_is_the_mean_of_its_images(corpus):
    studies = studies_of(corpus, corpus.rows("pool"), ["Edema"], POLICY)
    keys = corpus.index["study_id"].to_numpy()[corpus.rows("pool")]
    features = torch.randn(len(keys), 4, generator=torch.Generator().manual_seed(0))
    averaged = studies.average(features)
    for number, key in enumerate(dict.fromkeys(keys)):
        torch.testing.assert_close(averaged[number], features[keys == key].mean(0))


def test_labels_and_patients_are_those_of_the_studies(corpus):
    rows = corpus.rows("test")
    studies = studies_of(corpus, rows, ["Effusion", "Edema"], POLICY)
    index = corpus.index.iloc[rows].drop_duplicates("study_id")
    expected = index[["label.Effusion", "label.Edema"]].to_numpy(np.float32)
    np.testing.assert_array_equal(studies.labels, expected)
    same = studies.patients[:, None] == studies.patients
    np.testing.assert_array_equal(
        same, index["patient_id"].to_numpy()[:, None] == index["patient_id"].to_numpy()
    )
    assert studies.patient_count == index["patient_id"].nunique()


def test_images_that_disagree_leave_the_study_without_a_definite_label(corpus):
    rows = np.array([3, 603, 4])  # two images of study 3, one of study 4
    index = corpus.index.copy()
    index.loc[3, "label.Edema"], index.loc[603, "label.Edema"] = 1, 0
    changed = type(corpus)(corpus.path, index, corpus.images, corpus.info)
    studies = studies_of(changed, rows, ["Edema"], POLICY)
    assert np.isnan(studies.labels[0, 0])
    assert studies.labels[1, 0] == index.loc[4, "label.Edema"]


def test_one_study_id_of_two_patients_is_two_studies(corpus):
    index = corpus.index.copy()
    index["study_id"] = "1"
    changed = type(corpus)(corpus.path, index, corpus.images, corpus.info)
    studies = studies_of(changed, np.arange(10), ["Edema"], POLICY)
    assert len(studies.labels) == 10


def test_an_unknown_target_is_refused(corpus):
    with pytest.raises(CorpusError, match="Gout"):
        studies_of(corpus, np.arange(10), ["Gout"], POLICY)


def test_the_first_image_of_each_study_is_known(corpus):
    rows = corpus.rows("test")
    studies = studies_of(corpus, rows, ["Edema"], POLICY)
    keys = corpus.index["study_id"].to_numpy()[rows]
    expected = [np.flatnonzero(keys == key)[0] for key in dict.fromkeys(keys)]
    np.testing.assert_array_equal(studies.first_images, expected)


def test_a_corpus_with_the_label_of_devices_has_their_groups(corpus):
    rows = np.arange(10)
    index = corpus.index.assign(**{"label.Support Devices": corpus.index["label.Edema"]})
    changed = type(corpus)(corpus.path, index, corpus.images, corpus.info)
    groups = studies_of(changed, rows, ["Effusion"], POLICY).groups
    np.testing.assert_array_equal(
        groups["with Support Devices"], index["label.Edema"].to_numpy()[rows] == 1
    )
    assert "with Support Devices" not in studies_of(corpus, rows, ["Effusion"], POLICY).groups


def test_where_labels_come_from_is_counted_by_study(corpus):
    rows = np.array([3, 603, 4, 5, 6])  # two images of study 3
    index = corpus.index.copy()
    index["label_source.Edema"] = "archive"
    index.loc[603, "label_source.Edema"] = "human"
    index.loc[4, "label_source.Edema"] = "report"
    index.loc[6, ["label.Edema", "label_source.Edema"]] = [None, ""]
    changed = type(corpus)(corpus.path, index, corpus.images, corpus.info)
    policy = LABEL_POLICIES["blank-negative"]
    studies = studies_of(changed, rows, ["Edema", "Effusion"], policy)
    assert studies.count_sources(np.arange(4), 0) == {
        "human": 1, "archive": 1, "report": 1, "blank": 1
    }  # fmt: skip
    assert studies.count_sources(np.array([0, 2]), 1)["archive"] == 2


def test_sources_that_are_unknown_are_not_counted(corpus):
    from dataclasses import replace

    studies = studies_of(corpus, np.arange(4), ["Edema"], POLICY)
    assert replace(studies, sources=np.zeros((0, 0), np.int8)).count_sources(np.arange(2), 0) == {}
