"""The TRIPOD+AI checklist, filled as far as the results know.

TRIPOD+AI is the guideline for reports of clinical prediction models (Collins et al. 2024, BMJ
385:e078378). Its 27 items are named here by their numbers, in words of our own; read them there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from radtex.transfer.results import Results

NOT_KNOWN = "not known"
"""What is not in the results, and is the author's to say."""
CITATION = "Collins et al. 2024, BMJ 385:e078378"


@dataclass(frozen=True)
class Item:
    """One item of the checklist."""

    number: str
    """As the guideline counts."""
    topic: str
    """What it asks about."""
    answer: str
    """Where or how it is answered here; NOT_KNOWN otherwise."""


def checklist(results: Results) -> tuple[Item, ...]:
    """Fill the checklist."""
    return tuple(
        Item(number, topic, answer if isinstance(answer, str) else answer(results))
        for number, topic, answer in _ITEMS
    )


def _title(results: Results) -> str:
    encoders = ", ".join(each["name"] for each in results.protocol.get("encoders", ()))
    return f"Few-label classifiers of chest radiographs on frozen or tuned encoders: {encoders}"


def _objective(results: Results) -> str:
    targets, budgets = results.protocol["targets"], results.protocol["budgets"]
    return (
        f"Development and evaluation of classifiers of {len(targets)} findings, each from "
        f"{', '.join(map(str, budgets))} labelled studies; encoders are compared"
    )


def _sources(results: Results) -> str:
    return "; ".join(
        f"{role}: {part['corpus']}, split {', '.join(part['splits'])}"
        for role, part in _parts(results).items()
    )


def _archives(results: Results) -> str:
    names = {name for part in _parts(results).values() for name in part.get("namespaces", ())}
    if not names:
        return NOT_KNOWN
    return f"Archives: {', '.join(sorted(names))}; their sites are {NOT_KNOWN} here"


def _preparation(results: Results) -> str:
    return "; ".join(
        f"{role}: grey levels by {part['intensity']}, squared by {part['fit']}"
        for role, part in _parts(results).items()
    )


def _outcome(results: Results) -> str:
    return f"Labels of the corpus; label policy {_policies(results)}"


def _predictors(results: Results) -> str:
    return f"The pixels of the images, {results.protocol['image_size']} px wide, and nothing else"


def _sample_size(results: Results) -> str:
    few = [each.target for each in results.events if not each.enough]
    lacking = f"; too few of a class: {', '.join(few)}" if few else "; enough of every target"
    return f"Events against the number that is held to be needed: section Events{lacking}"


def _missing(results: Results) -> str:
    return f"Uncertain and blank labels: policy {_policies(results)}"


def _partition(results: Results) -> str:
    protocol = results.protocol
    return (
        f"By patient; {protocol['repeats']} nested draws from the pool, scored on the test; "
        "no patient is on both sides"
    )


def _model(results: Results) -> str:
    return (
        f"Protocol {results.protocol['name']}; its settings, and what was chosen inside the "
        "draws, are in the record and the flags"
    )


def _imbalance(results: Results) -> str:
    kind = results.protocol["prevalence"]
    if kind == "balanced":
        return "Labels are drawn half and half, so probabilities are not those of the pool"
    least = results.protocol["least_labelled_of_a_class"]
    return f"Labels are drawn as in the pool, at least {least} of each class; nothing is reweighed"


def _fairness(results: Results) -> str:
    groups = {each.group for values in results.classifiers.values() for each in values.subgroups}
    if not groups:
        return "No group of the test could be measured"
    return f"AUC and missed findings by group: {', '.join(sorted(groups))}"


def _output(results: Results) -> str:
    if any(
        each.missed
        for values in results.classifiers.values()
        for each in values.validation.targets.values()
    ):
        return "A probability for each finding; thresholds are chosen inside the draw"
    return "A score for each finding; no threshold is chosen"


def _differences(results: Results) -> str:
    pool, test = _parts(results).values()
    if pool["content_hash"] == test["content_hash"]:
        return "Pool and test are splits of one corpus; other differences would be in the flags"
    return "Pool and test are of two corpora; what is known to differ is in the flags"


def _data(results: Results) -> str:
    hashes = ", ".join(
        f"{role} {part['content_hash'][:12]}…" for role, part in _parts(results).items()
    )
    return f"Content hashes: {hashes}; access is {NOT_KNOWN}"


