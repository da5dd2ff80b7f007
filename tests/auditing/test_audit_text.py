"""What an audit says."""

import json

import pytest

from fixtures.shortcuts import NoiseCorpus, corner_mark
from radtex.auditing.audit import Audit, audit
from radtex.auditing.audit_text import audit_record, audit_text, sentences


@pytest.fixture(scope="module")
def marked(noise_corpus: NoiseCorpus) -> Audit:
    return audit(str(noise_corpus(corner_mark).path))


def test_the_table_has_every_cue_with_its_interval_and_bound(marked: Audit) -> None:
    lines = audit_text(marked).splitlines()
    assert lines[0].split() == ["label", "cue", "AUC", "[95", "%", "interval]", "bound"]
    assert lines[1].startswith("Edema     spectrum         location-free  0.")
    corners = next(line for line in lines if line.split()[0] == "corners")
    assert corners.endswith("over 0.65")
    assert "location-free" not in corners
    assert "  Hernia: 0 patients with it, 100 without" in lines


def test_sentences_name_the_shortcuts_the_strongest_first(
    marked: Audit, noise_corpus: NoiseCorpus
) -> None:
    said = sentences(marked)
    assert any(line.startswith("Edema: the corners alone tells it, AUC 1.00 [") for line in said)
    values = [float(line.split("AUC ")[1].split()[0]) for line in said]
    assert values == sorted(values, reverse=True)
    (none,) = sentences(audit(str(noise_corpus().path)))
    assert none.startswith("No cue tells a label with an AUC of 0.65")


def test_the_record_is_json_of_all_scores(marked: Audit) -> None:
    record = json.loads(json.dumps(audit_record(marked)))
    assert len(record["scores"]) == len(marked.scores)
    assert record["shortcuts"] == sentences(marked)
    corners = next(each for each in record["scores"] if each["cue"] == "corners")
    assert corners["bound"] == "over"
    assert not corners["location_free"]
    assert 0 <= corners["low"] <= corners["auc"] <= corners["high"] <= 1
    assert record["split"] is None
    assert record["labels"]["Edema"]["positive"] + record["labels"]["Edema"]["negative"] == 200
