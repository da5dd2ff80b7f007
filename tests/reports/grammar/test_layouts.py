"""Sentences that only the layout parts."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.sentences import labels_of
from radtex.reports import label_report

PARTED = [
    "No mass\r\n\r\n{F}",
    "No mass\r\n{F}",
    "No mass\n\n{f}",
    "No mass\n{F}",
    "No mass\n{F} is present",
    "No mass\n- {f}",
    "No mass\n* {f}",
    "No mass\n\u2022 {f}",
    "No mass\n2. {f}",
    "No mass\n2) {F}",
    "1. No mass 2. {F}",
    "1) No mass 2) {F}",
    "(1) No mass (2) {F}",
    "No mass (small {f}).",
    "No mass [small {f}].",
    "No mass ({f}).",
    "No mass - {f}",
    "No mass \u2013 {f}",
    "No mass \u2014 {f}",
    "No mass -- {f}",
    "No mass\u2014{f}",
    "No mass - mild {f} is seen.",
    "No mass<br>{F}",
    "No mass<BR>{F}",
    "No mass<br />{F}",
    "<p>No mass</p><p>{F}</p>",
    "<ul><li>No mass</li><li>{f}</li></ul>",
    "No mass; {f}",
    "No mass! {F}",
    "No mass.{F}.",
    "No mass: {f}",
    "No mass\n\t{F}",
    "No mass.\n{f}",
    "No mass \u2022 {f}",
    "No mass\xa0- {f}",
    "NO MASS. {F}.",
    "No mass...{f}",
    "No mass\r{F}",
    "No mass\u2028{F}",
    "No mass | {f}",
    "No mass\n\u25cf {f}",
    "No mass\n-{f}",
    "a) No mass b) {F}",
    "No mass\nMild {f}",
    "No mass\nThe {f} is larger",
    "No mass\n\n\n  {F}.",
    "#1 No mass #2 {F}",
    "No mass\n> {f}",
    "No mass // {f}",
    "No mass / {f} present",
    "No mass = {f}",
    "No mass & {f} is stable",
    "FINDINGS: No mass\nIMPRESSION: {F}",
    "No mass ... {F}",
    "No mass\n  o {F}",
    "No mass (there is {f}).",
    "No mass - however {f}.",
    "No mass<br><br>{F}.",
    "No mass \n\n {f}",
    "No mass;\n{f}",
    "No mass\n3. {F}",
    "No mass:\n{F}",
    "No mass 3) {f}",
    "No mass.\r\n{F} present.",
    "No mass\n\n- {F}",
    "No mass -{F}",
    "No mass.  {F}.",
    "No mass\r\n{F}\r\n",
    "No mass [{f} seen].",
    "No mass\n\u2013 {f}",
    "No mass<br>Small {f}",
    "No mass 2. {F}",
    "No mass\n1) {f}",
]


@pytest.mark.parametrize("sentence", PARTED)
def test_each_part_of_a_layout_is_a_sentence_of_its_own(sentence: str) -> None:
    assert set(labels_of(sentence)) == {1}


REPORTS = st.lists(
    st.sampled_from(
        [
            "No pneumothorax, improving left effusion.",
            "No change in the small right pleural effusion.",
            "The heart isn't enlarged.",
            "Pneumonia cannot be ruled out.",
            "Near-complete resolution of the edema.",
            "Moderate cardiomegaly.",
            "No acute fracture, or nodule.",
            "Lungs are clear apart from atelectasis.",
            "Effusion, not evident on the prior film.",
            "ET tube in place.",
            "There is no consolidation.",
        ]
    ),
    min_size=1,
    max_size=6,
)


@given(REPORTS, st.randoms(use_true_random=False))
def test_neither_layout_nor_the_order_of_sentences_changes_labels(sentences, random):
    labels = label_report(" ".join(sentences))
    for layout in ("\n", "\r\n", "\r\n\r\n", "\n- ", "<br>", " <br/>\n", "\n\n", " - "):
        assert label_report(layout.join(sentences)) == labels
    text = " ".join(sentences)
    assert label_report(text.upper()) == labels
    assert label_report(text.replace(" ", "\N{NO-BREAK SPACE}")) == labels
    assert label_report(textwrap.fill(text, 45)) == labels
    assert label_report(" ".join(random.sample(sentences, len(sentences)))) == labels


@given(REPORTS)
def test_clear_otherwise_changes_no_positive(sentences):
    text = " ".join(sentences)
    before, after = label_report(text), label_report(f"{text} Clear otherwise.")
    assert [after[label] for label in before if before[label] == 1] == [
        1 for label in before if before[label] == 1
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Fractured sternotomy wires.",
        "Fracture of the superior sternotomy wire.",
        "The third sternal wire is fractured.",
        "Pacemaker lead fracture.",
        "Sternal wires are unchanged and the lead is fractured.",
    ],
)
def test_a_fracture_of_a_device_is_none_of_a_bone(sentence: str) -> None:
    labels = label_report(sentence)
    assert (labels["Fracture"], labels["Support Devices"]) == (None, 1)


@pytest.mark.parametrize(
    "sentence",
    [
        "Rib fractures near the chest tube.",
        "Fractured rib, sternotomy wires.",
        "Chest tube with rib fractures.",
        "Sternal wires are intact; rib fracture.",
    ],
)
def test_a_fracture_beside_a_device_is_one(sentence: str) -> None:
    assert label_report(sentence)["Fracture"] == 1


def test_a_bracket_may_explain_what_is_denied() -> None:
    labels = label_report("No consolidation (pneumonia). No mass (effusion).")
    assert (labels["Pneumonia"], labels["Pleural Effusion"]) == (0, 1)
