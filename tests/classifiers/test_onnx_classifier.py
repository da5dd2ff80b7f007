"""A classifier that was exported predicts what the classifier predicts, without torch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radtex.classifiers.onnx_classifier import load_onnx_classifier
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus
from radtex.errors import RunError


@pytest.fixture(scope="module")
def films(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three radiographs and noise."""
    folder = tmp_path_factory.mktemp("films")
    for number, pixels in enumerate(Corpus.open(kept / "corpus").images[:3]):
        Image.fromarray(pixels).save(folder / f"{number}.png")
    noise = np.random.default_rng(0).integers(0, 2, (90, 90), dtype=np.uint8) * 255
    Image.fromarray(noise).save(folder / "noise.png")
    return folder


@pytest.fixture
def copied(onnx_classifier: Path, tmp_path: Path) -> Path:
    return shutil.copytree(onnx_classifier, tmp_path / "onnx")


def change(folder: Path, **values: object) -> None:
    told = json.loads((folder / "export.json").read_text())
    (folder / "export.json").write_text(json.dumps(told | values))


@pytest.mark.parametrize("point", ["youden", "sensitive"])
def test_it_predicts_what_the_classifier_predicts(
    point, kept: Path, onnx_classifier: Path, films: Path
) -> None:
    ours, theirs = (
        json.loads(predict(path, [str(films)], "json", operating_point=point))
        for path in (onnx_classifier, kept / "classifier")
    )
    assert [each["image"] for each in ours] == [each["image"] for each in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one["positive"] == other["positive"]
        assert one["abstained"] == other["abstained"]
        assert one["distance"] == pytest.approx(other["distance"], rel=1e-4)
        if other["probabilities"] is not None:
            assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-4)
    assert [each["abstained"] for each in ours] == [False, False, False, True]


def test_it_needs_no_torch(onnx_classifier: Path, films: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from radtex import cli; sys.argv = ['radtex', *sys.argv[1:]]\n"
        "try: cli.main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    out = tmp_path / "predictions.csv"
    words = ["predict", str(onnx_classifier), str(films), "--out", str(out)]
    subprocess.run([sys.executable, "-c", code, *words], check=True)
    assert len(out.read_text().splitlines()) == 5


def test_its_card_and_limit_are_the_classifiers(kept: Path, onnx_classifier: Path) -> None:
    card = (onnx_classifier / "MODEL_CARD.md").read_text()
    assert card == (kept / "classifier" / "MODEL_CARD.md").read_text()
    told = json.loads((kept / "classifier" / "classifier.json").read_text())
    loaded = load_onnx_classifier(onnx_classifier)
    assert loaded.abstention.limit == told["abstention"]["limit"]
    assert loaded.abstention.refused == told["abstention"]["refused"]
    assert loaded.name == told["facts"]["encoder"]["name"]


def test_a_changed_graph_is_refused(copied: Path) -> None:
    with (copied / "classifier.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(RunError, match="is not the file that was exported"):
        load_onnx_classifier(copied)
    (copied / "classifier.onnx").unlink()
    with pytest.raises(RunError, match="cannot be read"):
        load_onnx_classifier(copied)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"format": 9}, "the format 9, and this radtex reads 1"),
        ({"kind": "run"}, "is the export of a run; expected that of a classifier"),
        ({"to": "timm"}, "is an export to 'timm', not to ONNX"),
        ({"targets": []}, "damaged"),
        ({"targets": [{"name": "Edema"}]}, "damaged"),
        ({"abstention": None}, "damaged"),
        ({"preprocessing": {"size": 32}}, "the graph takes images"),
        ({"preprocessing": {"size": "x"}}, "damaged"),
        ({"graphs": {"classifier": {"file": "../../x", "sha256": ""}}}, "a file elsewhere"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(values, said: str, copied: Path) -> None:
    change(copied, **values)
    with pytest.raises(RunError, match=said):
        load_onnx_classifier(copied)


def test_heads_and_targets_must_be_as_many(copied: Path) -> None:
    told = json.loads((copied / "export.json").read_text())
    change(copied, targets=told["targets"][:1])
    with pytest.raises(RunError, match="heads for 1 targets"):
        load_onnx_classifier(copied)
