import logging
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from radtex.errors import ProtocolError
from radtex.statistics.auc import auc
from radtex.statistics.intervals import holm

BUDGETS = (20, 60, 160)


@pytest.fixture(scope="session")
def contestants(contestant):
    return [
        contestant("text", "radtex", 1, frozenset({"elsewhere"})),
        contestant("rival", "supervised", 2, frozenset({"elsewhere"})),
        contestant("photos", "imagenet", 3),
        contestant("noise", "random", 4),
    ]


@pytest.fixture(scope="session")
def results(run, contestants):
    return run(contestants)


def test_there_is_a_row_per_encoder_target_budget_and_repeat(results):
    keys = results.scores[["encoder", "target", "budget", "repeat"]]
    assert len(keys.drop_duplicates()) == len(keys) == 4 * 2 * 3 * 3
    assert set(results.scores["protocol"]) == {"linear"}
    assert (results.scores["n_labelled"] == results.scores["budget"]).all()


def test_the_signal_is_found_and_more_labels_find_more(results):
    for by_budget in results.mean_auc.values():
        assert by_budget[160].low > 0.6
        assert by_budget[160].mean > by_budget[20].mean


def test_draws_are_the_same_for_every_encoder(results):
    drawn = results.scores.groupby(["target", "budget", "repeat"])["n_positive"].nunique()
    assert (drawn == 1).all()


def test_means_are_those_of_the_rows(results):
    means = results.scores.groupby(["encoder", "budget"])["auc"].mean()
    for encoder, by_budget in results.mean_auc.items():
        for budget, value in by_budget.items():
            assert value.mean == pytest.approx(means[encoder, budget])
            assert 0 <= value.low < value.mean < value.high <= 1
    means = results.scores.groupby(["encoder", "target", "budget"])["auc"].mean()
    for (encoder, target, budget), mean in means.items():
        assert results.target_auc[encoder][target][budget].mean == pytest.approx(mean)


def test_each_pair_is_compared_once_per_budget_in_the_given_order(results):
    names = ["text", "rival", "photos", "noise"]
    pairs = [(pair.a, pair.b, pair.budget) for pair in results.paired]
    expected = [(a, b, n) for i, a in enumerate(names) for b in names[i + 1 :] for n in BUDGETS]
    assert pairs == expected
    for pair in results.paired:
        difference = (
            results.mean_auc[pair.a][pair.budget].mean - results.mean_auc[pair.b][pair.budget].mean
        )
        assert pair.estimate.mean == pytest.approx(difference)


def test_holm_adjusts_within_the_primary_family_alone(results):
    primary = [pair for pair in results.paired if pair.p_holm is not None]
    assert {(pair.a, pair.b) for pair in primary} == {("text", "rival"), ("text", "photos")}
    assert [pair.p_holm for pair in primary] == holm([pair.estimate.p for pair in primary])
    family = results.protocol["primary_family"]
    assert [(pair["a"], pair["b"]) for pair in family] == [("text", "rival"), ("text", "photos")]


def test_an_encoder_equals_itself(run, contestant):
    twins = [contestant("one", "random", 1), contestant("two", "random", 1)]
    for pair in run(twins).paired:
        assert (pair.estimate.mean, pair.estimate.low, pair.estimate.high) == (0, 0, 0)
        assert pair.estimate.p == 1


def test_a_target_that_cannot_be_measured_is_out_everywhere_and_named(results):
    assert set(results.scores["target"]) == {"Edema", "Effusion"}
    assert list(results.protocol["excluded"]) == ["Hernia"]
    assert any("Hernia is left out at every budget" in flag for flag in results.flags)


def test_one_seed_gives_one_result_and_another_another(run, contestants, results):
    again, other = run(contestants), run(contestants, seed=1)
    assert again.scores.equals(results.scores)
    assert again.mean_auc == results.mean_auc
    assert again.paired == results.paired
    assert not other.scores.equals(results.scores)


def test_the_order_of_budgets_does_not_matter(run, contestants, results):
    assert run(contestants, budgets=BUDGETS[::-1]).scores.equals(results.scores)


def test_the_primary_family_is_logged_before_the_first_score(run, contestants, caplog, monkeypatch):
    def unreachable(*_):
        raise AssertionError("scored")

    monkeypatch.setattr("radtex.transfer.protocols.linear.fit_probes", unreachable)
    with caplog.at_level(logging.INFO), pytest.raises(AssertionError, match="scored"):
        run(contestants)
    assert "primary family text − rival, text − photos at 20/60/160 labels" in caplog.text


def test_patients_on_both_sides_stop_the_run_with_the_count(run, corpus, contestants):
    both = np.concatenate([corpus.rows("test"), corpus.rows("pool")[:7]])
    shared = len(set(corpus.patients[corpus.rows("pool")[:7]]))
    with pytest.raises(ProtocolError, match=f"{shared} patients are both in the pool and in the"):
        run(contestants, test=both)


@pytest.mark.parametrize("split", ["pool", "test"])
def test_an_encoder_that_saw_the_patients_stops_the_run(run, corpus, contestants, split):
    seen = frozenset(sorted(set(corpus.patient_hashes()[corpus.rows(split)]))[:5])
    leaky = replace(contestants[0], patients=seen)
    with pytest.raises(ProtocolError, match=f"5 patients .* training of text and in the {split}"):
        run([leaky, *contestants[1:]])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budgets": (20, 20)}, "name each budget once"),
        ({"budgets": ()}, "name each budget once"),
        ({"budgets": (9, 20)}, "smallest possible budget is 10"),
        ({"budgets": (20, 5000)}, "largest possible budget is 300"),
        ({"repeats": 0}, "at least 1"),
        ({"seed": -1}, "0 or more"),
    ],
)
def test_what_cannot_be_measured_is_refused(run, contestants, settings, message):
    with pytest.raises(ProtocolError, match=message):
        run(contestants, **settings)


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
    assert overlap.endswith("Edema at 160; Effusion at 160.")
    listed = [(draw["target"], draw["budget"]) for draw in results.protocol["forced_draws"]]
    assert f"Edema at 10 ({listed.count(('Edema', 10))} of 3 repeats)" in forced
    assert results.protocol["overlapping_repeats"] == [
        {"target": "Edema", "budget": 160},
        {"target": "Effusion", "budget": 160},
    ]


def test_the_auc_is_that_of_the_test_studies(run, contestants, monkeypatch):
    seen = []

    def spy(scores, positive):
        seen.append((scores.numpy(), positive))
        return auc(scores, positive)

    monkeypatch.setattr("radtex.transfer.measures.scores.auc", spy)
    results = run(contestants[:1])
    expected = [roc_auc_score(positive, column) for scores, positive in seen for column in scores.T]
    np.testing.assert_allclose(results.scores["auc"], expected)
    assert (results.scores["n_test"] == 300).all()
