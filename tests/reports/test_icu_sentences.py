"""Sentences of intensive care films, each with what it says of the observations that it names."""

import pytest

from radtex.reports import label_report

NAMES = {
    "S": "Support Devices",
    "P": "Pneumothorax",
    "E": "Pleural Effusion",
    "D": "Edema",
    "C": "Consolidation",
    "A": "Atelectasis",
    "O": "Lung Opacity",
    "F": "Fracture",
    "N": "Pneumonia",
    "M": "Cardiomegaly",
    "L": "Lung Lesion",
}
STATES = {"+": 1, "-": 0, "?": -1, ".": None}

SENTENCES = """
ETT terminates 4.2 cm above the carina; enteric tube courses below the diaphragm. | S+
Interval extubation with removal of the enteric tube. | S-
Patient has been extubated; the right IJ line remains. | S+
Right IJ Swan-Ganz catheter has been pulled back and now ends in the main pulmonary artery. | S+
Left PICC has been exchanged for a tunnelled dialysis catheter. | S+
New left subclavian line ends at the cavoatrial junction without pneumothorax. | S+ P-
No pneumothorax is seen following line placement. | P-
Dobbhoff tube is coiled in the oesophagus and should be repositioned. | S+
Tip of the nasogastric tube is not included on the film. | S+
The feeding tube has been advanced into the stomach; lungs otherwise unchanged. | S+
The chest tube has been removed and there is no residual pneumothorax. | S- P-
Following removal of the right chest tube there is a tiny apical pneumothorax. | S- P+
Two left-sided chest drains are unchanged, with a persistent small basal pneumothorax. | S+ P+
Mediastinal drains and epicardial wires are in situ. | S+
Intra-aortic balloon pump tip lies 2 cm below the top of the arch. | S+
The pacing leads are intact, and their course is unremarkable. | S+ F.
No change in the position of the lines and tubes. | S+
Support devices are unchanged. | S+
Tracheostomy tube in standard position, no pneumomediastinum. | S+
Bilateral effusions have increased since yesterday, right greater than left. | E+
The left effusion is slightly smaller following thoracentesis; no pneumothorax. | E+ P-
Interval development of a moderate right pneumothorax. | P+
Interval resolution of pulmonary edema. | D-
Pulmonary edema has improved but not cleared completely. | D+
There is less edema than on the previous film. | D+
Edema has given way to focal consolidation at the right base. | C+
Lung volumes are lower, accentuating the now mild vascular congestion. | D?
Worsening of the right basal opacity since 4 a.m. | O+
Previously described left lower lobe collapse has re-expanded. | A-
The left lung has re-expanded with no residual pneumothorax. | P-
Right lower lobe collapse persists despite bronchoscopy. | A+
Marked interval clearing of both lungs; a small right effusion persists. | E+
Effusions have decreased bilaterally, whereas atelectasis at the left base is worse. | E+ A+
No interval change in the appearance of the chest, with persistent cardiomegaly. | M+
The right pneumothorax has neither increased nor decreased. | P+
Moderate to severe pulmonary edema, unchanged allowing for differences in technique. | D+
Effusion on the left is stable to slightly improved. | E+
Heart remains enlarged, edema is no longer evident. | M+ D-
Pneumothorax is no longer appreciated. | P-
Left base opacity may represent atelectasis, aspiration or early pneumonia. | O+ A? N?
Retrocardiac opacity, most likely atelectasis, though infection cannot be excluded. | O+ A+ N?
A tiny left apical pneumothorax would be difficult to exclude on this supine film. | P?
Blunting of the left costophrenic angle could reflect a small effusion. | E?
Hazy opacity over the right hemithorax suggests a layering effusion. | O+ E?
Probable mild interstitial edema. | D+
It is unclear whether there is a small residual pneumothorax. | P?
Lucency at the right apex; upright film recommended to exclude pneumothorax. | P.
Bibasilar opacities, atelectasis versus aspiration pneumonia. | O+ A+ N?
No definite pneumothorax, although a deep sulcus is suspected on the left. | P-
Cannot exclude layering effusions. | E?
Pneumonia is felt to be unlikely. | N?
Asymmetric edema or, less likely, multifocal pneumonia. | D+ N?
Findings are equivocal for a small right effusion. | E?
Superimposed infection is a possibility. | N?
No pneumothorax, effusion or consolidation is demonstrated. | P- E- C-
There is neither effusion nor pneumothorax. | E- P-
Lungs are clear apart from minimal left basal atelectasis. | A+
Free of edema. | D-
The costophrenic angles are sharp and the heart is not enlarged. | E- M-
No focal consolidation to suggest pneumonia. | C- N-
No evidence for a displaced rib fracture, but detection is limited on portable films. | F-
Pneumothorax has not recurred. | P-
No new consolidation. | C-
No recurrent pneumothorax after clamping of the chest tube. | P- S+
There is no radiographic evidence of pneumonia or overt edema. | N- D-
Cardiac silhouette is within normal limits, no vascular congestion. | M- D-
No sizable effusion, and no pneumothorax on either side. | E- P-
The previously seen effusion is not evident today. | E-
Neither lung shows consolidation. | C-
Compared with the film of 5 hours earlier, the effusion has doubled. | E+
As compared to the previous radiograph, no relevant change: moderate cardiomegaly. | M+
In comparison with the study of ___, there is little change in the bilateral opacities. | O+
Left lower lobe consolidation, not present on admission. | C+
A right pneumothorax, which was not there this morning, is now moderate. | P+
The edema seen yesterday has resolved. | D-
Effusion is larger than on any prior film. | E+
The opacity is new since the previous examination. | O+
Since the prior study the patient has developed a large left effusion. | E+
Nodule in the right upper lobe is unchanged from 2019. | L+
Opacities have cleared since last week and no new ones have appeared. | O-
Stable postoperative appearance with no new effusion. | E-
Allowing for lower lung volumes, pulmonary edema has not changed. | D+
Left apical pneumothorax, smaller than before, measures 8 mm. | P+
Sternotomy wires are intact and aligned; the heart is moderately enlarged. | S+ M+ F.
Lines and tubes as before. No pneumothorax. Small effusions persist. | S+ P- E+
ET tube, NG tube and right internal jugular line in good position; left effusion unchanged. | S+ E+
Low volumes with crowding, no overt failure, mild bibasilar atelectasis. | A+
Status post thoracentesis with decreased right effusion and no pneumothorax. | E+ P-
Known left lower lobe pneumonia is slowly clearing. | N+
Right chest tube on water seal, pneumothorax not visualized. | S+ P-
Subcutaneous emphysema is extensive, limiting evaluation for pneumothorax. | P.
Increased density obscures the hemidiaphragm, consistent with effusion and atelectasis. | E+ A+
Multiple old left rib fractures; no acute fracture. | F+
No acute osseous injury, healed right clavicle fracture. | F+
Heart size is top normal. | M-
The cardiomediastinal silhouette is stably enlarged. | M+
ECMO cannulas in place with complete opacification of both lungs. | S+ O+
"""

