import json
from dataclasses import replace

import pytest

from radtex.transfer.evidence.summary import summary as summary_of


def test_summary_json_has_the_contracts_keys(folder, results):
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["estimand"] == "expected over pools and test patients like these"
    assert set(summary["mean_auc"]["radtex"]) == {"20", "60"}
    assert set(summary["mean_auc"]["radtex"]["20"]) == {"mean", "low", "high"}
    first = summary["paired"][0]
    assert first["a"] == "radtex"
    assert first["budget"] == "20"
    assert first["difference"] == results.paired[0].estimate.mean
    assert first["family"] == "primary"
    assert first["low"] < first["difference"] < first["high"]
    assert {"targets", "seed", "label_policy", "versions", "threads", "encoders"} <= set(
        summary["protocol"]
    )
    assert sum(summary["strengths"]["radtex"].values()) == pytest.approx(1)


def test_label_efficiency_and_classifiers_are_in_the_summary(folder):
    summary = json.loads((folder / "summary.json").read_text())
    assert [(each["rival"], each["budget"]) for each in summary["label_efficiency"]] == [
        ("<b>photos & co</b>", "20"),
        ("<b>photos & co</b>", "60"),
    ]
    values = summary["classifiers"]["radtex"]
    brier = values["brier"]["60"]
    assert 0 <= brier["low"] <= brier["mean"] <= brier["high"] < 0.3
    assert set(values["by_target"]) == {"Edema", "Effusion"}
    assert 2 * 2 * 250 < sum(each["predictions"] for each in values["reliability"]) <= 2 * 2 * 300
    for each in values["reliability"]:
        observed = each["observed"]
        assert 0 <= observed["low"] <= observed["mean"] <= observed["high"] <= 1
        assert observed["low"] < observed["high"]
    assert [each["group"] for each in values["subgroups"]] == ["female", "male"]
    one, other = (each["difference_to_others"]["mean"] for each in values["subgroups"])
    assert one == pytest.approx(-other)


def test_what_a_protocol_adds_stands_beside_what_is_always_there(results):
    assert summary_of(replace(results, chosen={}))["strengths"] == {}
    added = summary_of(replace(results, chosen={"depths": {"a": 3}}))
    assert (added["depths"], added["neighbours"]) == ({"a": 3}, {})
