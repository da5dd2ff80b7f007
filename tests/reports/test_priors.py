"""References to earlier studies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.findings import NO_FINDING
from radtex.phantom import sample_study
from radtex.reports import (
    label_report,
    priors_rate,
    refers_to_priors,
    remove_priors,
    training_text,
)

REWRITTEN = {
    "Unchanged small left effusion.": "Small left effusion.",
    "Stable cardiomegaly with no new opacity.": "Cardiomegaly.",
    "The heart size remains enlarged.": "The heart size is enlarged.",
    "Lung volumes remain low.": "Lung volumes are low.",
    "Again seen are bibasilar opacities.": "There are bibasilar opacities.",
    "The left effusion is not significantly changed.": "Left effusion.",
    "Compared to the prior radiograph of 5/6/2010, the right effusion has increased.": (
        "Right effusion."
    ),
    "No significant change in the large left effusion.": "Large left effusion.",
    "ET tube is unchanged in position, 3.5 cm above the carina.": (
        "ET tube, 3.5 cm above the carina."
    ),
    "A consolidation is present, new since the prior study.": "A consolidation is present.",
    "The heart is normal in size, and stable.": "The heart is normal in size.",
    "There has been interval placement of a right central line.": "There is a right central line.",
    "The heart is unchanged, and the lungs are clear.": "The lungs are clear.",
    "A persistent opacity.": "An opacity.",
    "Moderate enlargement of the heart, similar.": "Moderate enlargement of the heart.",
    "Hazy opacities from mild edema, improved.": "Hazy opacities from mild edema.",
    "In the interval, consolidation has developed in the left base.": (
        "Consolidation in the left base."
    ),
    "1. No change. 2. Clear lungs. 3. Stable 2.5 cm nodule.": "2. Clear lungs. 3. 2.5 cm nodule.",
}
DROPPED = [
    "No interval change.",
    "No new consolidation, effusion, or pneumothorax.",
    "There is no new opacity.",
    "No effusion or new opacity.",
    "The cardiomediastinal silhouette is stable.",
    "This is unchanged.",
    "The left effusion has resolved.",
    "Interval removal of the chest tube.",
    "The right base opacity has improved.",
    "No prior studies for comparison.",
]
KEPT = [
    "No acute change.",
    "Prior sternotomy. Old granulomatous disease in the chest.",
    "Degenerative changes of the spine.",
    "Increased interstitial markings, worse at the bases.",
    "Follow-up is recommended to document resolution.",
    "The remainder of the chest is normal.",
]

WORDS = (
    "no new stable unchanged the heart is are effusion. Effusion and, but prior study since. there "
    "has been interval previous CT remains 1. 2) again seen with small clear; compared to"
)
words = st.sampled_from(WORDS.split())


@pytest.mark.parametrize(("text", "expected"), REWRITTEN.items())
def test_what_is_still_true_of_the_image_is_kept(text, expected):
    assert refers_to_priors(text)
    assert remove_priors(text) == expected


@pytest.mark.parametrize("text", DROPPED)
def test_what_would_say_nothing_or_something_else_is_dropped(text):
    assert refers_to_priors(text)
    assert remove_priors(text) == ""
    assert remove_priors(f"{text} Clear lungs.") == "Clear lungs."


@pytest.mark.parametrize("text", KEPT)
def test_history_and_description_are_no_references(text):
    assert not refers_to_priors(text)
    assert remove_priors(text) == text


@given(st.lists(words, max_size=25).map(" ".join) | st.text(max_size=60))
def test_nothing_refers_to_priors_after_removal(text):
    removed = remove_priors(text)
    assert not refers_to_priors(removed)
    assert remove_priors(removed) == removed


@given(
    st.sampled_from(["No new", "There is no new", "No effusion or new", "Without interval"]),
    st.lists(st.sampled_from(["edema", "effusion", "opacity"]), min_size=1, max_size=4),
    st.sampled_from([", ", " or ", ", and ", " and "]),
    st.sampled_from(["", " is seen", " compared to the prior study", "; the heart is normal"]),
)
def test_no_denied_finding_becomes_a_present_one(denial, findings, joint, end):
    removed = remove_priors(f"{denial} {joint.join(findings)}{end}.")
    assert removed in ("", "The heart is normal.")


DENIALS = [
    *("No {a}", "There is no {a}", "No evidence of {a}", "Without {a}", "No definite {a}"),
    *("Negative for {a}", "Free of {a}", "{a} is absent", "Neither opacity nor {a}", "No new {a}"),
    *("No opacity or {a}", "No residual {a}", "{a}: none", "{a} has resolved", "Absence of {a}"),
    *("{a} is not seen", "No longer any {a}"),
]
STATED = [
    *("unchanged {b}", "stable small {b}", "persistent {b}", "increasing {b}", "worsening {b}"),
    *("improving {b}", "new {b}", "decreased {b}", "larger {b}", "again seen {b}", "chronic {b}"),
    *("resolving {b}", "similar {b}", "progressive {b}", "previously seen {b}", "worse {b}"),
    *("unchanged in size {b}", "mild interval worsening of {b}", "no change in the {b}"),
    *("{b} is unchanged", "{b} unchanged in size", "{b}, unchanged since the prior study"),
    *("{b} has increased", "{b} has improved", "the {b} is stable", "there is stable {b}"),
    *("{b} increased since prior", "{b} is again seen", "{b} persists", "{b}, stable"),
]
JOINTS = [", ", " and ", "; ", ". ", ", but ", " with ", ", with ", ", and ", " but ", " - ", " / ",
          ", while ", " although ", "\n", "\n\n", "\n- "]  # fmt: skip
PAIRS = [
    *(("pneumothorax", "effusion"), ("effusion", "cardiomegaly"), ("consolidation", "edema")),
    *(("edema", "atelectasis"), ("effusion", "rib fracture"), ("pneumothorax", "nodule")),
]


@st.composite
def follow_ups(draw: st.DrawFn) -> str:
    """Sentences that deny one finding and state another one as seen before, in either order."""
    a, b = draw(st.sampled_from(PAIRS))
    parts = [
        draw(st.sampled_from(DENIALS)).format(a=a),
        draw(st.sampled_from(STATED)).format(b=b),
    ]
    first, second = draw(st.permutations(parts))
    joint = draw(st.sampled_from(JOINTS))
    if joint[0] in ".\n":
        second = second[0].upper() + second[1:]
    return f"{first[0].upper()}{first[1:]}{joint}{second}."


def disagreeing(text: str, removed: str) -> list[str]:
    before, after = label_report(text), label_report(removed)
    return [
        label
        for label, state in after.items()
        if label != NO_FINDING and state not in (None, before[label])
    ]


@given(st.lists(follow_ups(), min_size=1, max_size=3).map(" ".join))
def test_no_finding_is_denied_or_stated_that_was_not(text):
    removed = remove_priors(text)
    assert disagreeing(text, removed) == []
    assert not refers_to_priors(removed)
    assert remove_priors(removed) == removed


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "No pneumothorax, stable effusion.": "No pneumothorax. Effusion.",
        "No pneumothorax and unchanged effusion.": "No pneumothorax. Effusion.",
        "Negative for pneumothorax, new effusion.": "Negative for pneumothorax. Effusion.",
        "No pneumothorax with again seen effusion.": "No pneumothorax. Effusion.",
        "No edema and the effusion is unchanged.": "No edema. Effusion.",
        "Stable effusion, no pneumothorax.": "Effusion. No pneumothorax.",
        "No hernia, stable granuloma.": "No hernia. Granuloma.",
        "Effusion unchanged in size.": "Effusion.",
        "Effusion, larger since yesterday.": "Effusion.",
        "No change in the effusion\nNo pneumothorax": "Effusion. No pneumothorax",
        "There is persistence of a calcified nodule.": "There is a calcified nodule.",
    }.items(),
)
def test_what_was_denied_and_what_is_stated_stand_apart(text, expected):
    assert remove_priors(text) == expected


def test_a_sentence_that_denies_what_another_stated_goes_with_it():
    assert remove_priors("The effusion has improved. No left effusion.") == ""


def test_an_endless_sentence_is_dropped_once_it_refers_to_a_prior():
    assert remove_priors("effusion " * 400 + "again.") == ""
    assert remove_priors("Clear lungs. Seen " + "again " * 400) == "Clear lungs."


def test_a_wrapped_line_is_read_as_one():
    assert refers_to_priors("as compared\n to the outside study")
    assert remove_priors("Small effusion is\n unchanged.") == "Small effusion."


def test_the_rate_counts_texts_that_say_something():
    assert priors_rate(["Stable.", "Clear.", " ", ""]) == 0.5
    assert priors_rate([""]) == 0


def test_phantom_reports_keep_their_findings():
    reports = [sample_study(0, number).report for number in range(300)]
    texts = [training_text(report.findings, report.impression) for report in reports]
    assert 0.05 < priors_rate(texts) < 0.5
    assert priors_rate(map(remove_priors, texts)) == 0
    assert all(len(remove_priors(text).split()) >= 0.7 * len(text.split()) for text in texts)
