from radtex.transfer.evidence.result_tables import (
    classifier_table,
    flow_table,
    label_efficiency_table,
    labels_in_words,
    mean_auc_table,
    paired_table,
    subgroup_table,
    table,
    target_table,
)
from radtex.transfer.measures.label_efficiency import LabelsNeeded


def test_words_say_on_which_side_a_number_of_labels_lies():
    budgets = (50, 1000)
    assert labels_in_words(LabelsNeeded(340.2, 210.0, None, True), budgets) == (
        "340 [210, > 1,000]"
    )
    assert labels_in_words(LabelsNeeded(None, 1000.0, None, False), budgets) == (
        "> 1,000 [all > 1,000]"
    )
    assert labels_in_words(LabelsNeeded(None, None, 50.0, True), budgets) == "< 50 [all < 50]"


def test_the_terminal_table_shows_means_primary_differences_and_flags(results):
    text = table(results)
    value = results.mean_auc["radtex"][60]
    assert f"{value.mean:.2f} [{value.low:.2f}, {value.high:.2f}]" in text
    assert f"{results.paired[0].estimate.mean:+.3f}" in text
    assert all(flag in text for flag in results.flags)
    assert "uncertain and blank labels are left out" in text


def test_each_table_has_a_row_for_everything_it_shows(results):
    assert [row[0] for row in mean_auc_table(results)] == ["labelled studies", *results.mean_auc]
    assert len(target_table(results)) == 1 + 2 * 2
    assert len(paired_table(results.paired)) == 1 + 2
    assert len(label_efficiency_table(results)) == 1 + 2
    assert len(classifier_table(results, "brier")) == 1 + 2
    assert {row[0] for row in subgroup_table(results)[1:]} == {"female", "male"}


def test_secondary_comparisons_have_no_adjusted_p(results):
    assert paired_table(results.paired)[0][-1] == "p (Holm)"
    assert paired_table([])[0][-1] == "p"


def test_the_flow_ends_in_what_was_used(results):
    selection = {"splits": ["pool"], "patients": 1200, "images": 3400}
    flow = [{"step": "read", "rows": 5000}, {"step": "lateral", "rows": -1600, "reason": "view"}]
    rows = flow_table({role: selection | {"flow": flow} for role in ("pool", "test")})
    assert rows[1:4] == [
        ["pool", "read", "5,000", ""],
        ["pool", "lateral", "-1,600", "view"],
        ["pool", "used here", "3,400", "split pool; 1,200 patients"],
    ]
    assert len(flow_table(results.protocol)) == 3
