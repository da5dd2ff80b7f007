import json

import pytest

from radtex.corpus.label_policies import LABEL_POLICIES
from radtex.transfer.design import Design
from radtex.transfer.evidence.provenance import record_of
from radtex.transfer.protocols.knn import Knn
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import studies_of


@pytest.fixture(scope="module")
def record(corpus, contestant):
    contestants = [
        contestant("text", "radtex", 1, frozenset({"elsewhere"})),
        contestant("photos", "imagenet", 2),
        contestant("noise", "random", 3),
    ]
    selections = [(corpus, corpus.rows(split)) for split in ("pool", "test")]
    design = Design(("Edema", "Hernia"), (60, 20), 2, 5, label_policy="u-ones")
    studies = [studies_of(*each, design.targets, LABEL_POLICIES["u-ones"]) for each in selections]
    experiment = draw_experiment(*studies, design)
    return record_of(Knn(), contestants, experiment, *selections, [("text", "photos")])


def test_the_design_is_in_the_record(record):
    assert (record["name"], record["sampling"], record["prevalence"]) == (
        "knn", "per-target", "natural",
    )  # fmt: skip
    assert (record["budgets"], record["repeats"], record["seed"]) == ([20, 60], 2, 5)
    assert record["label_policy"]["name"] == "u-ones"


def test_the_targets_that_were_served_and_those_that_were_not(record):
    assert record["targets"] == ["Edema"]
    assert list(record["excluded"]) == ["Hernia"]


def test_the_settings_are_the_protocols_own(record):
    assert Knn().settings().items() <= record.items()
    assert "strengths" not in record


def test_the_primary_family_is_named(record):
    assert record["primary_family"] == [{"a": "text", "b": "photos"}]


def test_both_sides_are_described_and_no_patient_is_named(record, corpus):
    for role in ("pool", "test"):
        assert record[role]["splits"] == [role]
        assert record[role]["images"] == len(corpus.rows(role))
        assert record[role]["patients"] == len(set(corpus.patients[corpus.rows(role)]))
    assert [each["patients"] for each in record["encoders"]] == [1, 0, 0]


def test_it_is_json(record):
    assert json.loads(json.dumps(record, allow_nan=False)) == record
