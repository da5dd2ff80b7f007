"""A classifier that is written and loaded answers the same; a damaged one is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from hostile.models import CLASSIFIERS
from radtex.classifiers.classifier import (
    Classifier,
    is_classifier,
    load_classifier,
    read_facts,
    write_classifier,
)
from radtex.errors import RunError


@pytest.fixture
def copy(kept: Path, tmp_path: Path) -> Path:
    shutil.copytree(kept / "classifier", tmp_path / "copy")
    return tmp_path / "copy"


def edit(folder: Path, *keys: str | int, value: object) -> None:
    path = folder / "classifier.json"
    whole = part = json.loads(path.read_text())
    for key in keys[:-1]:
        part = part[key]
    part[keys[-1]] = value
    path.write_text(json.dumps(whole))


@pytest.fixture
def loaded(kept: Path) -> Classifier:
    return load_classifier(kept / "classifier")


def test_what_is_written_is_loaded(loaded: Classifier, tmp_path: Path) -> None:
    write_classifier(tmp_path, loaded, {"note": "a fact"})
    assert is_classifier(tmp_path)
    assert read_facts(tmp_path) == {"note": "a fact"}
    again = load_classifier(tmp_path)
    assert again.targets == loaded.targets
    assert (again.takes, again.preprocessing) == (loaded.takes, loaded.preprocessing)
    images = np.random.default_rng(0).integers(0, 256, (3, 64, 64), dtype=np.uint8)
    features = again.features(images)
    torch.testing.assert_close(features, loaded.features(images), rtol=0, atol=0)
    np.testing.assert_array_equal(again.probabilities(features), loaded.probabilities(features))
    np.testing.assert_array_equal(
        again.abstention.familiarity.distance(features),
        loaded.abstention.familiarity.distance(features),
    )


def test_a_probability_is_the_curve_of_a_heads_logit(loaded: Classifier) -> None:
    features = torch.randn(4, loaded.weights.shape[1], generator=torch.Generator().manual_seed(0))
    found = loaded.probabilities(features)
    for row in range(4):
        for column, target in enumerate(loaded.targets):
            logit = float(features[row] @ loaded.weights[column] + loaded.intercepts[column])
            curve = target.platt.slope * logit + target.platt.offset
            assert found[row, column] == pytest.approx((1 + np.tanh(curve / 2)) / 2, abs=1e-6)


def test_the_classifiers_in_a_folder_are_named(copy: Path, kept: Path) -> None:
    with pytest.raises(RunError, match="it holds one: classifier"):
        load_classifier(kept)
    shutil.copytree(copy, copy.parent / "other")
    with pytest.raises(RunError, match="several classifiers; name one: copy, other"):
        load_classifier(copy.parent)


@pytest.mark.parametrize(
    ("keys", "value", "message"),
    [
        (("format",), 7, "has the format 7"),
        (("encoder", "backbone"), "no_such_net", "unknown backbone"),
        (("encoder", "backbone"), "resnet18", "does not fit classifier.json"),
        (("encoder", "input_size"), 10**9, "a side of 1000000000 pixels"),
        (("encoder", "std"), 0, "not above 0"),
        (("encoder", "mean"), "much", "no number"),
        (("preprocessing", "size"), -1, "a side of -1 pixels"),
        (("preprocessing", "fit"), "squeeze", "fit 'squeeze'"),
        (("preprocessing",), {"width": 3}, "TypeError"),
        (("targets",), [], "the targets"),
        (("targets", 0, "platt", "slope"), float("nan"), "no number"),
        (("targets", 1, "name"), "Edema", "the targets"),
        (("abstention",), {}, "KeyError"),
        (("facts",), None, "no facts"),
    ],
)
def test_a_damaged_description_is_one_line(copy: Path, keys, value, message) -> None:
    edit(copy, *keys, value=value)
    with pytest.raises(RunError, match=message) as error:
        load_classifier(copy)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("stated", "how"), [({}, "crop"), ({"fit": "pad"}, "pad")])
def test_a_classifier_keeps_how_its_images_became_square(copy: Path, stated, how) -> None:
    """What names no fit is from when crop was the default."""
    edit(copy, "preprocessing", value={"size": 64} | stated)
    assert load_classifier(copy).preprocessing.fit == how


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, "\x00", "3"])
def test_a_description_that_is_none_is_one_line(copy: Path, text: str) -> None:
    (copy / "classifier.json").write_text(text)
    with pytest.raises(RunError, match="is damaged"):
        load_classifier(copy)


def test_weights_that_do_not_fit_are_refused(copy: Path) -> None:
    path = copy / "model.safetensors"
    whole = load_file(path)
    some = next(name for name in whole if name.startswith("encoder.") and whole[name].ndim == 4)
    damages = [
        ({"heads.bias": torch.zeros(3)}, "heads.bias has the shape"),
        ({"heads.bias": torch.tensor([0.0, torch.inf])}, "no finite numbers"),
        ({"abstention.variances": torch.ones(2)}, "components have 2 variances"),
        ({some: torch.zeros(1, 1)}, "has the shape"),
    ]
    for change, message in damages:
        save_file(whole | change, path)
        with pytest.raises(RunError, match=message):
            load_classifier(copy)
    for missing in ("heads.weight", some):
        save_file({name: value for name, value in whole.items() if name != missing}, path)
        with pytest.raises(RunError, match=missing.removeprefix("encoder.").replace(".", r"\.")):
            load_classifier(copy)
    path.write_bytes(b"\x80\x04pickled")
    with pytest.raises(RunError, match="cannot read the weights"):
        load_classifier(copy)
    path.unlink()
    with pytest.raises(RunError, match="cannot read the weights"):
        load_classifier(copy)


def test_a_folder_that_is_no_classifier_is_named(tmp_path: Path) -> None:
    for path, why in (
        (tmp_path, r"is no classifier: it has no classifier\.json"),
        (tmp_path / "nowhere", "does not exist, so it is no classifier"),
    ):
        with pytest.raises(RunError, match=why):
            load_classifier(path)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_crafted_classifier_is_refused(copy: Path, name: str) -> None:
    CLASSIFIERS[name](copy)
    with pytest.raises(RunError) as refused:
        load_classifier(copy)
    assert "\n" not in str(refused.value)
