import re
from dataclasses import replace

import numpy as np
import pytest


@pytest.fixture(scope="module")
def contestants(contestant):
    return [contestant("text", "radtex", 1), contestant("noise", "random", 4)]


@pytest.fixture(scope="module")
def results(run, contestants):
    return run(contestants)


def test_one_repeat_is_measured_and_flagged(run, contestants):
    results = run(contestants, repeats=1)
    assert any("one repeat" in flag for flag in results.flags)
    assert all(value[160].low < value[160].high for value in results.mean_auc.values())


def test_few_repeats_are_flagged_and_enough_are_not(run, contestants, results):
    assert any("3 repeats: with fewer than 5" in flag for flag in results.flags)
    assert not any("repeats: with" in flag for flag in run(contestants[:1], repeats=5).flags)


def test_overlapping_repeats_and_forced_draws_are_flagged(run, contestants):
    results = run(contestants, budgets=(10, 160))
    forced = next(flag for flag in results.flags if flag.startswith("Forced draws"))
    overlap = next(flag for flag in results.flags if flag.startswith("Repeats overlap"))
    assert "Edema at 10 (" in forced
    assert re.search(r"Edema at 160 \d\d%; Effusion at 160 \d\d%\.$", overlap)
    listed = [(draw["target"], draw["budget"]) for draw in results.protocol["forced_draws"]]
    assert f"Edema at 10 ({listed.count(('Edema', 10))} of 3 repeats)" in forced
    stated = results.protocol["overlapping_repeats"]
    assert [(each["target"], each["budget"]) for each in stated] == [
        ("Edema", 160),
        ("Effusion", 160),
    ]
    assert all(each["share"] >= 160 / 300 for each in stated)


def test_a_shared_budget_reports_the_definite_labels_of_each_target(run, corpus, contestants):
    index = corpus.index.copy()
    blank = np.random.default_rng(0).random(600) < 0.3
    index.loc[np.r_[blank, blank[:120]], "label.Edema"] = None
    sparse = replace(corpus, index=index)
    results = run(contestants, sampling="shared", pool_corpus=sparse, budgets=(40, 160))
    counts = results.scores.groupby(["target", "budget"])["n_labelled"]
    assert (counts.min()["Effusion"] == [40, 160]).all()
    assert (counts.max()["Edema"] < [40, 160]).all()
    assert (
        results.scores.groupby(["target", "budget", "repeat"])["n_labelled"].nunique() == 1
    ).all()
    assert any(flag.startswith("A budget of N is one set of N studies") for flag in results.flags)
    assert any("Definite labels among 160 shared studies" in flag for flag in results.flags)


def test_a_target_that_was_left_out_is_named_with_the_reason(results):
    assert any(
        flag.startswith("Hernia is left out at every budget: the ") for flag in results.flags
    )


def test_the_first_flag_says_what_a_budget_is(results):
    assert results.flags[0].startswith("A budget of N is N studies with a definite label")
