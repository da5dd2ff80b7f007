import pytest

from radtex.statistics.intervals import holm

BUDGETS = (20, 60, 160)


@pytest.fixture(scope="module")
def contestants(contestant):
    return [
        contestant("text", "radtex", 1, frozenset({"elsewhere"})),
        contestant("rival", "supervised", 2, frozenset({"elsewhere"})),
        contestant("photos", "imagenet", 3),
        contestant("noise", "random", 4),
    ]


@pytest.fixture(scope="module")
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
