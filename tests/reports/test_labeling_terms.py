"""Words that name observations in the English rules: abbreviations, devices, organs."""

import pytest

from radtex.reports import label_report

DEVICES = [
    *("ETT tip above the carina.", "NGT in the stomach.", "OGT in place.", "Right IJ CVC."),
    *("PPM in situ.", "AICD.", "IABP in place.", "LVAD.", "ECMO cannulae.", "TAVR.", "Dobhoff."),
    *("Prosthetic valve.", "Prosthetic aortic valve.", "Bioprosthetic mitral valve."),
    *("Pacing wires.", "Epicardial pacing wires.", "Swan-Ganz catheter.", "Port-a-cath."),
    *("Hickman line.", "Pigtail drain.", "Intercostal drain.", "Median sternotomy wires."),
    *("Spinal fixation rods.", "VP shunt.", "IVC filter.", "Left PICC.", "Tracheotomy tube."),
]
PRESENT = {
    "RLL PNA.": "Pneumonia",
    "Small PTX.": "Pneumothorax",
    "GGOs in both lungs.": "Lung Opacity",
    "Ground-glass change at the bases.": "Lung Opacity",
    "Bibasilar atx.": "Atelectasis",
    "RLL collapse.": "Atelectasis",
    "Old rib fx.": "Fracture",
    "Left empyema.": "Pleural Effusion",
    "Left lung mets.": "Lung Lesion",
    "Enlargement of the cardiac outline.": "Cardiomegaly",
    "Heart size is increased.": "Cardiomegaly",
    "Increased cardiothoracic ratio.": "Cardiomegaly",
}
ABSENT = {
    "Heart WNL.": "Cardiomegaly",
    "Heart size: WNL.": "Cardiomegaly",
    "CP angles are clear.": "Pleural Effusion",
    "CP ANGLES CLEAR.": "Pleural Effusion",
    "Costophrenic recesses are sharp.": "Pleural Effusion",
    "Skeletal structures are normal.": "Fracture",
    "No PTX.": "Pneumothorax",
    "No PNA.": "Pneumonia",
    "No ETT.": "Support Devices",
}
HINTS = {
    "Blunted CP angle.": "Pleural Effusion",
    "Congestive cardiac failure.": "Edema",
    "Pulmonary venous congestion.": "Edema",
    "Kerley B lines.": "Edema",
}


@pytest.mark.parametrize("text", DEVICES)
def test_devices_are_known_by_their_names(text):
    assert label_report(text)["Support Devices"] == 1
    assert label_report(f"{text} No acute process.")["No Finding"] == 1


@pytest.mark.parametrize(
    ("text", "label", "state"),
    [
        *((text, label, 1) for text, label in PRESENT.items()),
        *((text, label, 0) for text, label in ABSENT.items()),
        *((text, label, -1) for text, label in HINTS.items()),
    ],
)
def test_abbreviations_are_known(text, label, state):
    assert label_report(text)[label] == state


def test_some_words_look_like_devices():
    assert label_report("Bilateral breast prostheses.")["Support Devices"] is None
    assert label_report("The chest wall is normal.")["Support Devices"] is None
