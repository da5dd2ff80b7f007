"""The labeler: hand-made sentences, spans, aggregation, the phantom, hostile text."""

import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.errors import ReportError
from radtex.findings import CHEXPERT_LABELS, NINE
from radtex.phantom import sample_study
from radtex.phantom.signs import OPACITIES
from radtex.reports import (
    find_mentions,
    label_report,
    label_reports,
    likely_language,
    says_something,
)
from radtex.reports.length import MOST_CHARACTERS

SENTENCES = [
    # denial and its reach
    ("No evidence of pneumothorax or effusion.", {"Pneumothorax": 0, "Pleural Effusion": 0}),
    (
        "Without focal consolidation, effusion, or pneumothorax but with mild edema.",
        {"Consolidation": 0, "Pleural Effusion": 0, "Pneumothorax": 0, "Edema": 1},
    ),
    (
        "No pleural effusion or pneumothorax is seen, however there is pulmonary edema.",
        {"Pleural Effusion": 0, "Pneumothorax": 0, "Edema": 1},
    ),
    ("No pneumothorax, small left pleural effusion.", {"Pneumothorax": 0, "Pleural Effusion": 1}),
    ("No pneumothorax with stable small effusion.", {"Pneumothorax": 0, "Pleural Effusion": 1}),
    (
        "No pneumothorax, small left effusion, but no edema or fracture.",
        {"Pneumothorax": 0, "Pleural Effusion": 1, "Edema": 0, "Fracture": 0},
    ),
    ("No effusion and mild edema.", {"Pleural Effusion": 0, "Edema": 1}),
    ("No large effusion, pneumothorax or displaced fracture.", {"Fracture": 0, "Pneumothorax": 0}),
    ("Neither effusion nor pneumothorax.", {"Pleural Effusion": 0, "Pneumothorax": 0}),
    ("There is no longer a pneumothorax.", {"Pneumothorax": 0}),
    ("Negative for consolidation, effusion, or edema.", {"Consolidation": 0, "Edema": 0}),
    ("Pneumothorax is not seen.", {"Pneumothorax": 0}),
    (
        "Effusions, consolidation, and pneumothorax are absent.",
        {"Pleural Effusion": 0, "Consolidation": 0, "Pneumothorax": 0},
    ),
    ("There is no focal opacity to suggest pneumonia.", {"Lung Opacity": 0, "Pneumonia": 0}),
    ("No acute fracture. Healed right rib fractures.", {"Fracture": 1}),
    ("Cardiomegaly without edema.", {"Cardiomegaly": 1, "Edema": 0}),
    ("The left lung is clear. Right lower lobe pneumonia.", {"Pneumonia": 1}),
    # time
    ("Resolved effusion.", {"Pleural Effusion": 0}),
    ("Previously seen effusion has resolved.", {"Pleural Effusion": 0}),
    ("Interval resolution of the right pneumothorax.", {"Pneumothorax": 0}),
    ("Resolving pneumonia.", {"Pneumonia": 1}),
    ("Pneumonia has not resolved.", {"Pneumonia": 1}),
    ("No new consolidation.", {"Consolidation": 0}),
    ("No significant change in the large right effusion.", {"Pleural Effusion": 1}),
    ("Moderate edema, not significantly changed.", {"Edema": 1}),
    ("Opacities, not seen on the prior study, in the left lung.", {"Lung Opacity": 1}),
    ("Interval removal of the left chest tube.", {"Support Devices": 0}),
    # doubt
    ("Cannot exclude pneumonia.", {"Pneumonia": -1}),
    ("A small effusion cannot be excluded.", {"Pleural Effusion": -1}),
    ("Opacity, pneumonia cannot be excluded.", {"Lung Opacity": 1, "Pneumonia": -1}),
    ("Pneumonia is considered less likely.", {"Pneumonia": -1}),
    ("Question of a tiny left apical pneumothorax.", {"Pneumothorax": -1}),
    (
        "Opacity at the left base may represent atelectasis or pneumonia.",
        {"Lung Opacity": 1, "Atelectasis": -1, "Pneumonia": -1},
    ),
    ("Findings may be due to edema, but pneumonia is present.", {"Edema": -1, "Pneumonia": 1}),
    ("Probable small effusion.", {"Pleural Effusion": 1}),
    ("Atelectasis versus consolidation.", {"Atelectasis": 1, "Consolidation": -1}),
    ("Findings suspicious for pneumonia.", {"Pneumonia": -1}),
    ("No edema. If symptoms persist, pneumonia should be considered.", {"Pneumonia": -1}),
    # nothing said
    ("Rule out pneumonia.", {"Pneumonia": None}),
    ("History of pneumonia.", {"Pneumonia": None}),
    ("INDICATION: Pneumonia?\nFINDINGS: Clear lungs.", {"Pneumonia": 0}),
    ("INDICATION: Chest tube placement.\nIMPRESSION: No edema.", {"Support Devices": None}),
    ("Compared to May 5, effusion has grown.", {"Pleural Effusion": 1}),
    ("The mediastinal and hilar contours are normal.", {"Enlarged Cardiomediastinum": 0}),
    ("Trace effusion, if any.", {"Pleural Effusion": -1}),
    ("Please correlate clinically for pneumonia.", {"Pneumonia": None}),
    ("Small pericardial effusion.", {"Pleural Effusion": None}),
    ("Subcutaneous edema of the chest wall.", {"Edema": None}),
    ("Mass effect on the trachea.", {"Lung Lesion": None}),
    # organs
    ("Heart size is normal.", {"Cardiomegaly": 0}),
    ("The heart is not enlarged.", {"Cardiomegaly": 0}),
    ("Mild enlargement of the cardiac silhouette.", {"Cardiomegaly": 1}),
    ("The heart is mildly enlarged and the lungs are clear.", {"Cardiomegaly": 1}),
    ("Normal heart size and clear lungs.", {"Cardiomegaly": 0, "Lung Opacity": 0}),
    ("Heart size is normal, aorta is enlarged.", {"Cardiomegaly": 0}),
    ("Large right effusion, heart size normal.", {"Cardiomegaly": 0, "Pleural Effusion": 1}),
    (
        "The mediastinum is widened.",
        {"Enlarged Cardiomediastinum": 1, "Cardiomegaly": None},
    ),
    (
        "The cardiomediastinal silhouette is within normal limits.",
        {"Enlarged Cardiomediastinum": 0, "Cardiomegaly": 0},
    ),
    ("The costophrenic angles are sharp.", {"Pleural Effusion": 0}),
    ("Blunting of the left costophrenic angle.", {"Pleural Effusion": -1}),
    # devices and rarer observations
    ("ET tube terminates 3 cm above the carina.", {"Support Devices": 1}),
    ("Right IJ line unchanged. No pneumothorax.", {"Support Devices": 1, "Pneumothorax": 0}),
    ("Unchanged 4 mm nodule in the right upper lobe.", {"Lung Lesion": 1}),
    ("Biapical pleural thickening.", {"Pleural Other": 1}),
    ("Complete collapse of the left lower lobe.", {"Atelectasis": 1}),
    ("Right-sided hydropneumothorax.", {"Pneumothorax": 1, "Pleural Effusion": 1}),
    ("Pneumonia has been ruled out.", {"Pneumonia": 0}),
    ("Pleural effusions have cleared.", {"Pleural Effusion": 0}),
    ("The previously noted opacity is no longer visualized.", {"Lung Opacity": 0}),
    (
        "Small bilateral effusions, left greater than right, with adjacent atelectasis.",
        {"Pleural Effusion": 1, "Atelectasis": 1},
    ),
    (
        "No definite consolidation is identified, though a subtle opacity is noted.",
        {"Consolidation": 0, "Lung Opacity": 1},
    ),
    (
        "There is no pneumothorax. The NG tube is in the stomach.",
        {"Pneumothorax": 0, "Support Devices": 1},
    ),
    (
        "Low lung volumes accentuate the cardiac silhouette, which is top normal in size.",
        {"Cardiomegaly": 0},
    ),
    (
        "Unchanged moderate cardiomegaly with no evidence of pulmonary edema.",
        {"Cardiomegaly": 1, "Edema": 0},
    ),
    (
        "Basal opacification is likely atelectasis, although pneumonia cannot be excluded.",
        {"Lung Opacity": 1, "Atelectasis": 1, "Pneumonia": -1},
    ),
    ("The pulmonary edema seen previously has improved.", {"Edema": 1}),
    (
        "No effusion, pneumothorax, or focal consolidation. Mild bibasilar atelectasis.",
        {"Atelectasis": 1, "Consolidation": 0},
    ),
    (
        "No displaced rib fractures are evident, and there is no pneumothorax.",
        {"Fracture": 0, "Pneumothorax": 0},
    ),
    (
        "Bilateral pleural effusions are present without pneumothorax.",
        {"Pleural Effusion": 1, "Pneumothorax": 0},
    ),
    (
        "There is no evidence for pneumonia or congestive heart failure.",
        {"Pneumonia": 0, "Edema": 0},
    ),
    ("Effusions are moderate on the right and small on the left.", {"Pleural Effusion": 1}),
    ("The right internal jugular catheter has been removed.", {"Support Devices": 0}),
    (
        "Left basilar opacity could reflect atelectasis, aspiration, or pneumonia.",
        {"Lung Opacity": 1, "Atelectasis": -1, "Pneumonia": -1},
    ),
    ("No focal consolidation concerning for pneumonia.", {"Consolidation": 0, "Pneumonia": 0}),
    ("Heart and mediastinal contours are unchanged; mild pulmonary edema.", {"Edema": 1}),
    (
        "The tip of the PICC is in the SVC, no pneumothorax.",
        {"Support Devices": 1, "Pneumothorax": 0},
    ),
    (
        "Compared with the prior study there is worsening consolidation in the left lung.",
        {"Consolidation": 1},
    ),
    ("Slight interval increase in size of a right pleural effusion.", {"Pleural Effusion": 1}),
    ("Stable postoperative changes, no acute process.", {"No Finding": 1}),
    ("The lungs are hyperinflated but clear.", {"Lung Opacity": 0}),
    (
        "Lungs: clear. Heart: normal. Pleura: no effusion.",
        {"Cardiomegaly": 0, "Lung Opacity": 0, "Pleural Effusion": 0},
    ),
    (
        "Subtle retrocardiac opacity, which may be atelectasis.",
        {"Lung Opacity": 1, "Atelectasis": -1},
    ),
]


