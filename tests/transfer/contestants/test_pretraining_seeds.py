from dataclasses import replace

import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.contestants.conditions import reservations
from radtex.transfer.contestants.leave_target_out import leave_target_out
from radtex.transfer.contestants.pretraining_seeds import of_one_recipe


@pytest.fixture
def seeded_run(contestant):
    def make(name, seed, role="radtex", targets=(), **recipe):
        made = contestant(name, role, seed, frozenset({name}))
        known = {
            "recipe": {"init": "imagenet", "seed": seed, "training": {"batch_size": 16}, **recipe},
            "targets": list(targets),
            "corpus": "0" * 64,
            "seed": seed,
        }
        return replace(made, description={**made.description, **known})

    return make


def test_runs_that_differ_in_their_seed_are_one_contestant(seeded_run):
    made = of_one_recipe("text", [seeded_run("a", 0), seeded_run("b", 1), seeded_run("c", 2)])
    assert (made.name, made.role) == ("text", "radtex")
    assert made.patients.of_keys["none"].pseudonyms == {"a", "b", "c"}
    assert [each.name for each in made.seeds] == ["a", "b", "c"]
    assert made.description["seeds"] == [0, 1, 2]
    assert "seed" not in made.description
    assert reservations([made]) == []


def test_its_scores_are_the_means_of_its_seeds(run, seeded_run):
    ones = [seeded_run("a", 1), seeded_run("b", 2)]
    results = run([of_one_recipe("text", ones), *ones])
    mean = np.mean([results.scores[results.scores.encoder == name].auc for name in "ab"], axis=0)
    assert results.scores[results.scores.encoder == "text"].auc.to_numpy() == pytest.approx(mean)
    text, a, b = (results.classifiers[name] for name in ("text", "a", "b"))
    for budget, brier in text.brier.items():
        assert brier.mean == pytest.approx((a.brier[budget].mean + b.brier[budget].mean) / 2)
    assert sum(each.predictions for each in text.reliability) == sum(
        each.predictions for one in (a, b) for each in one.reliability
    )


def test_what_differs_beside_the_seed_is_said(seeded_run):
    small = seeded_run("b", 1, training={"batch_size": 8})
    with pytest.raises(ProtocolError, match=r"differ in batch_size, a 16, b 8"):
        of_one_recipe("text", [seeded_run("a", 0), small])
    with pytest.raises(ProtocolError, match=r"differ in init, a imagenet, b random"):
        of_one_recipe("text", [seeded_run("a", 0), seeded_run("b", 1, init="random")])


def test_one_seed_twice_is_refused(seeded_run):
    with pytest.raises(ProtocolError, match="a and b in text have one seed, 1"):
        of_one_recipe("text", [seeded_run("a", 1), seeded_run("b", 1)])


def test_only_runs_have_seeds(contestant, seeded_run):
    with pytest.raises(ProtocolError, match="it is no run"):
        of_one_recipe("text", [seeded_run("a", 1), contestant("it", "random")])


def test_a_leave_target_out_rival_may_have_seeds(run, seeded_run):
    def rival(seed):
        return leave_target_out(
            f"unseen-{seed}",
            [
                seeded_run(f"a{seed}", seed, "supervised", ["Edema"]),
                seeded_run(f"b{seed}", seed, "supervised", ["Effusion"]),
            ],
        )

    one, other = rival(1), rival(2)
    results = run([of_one_recipe("unseen", [one, other]), one, other])
    values = {
        name: results.scores[results.scores.encoder == name].auc.to_numpy()
        for name in ("unseen", "unseen-1", "unseen-2")
    }
    assert values["unseen"] == pytest.approx((values["unseen-1"] + values["unseen-2"]) / 2)
    assert not np.array_equal(values["unseen-1"], values["unseen-2"])
