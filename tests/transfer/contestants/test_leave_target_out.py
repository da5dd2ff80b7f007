from dataclasses import replace

import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.contestants.conditions import reservations
from radtex.transfer.contestants.leave_target_out import leave_target_out


@pytest.fixture
def supervised(contestant):
    def make(name, seed, targets):
        made = contestant(name, "supervised", seed, frozenset({name}))
        return replace(made, description={**made.description, "targets": targets})

    return make


def rows(results, encoder, target):
    scores = results.scores
    return scores[(scores.encoder == encoder) & (scores.target == target)].auc.to_numpy()


def test_each_target_is_measured_on_a_run_that_never_saw_its_labels(run, supervised):
    a, b = supervised("a", 1, ["Edema"]), supervised("b", 2, ["Effusion"])
    rival = leave_target_out("unseen", [a, b])
    results = run([rival, a, b])
    assert np.array_equal(rows(results, "unseen", "Edema"), rows(results, "b", "Edema"))
    assert np.array_equal(rows(results, "unseen", "Effusion"), rows(results, "a", "Effusion"))
    assert not np.array_equal(rows(results, "a", "Edema"), rows(results, "b", "Edema"))
    expected = np.mean([rows(results, "b", "Edema"), rows(results, "a", "Effusion")])
    assert np.mean([e.mean for e in results.mean_auc["unseen"].values()]) == pytest.approx(expected)


def test_its_patients_are_those_of_all_its_runs(supervised):
    rival = leave_target_out("unseen", [supervised("a", 1, ["x"]), supervised("b", 2, ["y"])])
    assert rival.patients.of_keys["none"].pseudonyms == {"a", "b"}
    assert reservations([rival]) == [
        "Results for supervised are conditional on one pretraining run."
    ]


def test_a_target_that_every_run_saw_is_refused(run, supervised):
    both = ["Edema", "Effusion"]
    rival = leave_target_out("unseen", [supervised("a", 1, both), supervised("b", 2, ["Edema"])])
    with pytest.raises(ProtocolError, match="every run of unseen was trained on labels of Edema"):
        run([rival])


def test_only_supervised_runs_of_equal_steps_are_joined(contestant, supervised):
    with pytest.raises(ProtocolError, match="it was not trained on labels"):
        leave_target_out("unseen", [supervised("a", 1, ["x"]), contestant("it", "radtex")])
    longer = supervised("b", 2, ["y"])
    longer = replace(longer, description={**longer.description, "steps": 20})
    with pytest.raises(ProtocolError, match="differ in steps"):
        leave_target_out("unseen", [supervised("a", 1, ["x"]), longer])