def _code(results: Results) -> str:
    versions = results.protocol.get("versions", {})
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"Open source; {listed}; the command is in How to repeat it"


def _numbers(results: Results) -> str:
    return "; ".join(
        f"{role}: {part['images']:,} images of {part['patients']:,} patients"
        for role, part in _parts(results).items()
    )


def _limits(results: Results) -> str:
    return f"{len(results.flags)} sentences in What to know beside the numbers"


def _policies(results: Results) -> str:
    pool = results.protocol["label_policy"]
    test = results.protocol.get("test_label_policy", pool)
    said = f"{pool['name']} ({pool['description']})"
    return said if test == pool else f"{said}; of the test {test['name']} ({test['description']})"


def _parts(results: Results) -> Mapping[str, Any]:
    return {role: results.protocol[role] for role in ("pool", "test")}


_ITEMS: tuple[tuple[str, str, str | Callable[[Results], str]], ...] = (
    ("1", "Title", _title),
    ("2", "Abstract", NOT_KNOWN),
    ("3a", "Medical background", NOT_KNOWN),
    ("3b", "Intended patients, use and users", NOT_KNOWN),
    ("3c", "Known inequalities of care", NOT_KNOWN),
    ("4", "Aim", _objective),
    ("5a", "Data and where they come from", _sources),
    ("5b", "Dates of the data", NOT_KNOWN),
    ("6a", "Setting and sites", _archives),
    ("6b", "Who was eligible", "Cohort flow of pool and test: section Cohort and labels"),
    ("6c", "Treatments", NOT_KNOWN),
    ("7", "Preparation of the data", _preparation),
    ("8a", "What is predicted", _outcome),
    ("8b", "Who assessed it", NOT_KNOWN),
    ("8c", "What assessors knew", NOT_KNOWN),
    ("9a", "Choice of predictors", _predictors),
    ("9b", "Definition of predictors", _preparation),
    ("9c", "Who assessed predictors", "No one: they are pixels"),
    ("10", "Sample size", _sample_size),
    ("11", "Missing data", _missing),
    ("12a", "How data were divided", _partition),
    ("12b", "Handling of predictors", "By the encoder, standardised on the labelled studies"),
    ("12c", "Kind of model, tuning, internal validation", _model),
    ("12d", "Differences between clusters", "Patients are the unit; sites are not modelled"),
    (
        "12e",
        "Measures of performance",
        "AUC, average precision, Brier score, calibration, net benefit, sensitivity and missed "
        "findings, each with an interval",
    ),
    ("12f", "Updating before evaluation", "None"),
    ("12g", "How predictions were computed", "By the code named under 18f"),
    ("13", "Class imbalance", _imbalance),
    ("14", "Fairness", _fairness),
    ("15", "Output of the model", _output),
    ("16", "Development against evaluation data", _differences),
    ("17", "Ethical approval", NOT_KNOWN),
    ("18a", "Funding", NOT_KNOWN),
    ("18b", "Conflicts of interest", NOT_KNOWN),
    (
        "18c",
        "Protocol",
        f"Of the scoring: section How to repeat it; of the study: {NOT_KNOWN}",
    ),
    ("18d", "Registration", NOT_KNOWN),
    ("18e", "Sharing of data", _data),
    ("18f", "Sharing of code", _code),
    ("19", "Involvement of patients and public", NOT_KNOWN),
    ("20a", "Flow of participants", _numbers),
    ("20b", "Characteristics of participants", "Sex, age and view as far as they are in Subgroups"),
    ("20c", "Both data sets compared", NOT_KNOWN),
    ("21", "Participants and events of each analysis", "Sections Events and Each target"),
    ("22", "The whole model", "Kept by --save alone; otherwise repeated by the command"),
    ("23a", "Performance with intervals, by subgroup too", "Sections Each target to Worst misses"),
    ("23b", "Performance between clusters", NOT_KNOWN),
    ("24", "Results of updating", "None"),
    ("25", "Interpretation", NOT_KNOWN),
    ("26", "Limitations", _limits),
    ("27a", "Inputs that are poor or missing", NOT_KNOWN),
    ("27b", "What users must do and know", NOT_KNOWN),
    ("27c", "Next steps", NOT_KNOWN),
)