@pytest.mark.parametrize(("text", "expected"), SENTENCES, ids=[text for text, _ in SENTENCES])
def test_a_sentence_means_what_a_reader_takes_it_for(text, expected):
    labels = label_report(text)
    assert {label: labels[label] for label in expected} == expected


NAMES = {
    "Cardiomegaly": "cardiomegaly",
    "Lung Opacity": "airspace opacity",
    "Edema": "pulmonary edema",
    "Consolidation": "consolidation",
    "Pneumonia": "pneumonia",
    "Atelectasis": "atelectasis",
    "Pneumothorax": "pneumothorax",
    "Pleural Effusion": "pleural effusion",
    "Fracture": "rib fracture",
}
THREE = st.lists(st.sampled_from(sorted(NAMES)), min_size=3, max_size=3, unique=True)


@given(THREE, st.sampled_from(["There is no", "Without", "No evidence of", "Negative for"]))
def test_a_denial_reaches_the_end_of_its_list_and_no_further(labels, denial):
    first, second, third = labels
    text = f"{denial} {NAMES[first]} or {NAMES[second]}. There is mild {NAMES[third]}."
    found = label_report(text)
    assert [found[label] for label in labels] == [0, 0, 1]
    found = label_report(text.replace(" or ", ", ").replace(". There is", ", but there is"))
    assert [found[label] for label in labels] == [0, 0, 1]


