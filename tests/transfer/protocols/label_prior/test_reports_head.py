from dataclasses import replace

import numpy as np
import pytest

from radtex.errors import ProtocolError
from radtex.transfer.evidence.page import report
from radtex.transfer.evidence.result_tables import mean_auc_table, table
from radtex.transfer.evidence.summary import summary
from radtex.transfer.protocols.linear import Linear

from .conftest import dealt


def chosen(results, name="text+reports"):
    return results.chosen["prior_slopes"].get(name, {"0": 1.0})


def mean(results, name, budget):
    return results.mean_auc[name][budget].mean


def test_a_prior_stands_beside_the_encoder_and_helps_where_reports_tell_the_target(measured):
    assert list(measured.mean_auc) == ["text", "text+reports"]
    assert mean(measured, "text+reports", 20) > mean(measured, "text", 20) + 0.02
    assert chosen(measured).get("0", 0) < 0.3


def test_without_labels_stands_the_prior_alone_in_every_form(measured):
    assert 0 not in measured.mean_auc["text"]
    alone = measured.mean_auc["text+reports"][0]
    assert alone.low < alone.mean < alone.high
    rows = measured.scores.query("budget == 0")
    assert set(rows["encoder"]) == {"text+reports"}
    assert (rows[["repeat", "n_labelled", "n_positive"]] == 0).to_numpy().all()
    np.testing.assert_allclose(rows["auc"].mean(), alone.mean, atol=1e-12)
    header, plain, begun = mean_auc_table(measured)
    assert (header[1], plain[1]) == ("0", "–")
    assert begun[1].startswith(f"{alone.mean:.2f}")
    assert summary(measured)["mean_auc"]["text+reports"]["0"]["mean"] == alone.mean
    page = report(measured)
    assert "At 0 labels is the prior alone" in page
    assert f"{alone.mean:.2f} without labels" in page


def test_results_say_that_reports_were_used_at_the_labelling_stage(measured):
    said = "Reports were used at the labelling stage too: text+reports begin from"
    assert any(flag.startswith(said) for flag in measured.flags)
    assert said in table(measured)
    assert said in report(measured)
    prior = measured.protocol["prior"]
    assert prior["given_to"] == ["text+reports"]
    assert prior["slopes"] == [0, 0.25, 0.5, 1, 2]
    made_of = measured.chosen["priors"]["text+reports"]["Edema"]
    assert made_of["mined"] > made_of["mined_positive"] > 5


@pytest.fixture(scope="module")
def begun(run, reporting, reader):
    """Measure one encoder with a source of priors."""

    def measure(source, **options):
        return run(
            source.twins([reader("text")]), pool_corpus=reporting, test_corpus=reporting,
            protocol=Linear().beginning_from(source), **{"budgets": (20,), "repeats": 8} | options,
        )  # fmt: skip

    return measure


def test_where_reports_do_not_name_the_targets_no_prior_is_used(begun, head, reporting):
    index = reporting.index.copy()
    index["findings"] = "The heart is enlarged."
    silent = head(corpus=replace(reporting, index=index))
    results = begun(silent)
    assert chosen(results) == {"0": 1.0}
    assert mean(results, "text+reports", 20) == mean(results, "text", 20)
    assert mean(results, "text+reports", 0) == 0.5
    assert any("Targets whose prior knows nothing" in flag for flag in results.flags)


def test_reports_of_other_films_cost_no_more_than_noise(begun, head, reporting):
    results = begun(head(corpus=dealt(reporting)))
    (pair,) = (each for each in results.paired if each.budget == 20)
    assert abs(pair.estimate.mean) < 0.02
    assert pair.estimate.low < 0 < pair.estimate.high or pair.estimate.p == 1
    assert chosen(results)["0"] > 0.6


def test_wrong_mined_labels_cost_the_prior_alone_something(begun, head):
    right, wrong = (begun(head(share), repeats=2) for share in (0.0, 0.5))
    assert mean(wrong, "text+reports", 0) < mean(right, "text+reports", 0) - 0.05
    assert "50% of which were made wrong on purpose" in wrong.protocol["prior"]["in_words"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"recipe": None}, "read none of these reports"),
        ({"recipe": {"objective": "supervised"}}, "learnt from labels of the corpus"),
        ({"recipe": {"objective": "vicreg"}}, "images alone"),
        ({"recipe": {"objective": "joint", "text": {"shuffle_reports": True}}}, "other films"),
        ({"corpus": "1" * 64}, "another corpus"),
    ],
)
def test_who_did_not_learn_from_these_reports_gets_no_prior(head, reader, change, reason):
    other = reader("other")
    description = {k: v for k, v in (other.description | change).items() if v is not None}
    other = replace(other, description=description)
    assert reason in head().refusal(other)
    both = head().twins([reader("text"), other])
    assert [each.name for each in both] == ["text", "text+reports", "other"]
    with pytest.raises(ProtocolError, match=f"--prior reports suits no encoder: other .*{reason}"):
        head().twins([other])


def test_the_rival_on_mined_labels_gets_the_same_head(head, reader):
    mined = reader("mined", objective="supervised", label_source="reports")
    assert head().refusal(mined) is None
    joined = replace(mined, members=(mined, mined))
    assert "must not know" in head().refusal(joined)


def test_a_prior_alone_is_a_goal_of_label_efficiency_and_compared_with_other_priors(
    run, reporting, reader, contestant, head
):
    source = head()
    mined = replace(
        reader("mined", 2, objective="supervised", label_source="reports"), role="rival"
    )
    results = run(
        source.twins([reader("text"), mined, contestant("noise", "random", 3)]),
        pool_corpus=reporting, test_corpus=reporting, budgets=(20, 60), repeats=3,
        protocol=Linear().beginning_from(source),
    )  # fmt: skip
    goals = {(each.encoder, each.rival, each.budget) for each in results.label_efficiency}
    assert ("text+reports", "noise", 0) in goals
    assert ("text", "noise", 0) not in goals
    assert ("text+reports", "mined+reports", 0) in goals
    assert not any(encoder.startswith("mined") for encoder, *_ in goals)
    (noise,) = (
        each for each in results.label_efficiency
        if (each.encoder, each.rival, each.budget) == ("text+reports", "noise", 0)
    )  # fmt: skip
    reached = [results.mean_auc["noise"][budget].mean for budget in (20, 60)]
    alone = results.mean_auc["text+reports"][0].mean
    assert noise.needed.reaches == (max(reached) >= alone)
    (pair,) = (each for each in results.paired if each.budget == 0)
    assert (pair.a, pair.b, pair.p_holm) == ("text+reports", "mined+reports", None)
    difference = alone - results.mean_auc["mined+reports"][0].mean
    assert pair.estimate.mean == pytest.approx(difference)
    assert report(results)
