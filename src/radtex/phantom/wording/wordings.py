"""The words of the phantom's reports: how each finding is affirmed, and how others are denied.

In a template, `{size}` stands for a word for the severity, `{side}` for right or left, and
`{region}` for a lung zone with its article ("the left lung base", "both lower lobes").
"""

from dataclasses import dataclass

from radtex.phantom.signs import OPACITIES

Words = tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """How one form of a finding is said."""

    one: Words
    """Noun phrases, singular, for one side or none."""
    both: Words = ()
    """Noun phrases, plural, for both sides."""
    clauses: Words = ()
    """Whole clauses for one side or none."""
    clauses_both: Words = ()
    """Whole clauses for both sides."""
    mild: Words = ("mild",)
    """Words for `{size}` where the sign is mild."""
    moderate: Words = ("moderate",)
    """Words for `{size}` where the sign is moderate."""
    severe: Words = ("severe",)
    """Words for `{size}` where the sign is severe."""


_FAINT: dict[str, Words] = {
    "mild": ("subtle", "faint", "mild"),
    "moderate": ("moderate", ""),
    "severe": ("dense", "extensive"),
}
_VOLUME: dict[str, Words] = {
    "mild": ("small", "tiny", "trace"),
    "moderate": ("moderate", "moderate-sized"),
    "severe": ("large",),
}