@given(THREE)
def test_doubt_reaches_what_it_is_about(labels):
    first, second, third = labels
    text = f"Possible {NAMES[first]}. {NAMES[second]}, although {NAMES[third]} is not excluded."
    found = label_report(text)
    assert [found[label] for label in labels] == [-1, 1, -1]


@given(st.permutations([text for text, _ in SENTENCES if ":" not in text][:12]))
def test_the_order_of_sentences_does_not_matter(sentences):
    assert label_report(" ".join(sentences)) == label_report(" ".join(sorted(sentences)))


@given(st.text(st.sampled_from("no effusion,.;:\n1?XxİIſ_- or with"), max_size=200))
def test_any_text_is_labelled_and_mentions_lie_within_it(text):
    labels = label_report(text)
    assert tuple(labels) == CHEXPERT_LABELS
    for mention in find_mentions(text):
        assert 0 <= mention.start < mention.end <= len(text)
        assert labels[mention.label] is not None
        assert (mention.state == 1) <= (labels[mention.label] == 1)


def test_a_mention_points_to_its_words_and_to_the_cues_that_changed_it():
    text = "FINDINGS: The heart is mildly enlarged. No pleural  effusion is seen. Possible edema."
    said = [
        (
            found.label,
            found.state,
            text[found.start : found.end],
            [text[a:b] for a, b in found.cues],
        )
        for found in find_mentions(text)
    ]
    assert said == [
        ("Cardiomegaly", 1, "heart is mildly enlarged", []),
        ("Pleural Effusion", 0, "pleural  effusion", ["No"]),
        ("Edema", -1, "edema", ["Possible"]),
    ]


