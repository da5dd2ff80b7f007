"""A few-label protocol is one class: a fifth, made here, goes through everything."""

import json
import sys
from dataclasses import dataclass, replace
from types import ModuleType
from typing import ClassVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from radtex.transfer.contestants.leave_target_out import leave_target_out
from radtex.transfer.evidence.result_tables import table
from radtex.transfer.evidence.write import write_evidence
from radtex.transfer.measures.scores import score, stored
from radtex.transfer.protocols.frozen import FrozenProtocol
from radtex.transfer.protocols.registry import PROTOCOLS, Entry, open_protocol


@dataclass(frozen=True)
class Chosen:
    """Which feature each draw scores by."""

    features: NDArray[np.int64]
    weights: torch.Tensor


@dataclass(frozen=True)
class BestFeature(FrozenProtocol[Chosen]):
    """Score by the one feature that tells the labelled studies apart best."""

    name: ClassVar[str] = "best-feature"
    sign: float = 1.0

    def settings(self):
        return {"sign": self.sign}

    def measure_features(self, experiment, pool, test, name):
        assert name in ("text", "noise")
        chosen, scores = [], []
        for draw in experiment.draws:
            labelled, positive = pool[draw.studies], torch.from_numpy(draw.positive)
            apart = labelled[positive].mean(0) - labelled[~positive].mean(0)
            chosen.append(int((apart.abs() / (labelled.std(0) + 1e-6)).argmax()))
            scores.append(self.sign * apart[chosen[-1]].sign() * test[:, chosen[-1]])
        fits = Chosen(np.array(chosen), torch.tensor(chosen, dtype=torch.float32))
        return score(experiment, stored(torch.stack(scores)), logits=False, fits=fits)

    def flags(self, fits, experiment):
        distinct = {name: len(set(each.features.tolist())) for name, each in fits.items()}
        return [f"Features chosen in {len(experiment.draws)} draws: {distinct}."]

    def summary(self, fits):
        return {"features": {name: each.features.tolist() for name, each in fits.items()}}


@pytest.fixture
def registered(monkeypatch):
    """The fifth protocol as a module of its own, and its line in the registry."""
    module = ModuleType("fifth_protocol")
    module.BestFeature = BestFeature
    monkeypatch.setitem(sys.modules, "fifth_protocol", module)
    entry = Entry("fifth_protocol:BestFeature", "the one best feature")
    monkeypatch.setitem(PROTOCOLS, "best-feature", entry)


@pytest.fixture(scope="module")
def contestants(contestant):
    return [contestant("text", "radtex", 1), contestant("noise", "random", 2)]


@pytest.mark.usefixtures("registered")
def test_a_fifth_protocol_is_one_class_and_a_line(run, contestants, tmp_path):
    runs = [
        replace(each, description={**each.description, "targets": [target], "steps": 1})
        for each, target in zip(contestants, ("Edema", "Effusion"), strict=True)
    ]
    rival = leave_target_out("unseen", runs)
    results = run([rival, *runs], protocol=open_protocol("best-feature", sign=1.0))
    assert set(results.scores["protocol"]) == {"best-feature"}
    assert results.mean_auc["text"][160].low > 0.55
    write_evidence(results, tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["protocol"]["name"] == "best-feature"
    assert summary["protocol"]["sign"] == 1.0
    assert any(flag.startswith("Features chosen in 18 draws: ") for flag in summary["flags"])
    # Of the rival each target's draws are those of the run that never saw it.
    features = summary["features"]
    assert features["unseen"] == features["noise"][:9] + features["text"][9:]
    assert (summary["strengths"], summary["neighbours"]) == ({}, {})
    page = (tmp_path / "out" / "report.html").read_text()
    assert "Protocol best-feature" in page
    assert "Features chosen in 18 draws" in table(results)


def test_each_protocol_reports_what_it_chose(run, contestants, tmp_path):
    summaries = {}
    for protocol in ("linear", "knn", "prototype"):
        results = run(contestants, protocol=protocol, budgets=(20,))
        write_evidence(results, tmp_path / protocol)
        summaries[protocol] = json.loads((tmp_path / protocol / "summary.json").read_text())
    chosen = {name: (each["strengths"], each["neighbours"]) for name, each in summaries.items()}
    assert chosen["prototype"] == ({}, {})
    assert chosen["linear"][1] == chosen["knn"][0] == {}
    for shares in (*chosen["linear"][0].values(), *chosen["knn"][1].values()):
        assert sum(shares.values()) == pytest.approx(1)
    assert "strengths" in summaries["linear"]["protocol"]
    assert "strengths" not in summaries["knn"]["protocol"]


def test_a_protocol_has_nothing_to_add_unless_it_says_so():
    plain = open_protocol("prototype")
    plain.check()
    assert plain.arguments() == {}
    assert plain.flags({"it": None}, None) == []
    assert plain.summary({"it": None}) == {}
    assert (plain.saves_probes, plain.resumes) == (False, False)
