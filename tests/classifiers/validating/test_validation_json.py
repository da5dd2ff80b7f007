"""`summary.json` of a validation."""

from typing import Any


def test_recalibration_has_before_and_after(said: dict[str, Any]) -> None:
    assert {each["target"] for each in said["recalibration"]} == {"Edema", "Effusion"}
    for each in said["recalibration"]:
        assert each["fitted_on"] >= 80
        assert each["measured_on"] > 100
        assert set(each["before"]) == set(each["after"]) == {"slope", "intercept", "brier"}


def test_what_repeats_it_is_there(said: dict[str, Any]) -> None:
    record = said["protocol"]
    assert record["command"].startswith("radtex validate ")
    assert "--recalibrate 80" in record["command"]
    assert len(record["classifier"]["sha256"]) == 64
    assert record["site"]["splits"] == ["test"]
    assert "tripod_ai" not in said