def test_blanks_of_deidentification_do_not_part_words():
    assert label_report("No XXXX pleural ___ effusion.")["Pleural Effusion"] == 0


def test_present_beats_uncertain_beats_absent():
    absent, uncertain, present = "No edema. ", "Possible edema. ", "Mild edema. "
    assert label_report(absent + uncertain)["Edema"] == -1
    assert label_report(present + uncertain + absent)["Edema"] == 1
    assert label_report(absent)["Edema"] == 0
    assert label_report("Mild effusion.")["Edema"] is None


def test_no_finding_is_what_a_text_says_that_names_nothing_but_devices():
    assert label_report("No acute process. Stable pacemaker.")["No Finding"] == 1
    assert label_report("No effusion.")["No Finding"] == 1
    assert label_report("Possible edema.")["No Finding"] == 0
    assert label_report("Small effusion.")["No Finding"] == 0
    for nothing in ("", " \n", "XXXX ___.", "INDICATION: cough.", "1."):
        assert label_report(nothing)["No Finding"] is None


@pytest.mark.parametrize(
    "text",
    [
        "Report pending.",
        "Report pending",
        "See CT.",
        "Please see the separate report.",
        "N/A",
        "Film not available.",
        "No film available.",
        "Dictated, not read.",
        "Cancelled.",
        "Study not performed.",
        "Patient did not attend.",
        "Image quality is poor.",
        "Duplicate, see accession 1234.",
        "No comparison available.",
        "Pas d'épanchement pleural. Le cœur est de taille normale.",
        "Non versamento pleurico. Cuore nei limiti della norma.",
        "Normaal hart en longen, geen pleuravocht.",
        "Сердце не расширено, норма.",
    ],
)
def test_what_is_not_understood_is_not_normal(text):
    assert set(label_report(text).values()) == {None}
    assert find_mentions(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Normal chest.",
        "Normal.",
        "Unremarkable study.",
        "No acute abnormality.",
        "No active disease.",
        "No evidence of acute cardiopulmonary disease",
        "No acute cardiopulmonary process.",
        "Negative chest.",
        "The aorta is normal.",
        "Lungs are clear.",
        "No findings. Pacemaker.",
    ],
)
def test_no_finding_needs_something_that_says_so(text):
    assert label_report(text)["No Finding"] == 1


def test_a_film_that_is_not_normal_is_not_without_finding():
    assert label_report("The film is not normal.")["No Finding"] is None
    assert label_report("Pacemaker in place.")["No Finding"] is None


def test_a_text_says_something_if_it_names_a_finding_or_calls_something_normal():
    for text in ("Emphysema.", "No effusion.", "Normal.", "Pacemaker.", "Skoliose."):
        assert says_something(text)
    for text in ("Report pending.", "", "Sarcoïdose et emphysème, pas de lésion."):
        assert not says_something(text)
    assert not says_something("Emphysema.", "german")


def test_the_language_of_a_text_is_named():
    assert likely_language("INDICATION: cough. FINDINGS: Sin derrame.") == "spanish"
    assert likely_language("Pas d'épanchement dans le cul de sac.") == "french"
    assert likely_language("1. 2.") is None