WORDINGS: dict[tuple[str, str], Wording] = {
    ("Atelectasis", "band"): Wording(
        one=(
            "{size} linear atelectasis in {region}",
            "{size} plate-like atelectasis in {region}",
            "band of {size} subsegmental atelectasis in {region}",
        ),
        both=("bands of {size} linear atelectasis in {region}",),
        clauses=("{size} streaky atelectasis crosses {region}",),
        mild=("minimal", "mild", "slight"),
        severe=("marked",),
    ),
    ("Atelectasis", "basal"): Wording(
        one=(
            "{size} {side} basilar atelectasis",
            "{size} atelectasis at the {side} base with volume loss",
        ),
        both=("areas of {size} bibasilar atelectasis",),
        clauses=("the {side} hemidiaphragm is elevated with {size} basal atelectasis",),
        clauses_both=("{size} bibasilar atelectasis",),
        mild=("minimal", "mild", "slight"),
        severe=("marked",),
    ),
    ("Cardiomegaly", ""): Wording(
        one=("{size} cardiomegaly", "{size} enlargement of the cardiac silhouette"),
        clauses=(
            "the heart shows {size} enlargement",
            "the cardiac silhouette is enlarged to a {size} degree",
        ),
    ),
    ("Consolidation", "lobar"): Wording(
        one=(
            "{size} consolidation in {region}",
            "{size} airspace consolidation with air bronchograms in {region}",
            "{size} lobar consolidation of {region}",
        ),
        clauses=("{region} shows {size} homogeneous consolidation",),
        **_FAINT,
    ),
    ("Edema", "perihilar"): Wording(
        one=("{size} pulmonary edema",),
        both=(
            "hazy perihilar opacities from {size} pulmonary edema",
            "prominent interstitial markings from {size} edema",
        ),
        clauses_both=(
            "{size} pulmonary edema",
            "{size} interstitial edema with septal lines",
            "the pulmonary vessels are indistinct, in keeping with {size} edema",
            "{size} vascular congestion and edema",
        ),
    ),
    ("Lung Opacity", "hazy"): Wording(
        one=("{size} hazy opacity in {region}", "{size} nonspecific opacity in {region}"),
        clauses=("{region} is hazy, a {size} opacity without specific features",),
        mild=("subtle", "faint", "slight"),
        moderate=("moderate", "mild-to-moderate"),
        severe=("conspicuous", "obvious"),
    ),
    ("Pleural Effusion", "meniscus"): Wording(
        one=("{size} {side} pleural effusion", "{size} {side}-sided pleural effusion"),
        both=("{size} bilateral pleural effusions",),
        clauses=(
            "{size} pleural effusion blunts the {side} costophrenic angle",
            "the {side} costophrenic angle is obscured by a {size} effusion",
        ),
        clauses_both=("both costophrenic angles are blunted by {size} effusions",),
        **_VOLUME,
    ),
    ("Pleural Effusion", "layering"): Wording(
        one=("{size} layering {side} pleural effusion",),
        both=("{size} layering bilateral pleural effusions",),
        clauses=("a veil-like density over the {side} lung reflects a {size} layering effusion",),
        **_VOLUME,
    ),
    ("Pneumonia", "patchy"): Wording(
        one=(
            "{size} patchy opacity in {region} concerning for pneumonia",
            "{size} pneumonia in {region}",
            "{size} ill-defined airspace disease in {region} compatible with pneumonia",
        ),
        both=(
            "{size} patchy opacities in {region} concerning for multifocal pneumonia",
            "{size} infiltrates of pneumonia in {region}",
        ),
        clauses=("patchy shadowing in {region} suggests {size} pneumonia",),
        mild=("subtle", "early", "mild"),
        moderate=("moderate", ""),
        severe=("extensive", "severe"),
    ),
    ("Pneumothorax", "apicolateral"): Wording(
        one=(
            "{size} {side} pneumothorax",
            "{size} {side} apical pneumothorax",
            "{size} {side}-sided pneumothorax",
        ),
        clauses=("a visceral pleural line on the {side} marks a {size} pneumothorax",),
        **_VOLUME,
    ),
    ("Nodule", "round"): Wording(
        one=(
            "{size} nodule in {region}",
            "{size} round nodular density in {region}",
            "{size} well-circumscribed nodule projecting over {region}",
        ),
        mild=("small", "tiny", "subcentimeter"),
        moderate=("", "rounded"),
        severe=("large", "sizeable"),
    ),
    ("Fracture", "rib"): Wording(
        one=(
            "{size} {side} rib fracture",
            "{size} fracture of a {side} {zone} rib",
        ),
        clauses=("a {side} rib shows a {size} fracture",),
        mild=("minimally displaced", "subtle"),
        moderate=("mildly displaced", ""),
        severe=("displaced", "clearly displaced"),
    ),
    ("Scoliosis", "thoracic"): Wording(
        one=("{size} scoliosis", "{size} {side}ward convex thoracic scoliosis"),
        clauses=("the thoracic spine shows {size} scoliosis convex to the {side}",),
    ),
    ("Hernia", "hiatal"): Wording(
        one=("{size} hiatal hernia", "{size} retrocardiac hiatal hernia"),
        clauses=("a retrocardiac density with gas is a {size} hiatal hernia",),
        mild=("small",),
        severe=("large",),
    ),
    ("Emphysema", "diffuse"): Wording(
        one=("{size} emphysema", "{size} emphysematous change"),
        clauses=(
            "the lungs are hyperinflated with {size} emphysema",
            "flattened diaphragms and lucent upper lungs indicate {size} emphysema",
        ),
    ),
    ("Support Devices", "endotracheal tube"): Wording(
        one=("endotracheal tube with its tip above the carina",),
        clauses=(
            "endotracheal tube terminates above the carina",
            "the endotracheal tube is in standard position",
        ),
    ),
    ("Support Devices", "enteric tube"): Wording(
        one=("enteric tube coursing below the diaphragm",),
        clauses=(
            "nasogastric tube courses below the diaphragm",
            "the enteric tube ends in the stomach",
        ),
    ),
    ("Support Devices", "central line"): Wording(
        one=("{side} central venous catheter",),
        clauses=(
            "{side} central line ends in the superior vena cava",
            "{side}-sided central venous catheter tip projects over the SVC",
        ),
    ),
    ("Support Devices", "pacemaker"): Wording(
        one=("{side} chest wall pacemaker",),
        clauses=(
            "{side} pacemaker with its lead in the right ventricle",
            "{side}-sided pacer device is in place",
        ),
    ),
    ("Support Devices", "chest tube"): Wording(
        one=("{side} chest tube",),
        clauses=("{side} chest tube is in place", "{side} thoracostomy tube directed to the apex"),
    ),
    ("Support Devices", "sternal wires"): Wording(
        one=("median sternotomy wire series",),
        clauses=("median sternotomy wires are intact", "sternotomy wires are aligned"),
    ),
}

REGIONS: dict[str, Words] = {
    "upper": ("the {side} upper lobe", "the {side} upper lung", "the {side} upper lung zone"),
    "mid": ("the {side} mid lung", "the {side} mid lung zone"),
    "lower": ("the {side} lower lobe", "the {side} lung base", "the {side} lower lung"),
}
BOTH_REGIONS: dict[str, Words] = {
    "upper": ("both upper lobes", "both upper lungs"),
    "mid": ("both mid lungs", "the mid lungs bilaterally"),
    "lower": ("both lower lobes", "both lung bases"),
}

