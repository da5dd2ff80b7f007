"""Follow-up sentences whose cues speak of other films, other bodies' parts or the method."""

import pytest

from radtex.reports import label_report

SENTENCES = [
    ("No pneumothorax -> effusion unchanged", "Pleural Effusion", 1),
    ("No pneumothorax → effusion unchanged", "Pleural Effusion", 1),
    ("No pneumothorax => effusion unchanged", "Pleural Effusion", 1),
    ("No mass + effusion", "Pleural Effusion", 1),
    ("No mass + effusion", "Lung Lesion", 0),
    ("Non-visualization of any pneumothorax.", "Pneumothorax", 0),
    ("Nonvisualisation of the effusion.", "Pleural Effusion", 0),
    ("Effusion, not present on the film of 3 March.", "Pleural Effusion", 1),
    ("Effusion, not seen on the film of March 3.", "Pleural Effusion", 1),
    ("Effusion, not present on the radiograph of yesterday.", "Pleural Effusion", 1),
    ("Effusion, not seen on the radiograph of last week.", "Pleural Effusion", 1),
    ("Edema of the left arm.", "Edema", None),
    ("Ankle edema.", "Edema", None),
    ("Edema of the legs.", "Edema", None),
    ("Pedal edema.", "Edema", None),
    ("Edema of the left lung.", "Edema", 1),
    ("No pneumothorax, but supine films are insensitive for pneumothorax.", "Pneumothorax", 0),
    ("No fracture seen, but rib views are more sensitive for fracture.", "Fracture", 0),
    ("Fracture in the lead.", "Fracture", None),
    ("Fracture near the lead.", "Fracture", None),
    ("Fracture near the lead.", "Support Devices", 1),
    ("The lead is fractured.", "Fracture", None),
    ("Whitout effusion.", "Pleural Effusion", 0),
    ("Wihtout effusion.", "Pleural Effusion", 0),
    ("Chest drain removed.", "Support Devices", 0),
    ("Not significantly different effusion.", "Pleural Effusion", 1),
    ("Effusion not different.", "Pleural Effusion", 1),
    ("Within normal limits.", "No Finding", 1),
    ("Examination within the limits of the norm.", "No Finding", 1),
    ("WNL", "No Finding", 1),
    ("No abnormality reported because film missing.", "No Finding", None),
    ("Normal study of another patient.", "No Finding", None),
    ("Awaiting report: normal?", "No Finding", None),
]


@pytest.mark.parametrize(("text", "label", "expected"), SENTENCES)
def test_follow_up_sentences(text: str, label: str, expected: int | None) -> None:
    assert label_report(text)[label] == expected
