"""Hit rates and their intervals against naive counts and closed forms."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import binomtest

from radtex.explaining.hit_rates import hit_rates, table_by_finding, table_by_pointer, told_apart
from radtex.statistics.intervals import Estimate, wilson


@pytest.mark.parametrize("hits", [0, 7, 40])
def test_one_case_a_patient_gives_wilsons_interval(hits: int) -> None:
    hit = np.arange(40) < hits
    found = hit_rates(["Edema"] * 40, [str(i) for i in range(40)], {"map": hit.astype(float)})
    rate = found.rates["Edema"]["map"]
    exact = binomtest(hits, 40).proportion_ci(method="wilson")
    assert (rate.low, rate.high) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_equal_cases_of_a_patient_count_once() -> None:
    rng = np.random.default_rng(0)
    hit = (rng.random(30) < 0.3).astype(float)
    people = [str(i) for i in range(30)]
    one = hit_rates(["Edema"] * 30, people, {"map": hit, "centre": 1 - hit})
    three = hit_rates(
        ["Edema"] * 90, people * 3, {"map": np.tile(hit, 3), "centre": np.tile(1 - hit, 3)}
    )
    assert three.cases["Edema"] == 90
    for mine, other in (
        (one.rates["Edema"]["map"], three.rates["Edema"]["map"]),
        (one.means["map"], three.means["map"]),
        (one.gains["centre"], three.gains["centre"]),
    ):
        assert (mine.low, mine.high) == pytest.approx((other.low, other.high))


@pytest.mark.parametrize("hits", [0, 5, 12])
def test_cases_of_one_patient_are_as_uncertain_as_one_case(hits: int) -> None:
    hit = np.append(np.arange(12) < hits, [True, False]).astype(float)
    findings, people = ["Edema"] * 12 + ["Mass"] * 2, ["same"] * 12 + ["one", "other"]
    rate = hit_rates(findings, people, {"map": hit}).rates["Edema"]["map"]
    alone = wilson(hits / 12, 1)
    assert (rate.low, rate.high) == (alone.low, alone.high)


def test_means_are_over_findings_and_gains_are_paired() -> None:
    rng = np.random.default_rng(1)
    findings = ["Edema"] * 50 + ["Fracture"] * 10
    people = [str(number) for number in rng.integers(0, 25, 60)]
    first = (rng.random(60) < 0.6).astype(float)
    found = hit_rates(findings, people, {"map": first, "same": first, "other": 1 - first})
    expected = (first[:50].mean() + first[50:].mean()) / 2
    assert found.means["map"].value == pytest.approx(expected)
    assert found.means["map"].low < expected < found.means["map"].high
    assert (found.gains["same"].low, found.gains["same"].high) == (0, 0)
    assert found.gains["other"].mean == pytest.approx(2 * expected - 1)


def test_the_interval_of_a_mean_covers_it() -> None:
    """Patients of 1 to 3 cases that share their luck: coverage near 95 % over 400 worlds."""
    covered = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        person = np.repeat(np.arange(60), rng.integers(1, 4, 60))
        hit = (rng.random(60) < 0.4).astype(float)[person]
        names = np.where(rng.random(len(person)) < 0.5, "Edema", "Fracture")
        rate = hit_rates(list(names), list(person.astype(str)), {"map": hit}).means["map"]
        covered += rate.low <= 0.4 <= rate.high
    assert 0.92 <= covered / 400 <= 0.98


def test_the_tables_have_a_row_per_finding_and_per_pointer() -> None:
    hit = np.arange(20) % 2 == 0
    people = [str(number) for number in range(20)]
    findings = ["Edema"] * 10 + ["Fracture"] * 10
    found = hit_rates(findings, people, {"map": hit.astype(float), "centre": np.zeros(20)})
    rows = [line.split() for line in table_by_finding(found).splitlines()[1:]]
    assert rows[0] == ["finding", "cases", "map", "centre"]
    assert [(row[0], row[1], row[2], row[-1]) for row in rows[1:]] == [
        ("Edema", "10", "0.50", "0.00"),
        ("Fracture", "10", "0.50", "0.00"),
    ]
    title, header, of_map, of_centre = table_by_pointer(found).splitlines()
    assert title == "Mean over 2 findings"
    assert header.split()[:2] == ["pointer", "mean"]
    assert of_map.startswith("map ")
    assert "+0.5" in of_centre
    assert "+" not in of_map


def test_a_gain_counts_where_its_interval_lies_above_0() -> None:
    gains = {"centre": _estimate(0.3, 0.1), "text": _estimate(0.1, -0.1)}
    assert told_apart(gains) == "The map points better than: centre; not better than: text."
    assert told_apart({"text": gains["text"]}).startswith("The map points better than: nothing;")


def _estimate(mean: float, low: float) -> Estimate:
    found = hit_rates(["Edema"] * 2, ["a", "b"], {"map": np.ones(2), "other": np.zeros(2)})
    return dataclasses.replace(found.gains["other"], mean=mean, low=low)
