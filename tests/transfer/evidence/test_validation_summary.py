import json

import pytest

from radtex.transfer.evidence.validation_summary import validation_summary


def test_new_keys_hold_json_values_for_every_target(results):
    made = json.loads(json.dumps(validation_summary(results), allow_nan=False))
    assert set(made) == {"events", "validation", "tripod_ai"}
    edema = made["events"]["Edema"]
    assert edema["prevalence"] == pytest.approx(
        edema["events"] / (edema["events"] + edema["non_events"])
    )
    assert edema["at_least_100_of_each"] is False
    values = made["validation"]["radtex"]
    assert values["budget"] == "60"
    target = values["by_target"]["Edema"]
    for name in ("average_precision", "calibration_slope", "observed_over_expected"):
        assert target[name]["low"] < target[name]["mean"] < target[name]["high"]
    assert [each["threshold"] for each in target["net_benefit"]][:2] == [0.01, 0.02]
    assert sum(target["risks"]["with"]) == 2 * edema["events"]
    assert sum(target["risks"]["without"]) == 2 * edema["non_events"]
    assert set(target["missed"]["female"]) == {"targets", "patients", "youden", "sensitive"}
    assert values["missed"]["male"]["youden"]["difference_to_others"]["p"] <= 1
    assert values["missed"]["all studies"]["youden"]["difference_to_others"] is None
    first = values["worst_misses"][0]
    assert set(first) == {"target", "row", "negatives_scored_higher", "probability"}
    assert len(made["tripod_ai"]) == 52
