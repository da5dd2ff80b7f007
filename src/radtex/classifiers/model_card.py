"""The card of a classifier: what it is made of, what it reached, and what it is not for."""

from collections.abc import Mapping
from typing import Any, get_args

from radtex.classifiers.classifier import Classifier
from radtex.corpus.readings.label_sources import LABEL_SOURCES
from radtex.statistics.thresholds import SENSITIVITY, OperatingPoint


def model_card(classifier: Classifier, facts: Mapping[str, Any]) -> str:
    """Describe a classifier in Markdown.

    Args:
        classifier: to be described.
        facts: those of its `classifier.json`.
    """
    name = facts["encoder"]["name"]
    findings = ", ".join(target.name for target in classifier.targets)
    return "\n\n".join(
        [
            f"# Classifier of chest radiographs on the encoder {name}",
            f"Gives a probability of each of {findings}, for a frontal chest radiograph. For "
            "research: it is no medical device, and nobody has tested it as one.",
            "## Scores\n\n" + _scores(facts),
            "## Data\n\n" + _data(facts),
            "## Probabilities and thresholds\n\n" + _thresholds(classifier, facts),
            "## When it abstains\n\n" + _abstention(classifier, facts),
            "## Model\n\n" + _model(classifier, facts),
            "## Limits\n\n" + _limits(facts),
            "## Use\n\n    radtex predict CLASSIFIER IMAGE…\n    radtex explain CLASSIFIER IMAGE "
            "--target NAME --out PNG\n",
        ]
    )


def _scores(facts: Mapping[str, Any]) -> str:
    rows = [
        ["target", "AUC", f"AUC, mean of {facts['protocol']['repeats']} draws", "Brier", "tested"],
        *(
            [
                each["name"],
                _interval(each["test"]["auc"]),
                _interval(each["auc_over_repeats"]),
                _interval(each["test"]["brier"], 3),
                f"{each['test']['studies']} ({each['test']['positive']} positive)",
            ]
            for each in facts["targets"]
        ),
    ]
    return (
        "On the test split, which nothing was chosen on, with 95 % intervals over its patients. "
        "The first AUC is that of these very heads; the second is the mean over draws of as many "
        "labels, with the draws in its interval.\n\n" + _table(rows)
    )


def _data(facts: Mapping[str, Any]) -> str:
    begun = "prior" in facts
    rows = [
        ["target", "labelled studies", "positive", "C", *(_MINED if begun else ())],
        *(
            [
                each["name"],
                str(each["training"]["labelled"]),
                str(each["training"]["positive"])
                + (" (forced to the floor)" if each["training"]["forced"] else ""),
                f"{each['training']['c']:g}",
                *(_mined(each["training"]["prior"]) if begun else ()),
            ]
            for each in facts["targets"]
        ),
    ]
    policy, tested_by = facts["label_policy"], facts["test_label_policy"]
    protocol = facts["protocol"]
    places = [
        f"- {role}: {each['images']} images of {each['patients']} patients, split "
        f"{', '.join(each['splits'])}, corpus {each['content_hash'][:12]}"
        for role, each in (("pool", facts["pool"]), ("test", facts["test"]))
    ]
    left_out = [f"- {name} has no head: {why}" for name, why in facts["excluded"].items()]
    return (
        "The heads were trained on the first draw (repeat 0) of the largest budget, seed "
        f"{protocol['seed']}; sampling {protocol['sampling']}. Label policy {policy['name']}: "
        f"{policy['description']}; in the test {tested_by['name']}: "
        f"{tested_by['description']}.{_begun_from(facts) if begun else ''}\n\n"
        + _who_labelled(facts)
        + "\n\n"
        + _table(rows)
        + "\n\n"
        + "\n".join([*places, *left_out])
    )


def _who_labelled(facts: Mapping[str, Any]) -> str:
    trainings = [each["training"] for each in facts["targets"]]
    count = {
        source: sum(training["sources"].get(source, 0) for training in trainings)
        for source in (*LABEL_SOURCES, "blank")
    }
    said = (
        f"Of the {sum(training['labelled'] for training in trainings)} labels of these heads, "
        f"{count['human']} are human (one's own tables and readers), {count['archive']} are the "
        f"archive's as published, {count['report']} were read from the films' own reports"
    )
    if count["blank"]:
        said += f", and {count['blank']} are blank, which the label policy makes definite"
    mined = sum(training.get("prior", {}).get("mined", 0) for training in trainings)
    return said + (f"; {mined} more were mined from training reports." if mined else ".")


_MINED = ("mined from reports", "positive of them", "a")