VARIANTS = """
After removal of the drain there is a small pneumothorax. | S- P+
Following resolution of the edema the film shows a right basal nodule. | D- L+
Since removal of the left chest tube there has been recurrence of the pneumothorax. | S- P+
Resolution of edema. | D-
Removal of the endotracheal tube and nasogastric tube. | S-
The effusion has not reaccumulated. | E-
Pneumothorax has not returned. | P-
Effusion has not recurred after drainage. | E-
The left lower lobe collapse has partially re-expanded. | A+
Collapsed right upper lobe has reinflated. | A-
Edema or, less likely, pneumonia. | D+ N?
Atelectasis or, less likely, consolidation at the left base. | A+ C?
Opacity obscures the left hemidiaphragm, consistent with consolidation. | O+ C+
Haziness obscuring the right heart border represents atelectasis. | O+ A+
Non visible pneumothorax. | P-
Pneumothorax non visualized. | P-
Obscured by overlying soft tissue, pneumothorax is hard to see. | P.
"""


@pytest.mark.parametrize("line", [*filter(None, (SENTENCES + VARIANTS).split("\n"))])
def test_each_observation_is_read_as_meant(line: str) -> None:
    text, _, expected = line.partition(" | ")
    labels = label_report(text)
    said = {NAMES[mark[0]]: STATES[mark[1]] for mark in expected.split()}
    assert {name: labels[name] for name in said} == said
