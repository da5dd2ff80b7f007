"""From the words of `radtex plan` to a table."""

import json
from dataclasses import replace

import numpy as np
import pytest

from radtex.corpus.corpus import write_corpus
from radtex.corpus.pseudonyms.pseudonyms import KeyedPatients, Pseudonyms
from radtex.errors import OutputError, ProtocolError
from radtex.transfer.planning import plan as module
from radtex.transfer.planning.plan import plan


@pytest.fixture(scope="module")
def stored(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored") / "corpus"
    folder.mkdir()
    images = np.kron(corpus.images, np.ones((1, 4, 4), np.uint8))
    write_corpus(folder, corpus.index, [images], corpus.info | {"size": 64})
    return str(folder)


def planned(stored, **options):
    targets = ["Edema", "Effusion", "Hernia"]
    options |= {"repeats": 1, "backbone": "test_resnet"}
    return str(plan(stored, "random", targets, [500], **options))


def test_a_plan_is_a_table_and_a_file(stored, tmp_path):
    out = tmp_path / "plan.json"
    table = planned(stored, pilot=120, out=out)
    content = json.loads(out.read_text())
    assert content["targets"] == ["Edema", "Effusion"]
    assert list(content["excluded"]) == ["Hernia"]
    assert content["pilot"] == 120
    assert f"{content['mean_auc']['500']['mean']:.3f}" in table
    assert set(content["law"]) == {"form", "ceiling", "gap", "decay"}
    assert content["estimand"] in table
    with pytest.raises(OutputError, match="already exists"):
        planned(stored, out=out)


def test_a_pilot_larger_than_what_is_labelled_is_refused(stored):
    with pytest.raises(ProtocolError, match="a pilot of 301 studies was asked for, and 300 have"):
        planned(stored, pilot=301)


def test_a_pilot_that_the_encoder_was_trained_on_is_refused(stored, monkeypatch):
    plain = module.contestants

    def learnt(entries, corpus, seed, backbone):
        (one,) = plain(entries, corpus, seed, backbone)
        four = np.unique(corpus.patients[corpus.rows("pool")])[:4]
        rows = np.flatnonzero(np.isin(corpus.patients, four))
        return [replace(one, patients=Pseudonyms.of_corpus(corpus, rows))]

    monkeypatch.setattr(module, "contestants", learnt)
    with pytest.raises(ProtocolError, match="4 patients are both in the training of random and in"):
        planned(stored)


def test_a_plan_says_whose_patients_could_not_be_compared(stored, monkeypatch):
    plain = module.contestants

    def learnt(entries, corpus, seed, backbone):
        (one,) = plain(entries, corpus, seed, backbone)
        elsewhere = KeyedPatients(frozenset({"f" * 64}), None)
        return [replace(one, patients=Pseudonyms({"0123456789abcdef": elsewhere}))]

    monkeypatch.setattr(module, "contestants", learnt)
    said = planned(stored)
    assert "No check could be made whether patients of the pilot were in the training of " in said
    assert "the site key 0123456789abcdef" in said


def test_joined_runs_are_refused(stored, monkeypatch):
    plain = module.contestants

    def joined(entries, corpus, seed, backbone):
        (one,) = plain(entries, corpus, seed, backbone)
        return [replace(one, members=(one, one))]

    monkeypatch.setattr(module, "contestants", joined)
    with pytest.raises(ProtocolError, match="joins several runs or layers; name one encoder"):
        planned(stored)