def test_each_report_is_read_in_its_own_language():
    texts = ["Pleural effusion, no fracture.", "Derrame pleural.", "Pleuraerguss.", "Épanchement."]
    frame = label_reports(texts)
    assert frame["Pleural Effusion"].fillna(9).tolist() == [1, 1, 1, 9]
    assert label_reports(texts, language="german")["Pleural Effusion"].fillna(9).tolist() == [
        9, 9, 1, 9,
    ]  # fmt: skip
    (mention,) = find_mentions("Kein Pleuraerguss.")
    assert (mention.label, mention.state, mention.start) == ("Pleural Effusion", 0, 5)


def test_a_hint_is_uncertain_unless_denied():
    assert label_report("Mild heart failure.")["Edema"] == -1
    assert label_report("No heart failure.")["Edema"] == 0


def test_lung_opacity_is_labelled_by_its_own_words():
    assert label_report("Left basilar atelectasis.")["Lung Opacity"] is None


def test_many_reports_are_labelled_as_each_is():
    texts = [text for text, _ in SENTENCES] * 12
    frame = label_reports(texts, workers=2)
    assert (frame.dtypes == "Int8").all()
    for row in random.Random(0).sample(range(len(texts)), 100):
        labels = [None if pd.isna(cell) else cell for cell in frame.iloc[row]]
        assert labels == [*label_report(texts[row]).values()]
    assert label_reports([]).columns.tolist() == list(CHEXPERT_LABELS)


KINDS = {"Lung Lesion" if name == "Nodule" else name for name in OPACITIES}


def test_phantom_reports_are_labelled_as_they_assert():
    """Label 1 against what is asserted plainly; what is only hedged must not count as absent.

    A phantom's Lung Opacity is present with each of its kinds, so here the label is too.
    """
    hits = errors = hedges = 0
    for number in range(400):
        report = sample_study(11, number).report
        labels = label_report(report.text)
        if any(labels[kind] == 1 for kind in KINDS):
            labels["Lung Opacity"] = 1
        plain = {name for said in report.statements if not said.hedged for name in said.affirms}
        hedged = {name for said in report.statements if said.hedged for name in said.affirms}
        for name in NINE:
            if name in hedged - plain:
                hedges += 1
                errors += labels[name] == 0 and name != "Lung Opacity"
            else:
                hits += name in plain and labels[name] == 1
                errors += (name in plain) != (labels[name] == 1)
    assert hedges > 20
    assert 2 * hits / (2 * hits + errors) >= 0.99


@pytest.mark.parametrize(
    "text",
    [
        "effusion and " * 4_000 + "is absent " * 4_000,
        "heart " * 6_000 + "enlarged " * 6_000,
        "no edema, or " * 7_000,
        "x" * MOST_CHARACTERS,
        "neumotorax" * 10_000,
        "a" + "en" * 49_000,
        "Erguss nicht nachweisbar und " * 3_000,
        "\n \t" * 33_000,
        "1." * 50_000,
    ],
    ids=["after", "organs", "list", "blank", "joined", "endings", "german", "lines", "numbers"],
)
def test_long_hostile_text_is_read(text):
    assert tuple(label_report(text)) == CHEXPERT_LABELS


def test_a_text_longer_than_any_report_is_refused():
    with pytest.raises(ReportError, match="has 100,001 characters; expected at most 100,000"):
        label_report("x" * (MOST_CHARACTERS + 1))


def test_a_sentence_that_comes_again_is_read_where_it_stands():
    text = "No  effusion. NO EFFUSION.\n\nNo effusion."
    places = [
        (text[mention.start : mention.end], *(text[slice(*cue)] for cue in mention.cues))
        for mention in find_mentions(text)
    ]
    assert places == [("effusion", "No"), ("EFFUSION", "NO"), ("effusion", "No")]
    assert [mention.start for mention in find_mentions(text)] == [4, 17, 31]


@pytest.mark.parametrize("text", ["PTB", "bilateral PTB", "Secondary tuberculosis.", "ARDS."])
def test_a_finding_that_no_label_is_about_is_understood_and_blank(text):
    assert says_something(text)
    assert set(label_report(text).values()) == {None}
