"""The README of a folder for the Hugging Face hub: facts for the hub, then text for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from radtex.classifiers.classifier import Classifier
from radtex.classifiers.model_card import model_card
from radtex.interchange.original import Original

UNSTATED = "not-stated"
"""Name of the licence where the user named none."""
_TAGS = ["radtex", "radiology", "chest-x-ray", "medical-imaging"]


@dataclass(frozen=True)
class Checks:
    """What was looked at before an export was written, so that nothing of patients is in it."""

    tokenizer: str | None
    """What is known of the words in its tokenizer; None where it has none."""

    def sentence(self) -> str:
        """Say it in a paragraph."""
        said = [
            "Left out were the list of patients (`patients.txt`), the hashes of films, all paths, "
            "file names and ids, and the state of training. Kept are weights, scores, counts, "
            "names of labels and of archives, and the names that the maker gave to the run and to "
            "the classifier"
        ]
        if self.tokenizer is not None:
            said.append(self.tokenizer)
            said.append("whether its decoder learnt sentences of reports by heart was not measured")
        return ". ".join(each[0].upper() + each[1:] for each in said) + "."


def run_card(
    original: Original,
    training: Mapping[str, Any],
    license: str | None,
    datasets: Sequence[str],
    checks: Checks,
) -> str:
    """Describe a run.

    Args:
        original: the run.
        training: what of its training is told.
        license: its identifier on the hub; None where none was named.
        datasets: names for the card.
        checks: what was checked.
    """
    writes = original.model is not None and original.model.decoder is not None
    facts = _facts("image-feature-extraction", license, datasets)
    lines = [
        f"# {original.encoder.backbone}, pretrained on chest radiographs by radtex",
        "An image encoder for frontal chest radiographs"
        + (", with a decoder that writes reports. " if writes else ". ")
        + "For research: it is no medical device, and nobody has tested it as one.",
        '## Use\n\n```python\nimport radtex\n\nmodel = radtex.load(FOLDER)  # or "hf:ORG/NAME"\n'
        "image = radtex.read_image(FILE)  # a DICOM file or a picture\n```\n\n"
        "`model.encode(images)` gives features of grey images, uint8 (N, H, W)"
        + ("; `model.report(images)` writes. " if writes else ". ")
        + "`radtex transfer … --encoders FOLDER` makes a classifier with few labels.",
        "## Training\n\n" + "\n".join(f"- {key}: {value}" for key, value in training.items()),
        _licence(license),
        "## Patients\n\n" + checks.sentence(),
    ]
    return _card(facts, lines)


def classifier_card(
    original: Original,
    classifier: Classifier,
    facts: Mapping[str, Any],
    license: str | None,
    datasets: Sequence[str],
    checks: Checks,
) -> str:
    """Describe a classifier; its scores stand in the facts for the hub, too.

    Args:
        original: the classifier.
        classifier: its heads.
        facts: those of `classifier.json`, without paths.
        license: its identifier on the hub; None where none was named.
        datasets: names for the card.
        checks: what was checked.
    """
    name = str(facts["encoder"]["name"])
    values = _facts("image-classification", license, datasets) | {
        "metrics": ["roc_auc", "brier_score"],
        "model-index": [{"name": name, "results": [_result(each) for each in facts["targets"]]}],
    }
    body = model_card(classifier, facts).rstrip("\n")
    extra = [_licence(license), "## Patients\n\n" + checks.sentence()]
    return _card(values, [body, *extra, f"Original: SHA-256 {original.digest}"])


def _facts(task: str, license: str | None, datasets: Sequence[str]) -> dict[str, Any]:
    known: dict[str, Any] = {"license": license or "other"}
    if not license:
        known["license_name"] = UNSTATED
    known |= {"library_name": "radtex", "pipeline_tag": task, "tags": _TAGS}
    return known | ({"datasets": list(datasets)} if datasets else {})


def _licence(license: str | None) -> str:
    said = (
        f"`{license}`, as its maker states."
        if license
        else ("None was stated when this was exported, so nobody may assume one. Ask its maker.")
    )
    return f"## Licence\n\n{said}"


def _result(target: Mapping[str, Any]) -> dict[str, Any]:
    test = target["test"]
    metrics = [
        {
            "type": kind,
            "name": f"{words} of {target['name']}, 95 % interval {low:.3f} to {high:.3f}",
            "value": round(value, 4),
        }
        for kind, words, each in (
            ("roc_auc", "AUC", "auc"),
            ("brier_score", "Brier score", "brier"),
        )
        for value, low, high in [(test[each][key] for key in ("value", "low", "high"))]
    ]
    return {
        "task": {"type": "image-classification", "name": str(target["name"])},
        "dataset": {"type": "chest-radiographs", "name": "the test split that the card describes"},
        "metrics": metrics,
    }


def _card(facts: Mapping[str, Any], lines: Sequence[str]) -> str:
    head = yaml.safe_dump(dict(facts), sort_keys=False, allow_unicode=True, width=1000)
    return f"---\n{head}---\n\n" + "\n\n".join(lines) + "\n"