def _mined(prior: Mapping[str, Any]) -> list[str]:
    return [str(prior["mined"]), str(prior["mined_positive"]), f"{prior['slope']:g}"]


def _begun_from(facts: Mapping[str, Any]) -> str:
    prior, sources = facts["prior"], " or ".join(facts["label_sources"])
    wrong = f" {prior['corruption']:.0%} of them were made wrong on purpose."
    return (
        " **Reports were used at the labelling stage too**: each head is a times a regression of "
        "labels that the labeler mined from the reports of the train split (corpus "
        f"{prior['content_hash'][:12]}, policy {prior['label_policy']['name']}), and what the "
        "labelled studies add. The labelled studies have the pool's own labels (source: "
        f"{sources}); the mined labels nobody has checked.{wrong if prior['corruption'] else ''}"
    )


def _thresholds(classifier: Classifier, facts: Mapping[str, Any]) -> str:
    rows = [["target", "point", "threshold", "sensitivity", "specificity"]]
    for target, each in zip(classifier.targets, facts["targets"], strict=True):
        for point in get_args(OperatingPoint):
            threshold = target.thresholds.at(point)
            rows.append(
                [
                    target.name,
                    point,
                    f"{threshold:.4f}",
                    _interval(each["test"]["sensitivity"][point]),
                    _interval(each["test"]["specificity"][point]),
                ]
            )
    return (
        "Probabilities follow Platt's curve, and thresholds were chosen, on out-of-fold scores "
        f"within the labelled studies alone ({facts['protocol']['folds']} folds by patient): "
        "`youden` has the greatest sum of sensitivity and specificity there, `sensitive` is the "
        f"highest with a sensitivity of {SENSITIVITY:g} or more there. Both are shown as they did "
        "on the test.\n\n" + _table(rows)
    )


def _abstention(classifier: Classifier, facts: Mapping[str, Any]) -> str:
    test = classifier.abstention
    kept = "standardised features" if not test.familiarity.unit else "features, at length 1,"
    said = (
        f"An image is given no answer where the squared Mahalanobis distance of its {kept} from "
        f"those of the pool, per feature, exceeds {test.limit:.3f}: the "
        f"{facts['abstention']['quantile']:.0%} quantile of {test.held_out} pool images, each held "
        "out with its patient. Of the test's "
        f"{facts['abstention']['test_images']} images, all radiographs, it abstains on "
        f"{_share(facts['abstention']['test_refused'])}. It notices images unlike the pool, not "
        "every image that is no chest radiograph, and films of another archive may be unlike too."
    )
    if not test.refused:
        return said
    tried = _table(
        [
            ["drawn images", "refused"],
            *([kind, f"{share:.0%}"] for kind, share in test.refused.items()),
            *([kind, f"{share:.0%}"] for kind, share in test.wrong_refused.items()),
        ]
    )
    warning = f"\n\n**Mind:** {test.warning}." if test.warning else ""
    return f"{said} It was tried on images that radtex draws:\n\n{tried}{warning}"


def _model(classifier: Classifier, facts: Mapping[str, Any]) -> str:
    encoder, images = classifier.encoder, classifier.preprocessing
    told = {
        key: value
        for key, value in facts["encoder"].items()
        if value and key not in ("name", "role", "mean", "std", "input_size")
    }
    lines = [
        f"- encoder: {encoder.backbone}, {encoder.input_size} px, {encoder.width} features, frozen",
        *(f"- {key}: {value}" for key, value in told.items()),
        f"- images: {images.size} px, fit {images.fit}, intensity {images.intensity}; grey levels "
        f"less {classifier.takes.mean:.2f}, divided by {classifier.takes.std:.2f}",
        "- heads: logistic regressions on the mean of the encoder's grid",
        "- made with: " + ", ".join(f"{name} {v}" for name, v in facts["versions"].items()),
    ]
    return "\n".join(lines)


def _limits(facts: Mapping[str, Any]) -> str:
    lines = [
        "The scores are those of one test split, most often of the same archive as the labels; "
        "elsewhere they may be lower, and the probabilities wrong with the prevalence.",
        "A head says nothing about findings that are not named above.",
        *facts["flags"],
    ]
    return "\n".join(f"- {line}" for line in lines)


def _interval(values: Mapping[str, float], digits: int = 2) -> str:
    return f"{values['value']:.{digits}f} [{values['low']:.{digits}f}, {values['high']:.{digits}f}]"


def _share(values: Mapping[str, float]) -> str:
    return f"{values['value']:.1%} [{values['low']:.1%}, {values['high']:.1%}]"


def _table(rows: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])
