"""`radtex.load`: whatever radtex made, by its folder or its name on the hub."""

from pathlib import Path

from radtex.classifiers.classifier import Classifier, is_classifier, load_classifier
from radtex.classifiers.onnx_classifier import OnnxClassifier, load_onnx_classifier
from radtex.classifiers.onnx_folder import is_onnx_folder
from radtex.models.encoders.hub_repository import HUB
from radtex.models.encoders.transformers_tower import hub_encoder
from radtex.models.encoders.vision_tower import VisionTower
from radtex.models.exported_run import fetch_export, is_export, open_exported
from radtex.models.pretrained import PretrainedModel, PretrainedTower
from radtex.models.run import Run


def load(what: str | Path) -> PretrainedModel | PretrainedTower | Classifier | OnnxClassifier:
    """Open what radtex made, or a vision tower of the hub, in evaluation mode.

    Args:
        what: the folder of a finished run, of a classifier or of an export (but for timm), or
            `hf:ORG/NAME` for an export or for a model of transformers.

    Returns:
        Of a classifier a `Classifier`, of a model of transformers a `PretrainedTower`, of all else
        a `PretrainedModel`: each has `encode`. Of a classifier's export to ONNX, what `predict`
        asks.

    Raises:
        RunError: if it is none of these, is unfinished, or its files do not fit each other.

    Example:
        A run of one step, on a corpus of a few synthetic studies:

        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> from radtex.corpus.build import build
        >>> from radtex.corpus.sources import open_source
        >>> from radtex.pretraining.pretrain import pretrain
        >>> from radtex.pretraining.recipe import load_recipe
        >>> folder = TemporaryDirectory()
        >>> studies = open_source("phantom", studies=16)
        >>> corpus = build(studies, Path(folder.name) / "corpus", size=64, workers=1)
        >>> recipe = load_recipe(overrides={"backbone": "test_resnet", "steps": 1})
        >>> run = pretrain(corpus, Path(folder.name) / "run", recipe)
        >>> model = radtex.load(run)
        >>> model.encode(corpus.images[:2]).shape
        (2, 96)
        >>> reports = model.report(corpus.images[:2], prompt="The heart")
        >>> [report.startswith("the heart") for report in reports]
        [True, True]
        >>> folder.cleanup()
    """
    name = str(what)
    if name.startswith(HUB):
        folder = fetch_export(name)
        if folder is None:
            tower = hub_encoder(name)
            assert isinstance(tower.encoder, VisionTower)
            return PretrainedTower(tower.encoder, tower.takes)
    else:
        folder = Path(what)
    if is_onnx_folder(folder):
        return load_onnx_classifier(folder)
    if is_classifier(folder):
        return load_classifier(folder)
    if is_export(folder):
        return open_exported(folder).load()
    return Run.open(folder).load()