SINGULAR_FRAMES = ("there is {a} {noun}", "{noun}", "{a} {noun} is present", "{a} {noun} is seen")
PLURAL_FRAMES = ("there are {noun}", "{noun}", "{noun} are present", "{noun} are seen")
SINGULAR_HEDGES = (
    "possible {noun}",
    "there may be {a} {noun}",
    "{a} {noun} cannot be excluded",
    "questionable {noun}",
)
PLURAL_HEDGES = ("possible {noun}", "there may be {noun}", "{noun} cannot be excluded")
UNCOUNTED = (
    "atelectasis",
    "cardiomegaly",
    "change",
    "disease",
    "edema",
    "emphysema",
    "enlargement",
    "pneumonia",
    "scoliosis",
)
"""Singular nouns that take no article when they head their phrase."""

_OPACITY = (*OPACITIES, "Lung Opacity")
_FOCAL = ("Consolidation", "Pneumonia")

DENIALS: tuple[tuple[float, str, tuple[str, ...]], ...] = (
    (3.0, "the lungs are clear", (*_OPACITY, "Nodule")),
    (2.0, "lungs are clear without focal opacity", (*_OPACITY, "Nodule")),
    (1.0, "no focal consolidation", _FOCAL),
    (1.0, "no focal airspace disease to suggest pneumonia", _FOCAL),
    (
        4.0,
        "no focal consolidation, pleural effusion, or pneumothorax",
        (*_FOCAL, "Pleural Effusion", "Pneumothorax"),
    ),
    (1.0, "no evidence of pneumonia", ("Pneumonia",)),
    (1.0, "no pulmonary edema", ("Edema",)),
    (1.0, "no vascular congestion or edema", ("Edema",)),
    (0.6, "no atelectasis", ("Atelectasis",)),
    (0.6, "no suspicious pulmonary nodule", ("Nodule",)),
    (4.0, "no pleural effusion or pneumothorax", ("Pleural Effusion", "Pneumothorax")),
    (1.0, "no pleural effusion", ("Pleural Effusion",)),
    (1.0, "the costophrenic angles are sharp", ("Pleural Effusion",)),
    (1.0, "no pneumothorax", ("Pneumothorax",)),
    (1.0, "there is no evidence of pneumothorax", ("Pneumothorax",)),
    (3.0, "heart size is normal", ("Cardiomegaly",)),
    (2.0, "the cardiac silhouette is within normal limits", ("Cardiomegaly",)),
    (2.0, "the cardiomediastinal silhouette is unremarkable", ("Cardiomegaly", "Hernia")),
    (1.0, "lung volumes are normal", ("Emphysema", "Atelectasis")),
    (0.7, "no displaced rib fracture", ("Fracture",)),
    (1.0, "the bones are unremarkable", ("Fracture", "Scoliosis")),
    (0.5, "the thoracic spine is straight", ("Scoliosis",)),
    (0.4, "no hiatal hernia", ("Hernia",)),
)
"""Normal statements: weight, words, and the findings that each says are absent."""

ALL_CLEAR: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("no acute cardiopulmonary process", (*_OPACITY, "Pleural Effusion", "Pneumothorax")),
    ("no acute intrathoracic abnormality", (*_OPACITY, "Pleural Effusion", "Pneumothorax")),
    ("no radiographic evidence of acute disease", (*_OPACITY, "Pleural Effusion", "Pneumothorax")),
    ("no evidence of pneumonia", ("Pneumonia",)),
    ("no pneumothorax", ("Pneumothorax",)),
    ("no pleural effusion", ("Pleural Effusion",)),
    ("no pulmonary edema", ("Edema",)),
    ("heart size within normal limits", ("Cardiomegaly",)),
    ("findings as above", ()),
)
"""What an impression without a positive finding may say, the most general first."""

PROGRESS: dict[str, Words] = {
    "new": (", new since the prior study", ", new compared with ___"),
    "same": (", unchanged", ", similar to ___", ", stable from the prior study"),
    "more": (", increased since the prior study", ", worse than on ___"),
    "less": (", decreased since the prior study", ", improved from ___"),
}

COMPLAINTS: Words = (
    "cough",
    "shortness of breath",
    "chest pain",
    "fever and cough",
    "fall from standing",
    "hypoxia",
    "weakness",
    "altered mental status",
    "leukocytosis",
    "___",
)
INDICATIONS: Words = (
    "___ year old {person} with {complaint}.",
    "{person} with {complaint}, please evaluate.",
    "{complaint}. Evaluate for acute process.",
    "History: {age} year old {person} with {complaint}.",
    "{complaint}.",
)
FIRST_COMPARISONS: Words = ("None.", "None available.", "No prior studies.")
LATER_COMPARISONS: Words = ("Chest radiograph ___.", "Prior film from ___.", "___.")
