from dataclasses import replace

from radtex.statistics.intervals import Estimate
from radtex.transfer.evidence.sections.at_largest import (
    conditions,
    counted,
    each_target,
    estimand,
    has_probabilities,
    largest_budget,
    shown,
    shown_with_sign,
)


def test_every_target_of_every_encoder_is_told_of_once(results):
    assert [(target, encoder) for target, encoder, _ in each_target(results)] == [
        ("Edema", "radtex"),
        ("Edema", "<b>photos & co</b>"),
        ("Effusion", "radtex"),
        ("Effusion", "<b>photos & co</b>"),
    ]
    assert largest_budget(results) == "60"
    assert has_probabilities(results)
    assert not has_probabilities(replace(results, classifiers={}))


def test_what_there_is_none_of_is_said_to_be_none():
    value = Estimate(0.5, 0.25, 0.75, 0.01)
    assert (shown(value), shown(None)) == ("0.50 [0.25, 0.75]", "none")
    assert (shown_with_sign(value), shown_with_sign(None)) == ("+0.500 [+0.250, +0.750]", "none")


def test_one_classifier_is_not_expected_over_pools(results):
    assert conditions(results).startswith("at 60 labels, expected over pools")
    assert counted(results) == "draws, their pool and patients"
    one = replace(results, of_one_classifier=True)
    assert (conditions(one), estimand(one), counted(one)) == (
        "of this classifier, for patients like these",
        "for patients like these",
        "patients",
    )
