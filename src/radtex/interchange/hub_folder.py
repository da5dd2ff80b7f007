"""`radtex export … --to hub`: a folder as the Hugging Face hub shows it.

A run's folder has `config.json`, `preprocessor_config.json`, `model.safetensors`, `README.md` and,
where it writes, `tokenizer.json`. A classifier's has `classifier.json` beside, with its heads,
calibration, thresholds and limit of abstention; it is a classifier for every command.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from radtex.classifiers.classifier import CARD, read_facts, write_classifier
from radtex.classifiers.model_card import model_card
from radtex.classifiers.shareable import LEFT_OUT, names_public_weights, shareable
from radtex.interchange.hub_card import Checks, classifier_card, run_card
from radtex.interchange.original import Original
from radtex.models.exported_run import CONFIG, FORMAT, KEY
from radtex.models.run import TOKENIZER, WEIGHTS, Run
from radtex.models.storage import save_weights

PROCESSOR, README = "preprocessor_config.json", "README.md"
_RESAMPLING = {"bilinear": 2, "bicubic": 3}
"""Pillow's numbers, as image processors state them."""
_log = logging.getLogger(__name__)


def refuse_without_packages() -> None:
    """Nothing is needed beside what radtex itself needs: huggingface_hub comes with timm."""


def write(
    original: Original,
    folder: Path,
    license: str | None = None,
    datasets: Sequence[str] | None = None,
) -> None:
    """Write a run or a classifier as a folder of the Hugging Face hub.

    Args:
        original: what is exported.
        folder: is empty, and filled.
        license: its identifier on the hub, such as `cc-by-4.0`; without it, the card says that none
            was stated.
        datasets: names of data sets for the card; none is named by itself.
    """
    if original.classifier is not None:
        _write_classifier(original, folder, license, datasets or ())
    else:
        _write_run(original, folder, license, datasets or ())


def _write_run(
    original: Original, folder: Path, license: str | None, datasets: Sequence[str]
) -> None:
    run, model = original.run, original.model
    assert run is not None
    assert model is not None
    parts = {"encoder": model.encoder} | (
        {} if model.decoder is None else {"decoder": model.decoder}
    )
    save_weights(
        folder / WEIGHTS,
        {
            f"{part}.{name}": value
            for part, module in parts.items()
            for name, value in module.state_dict().items()
        },
    )
    tokenizer = None
    if model.decoder is not None:
        shutil.copyfile(run.path / TOKENIZER, folder / TOKENIZER)
        tokenizer = hashlib.sha256((folder / TOKENIZER).read_bytes()).hexdigest()
    described = run.description.decoder
    training = _training(run)
    values = {
        "decoder": None if described is None else asdict(described),
        "tokenizer": tokenizer,
        "training": training,
    }
    _write_config(original, folder, values)
    checks = Checks(tokenizer=_tokenizer_check(run) if tokenizer else None)
    card = run_card(original, training, license, datasets, checks)
    (folder / README).write_text(card, encoding="utf-8")
    _log.info("%s", checks.sentence())


def _write_classifier(
    original: Original, folder: Path, license: str | None, datasets: Sequence[str]
) -> None:
    classifier = original.classifier
    assert classifier is not None
    facts = shareable(read_facts(original.path))
    write_classifier(folder, classifier, facts)
    (folder / CARD).write_text(model_card(classifier, facts), encoding="utf-8")
    training = {
        key: facts["encoder"][key]
        for key in ("objective", "init", "steps", "seed", "namespaces")
        if key in facts["encoder"]
    }
    spaces = {*training.get("namespaces", ()), *facts["pool"].get("namespaces", ())}
    _write_config(
        original, folder, {"training": training | {"namespaces": sorted(spaces)}, "decoder": None}
    )
    checks = Checks(tokenizer=None)
    card = classifier_card(original, classifier, facts, license, datasets, checks)
    (folder / README).write_text(card, encoding="utf-8")
    (folder / CARD).unlink()  # the README holds it
    _log.info("%s", checks.sentence())


def _write_config(original: Original, folder: Path, values: Mapping[str, Any]) -> None:
    described = original.description()
    kind = {"format": FORMAT, "kind": described.pop("kind"), "version": described.pop("radtex")}
    _write_json(folder / CONFIG, {KEY: kind, "library_name": "radtex", **described, **values})
    takes, images = original.takes, original.preprocessing
    _write_json(
        folder / PROCESSOR,
        {
            "do_convert_grayscale": True,
            "do_resize": True,
            "size": {"height": takes.size, "width": takes.size},
            "resample": _RESAMPLING[takes.interpolation],
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": [takes.mean / 255],
            "image_std": [takes.std / 255],
            "film": asdict(images),
        },
    )


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    text = json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def _training(run: Run) -> dict[str, Any]:
    return {
        "objective": run.objective,
        "init": run.init if names_public_weights(run.init) else LEFT_OUT,
        "steps": run.steps,
        "seed": run.seed,
        "targets": run.targets,
        "namespaces": run.namespaces,
        "corpus_sha256": run.corpus_hash,
    }


def _tokenizer_check(run: Run) -> str:
    text = run.recipe.get("text", {})
    if text.get("tokenizer"):
        return (
            "`tokenizer.json` was given to the run as a file, and nobody checked whose words stand "
            "in it: **look at it before you share it**"
        )
    patients = text.get("word_patients", 1)
    if patients < 2:
        return (
            "`tokenizer.json` was learnt from every word of the reports, so names may stand in it: "
            "**look at it before you share it**"
        )
    return (
        f"`tokenizer.json` holds pieces of words that stand in the reports of {patients} patients "
        "or more, and of no others"
    )
