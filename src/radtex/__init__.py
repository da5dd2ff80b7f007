"""radtex learns to read chest radiographs from their reports, so that few labels are needed.

Open what there is:

- `Corpus`: radiographs with their reports and labels, in a folder.
- `load`: open a run, a classifier, an export, or a model of the Hugging Face hub.
- `read_image`: read a DICOM file or a picture as grey levels.
- `parse_report`: find the sections of a report.
- `label_report`: say which findings a report names as present, absent or uncertain.

Work with scikit-learn:

- `RadiographEncoder`: radiographs in, a run's features out.
- `FewLabelClassifier`: the probe of few labels, calibrated.

Do what the commands do, by their names:

- `build_corpus`: turn an archive into a corpus (`radtex corpus build`).
- `sources`: say which archives can be read (`radtex corpus sources`).
- `fetch`: download a public archive (`radtex corpus fetch`).
- `describe`: say what a corpus holds (`radtex corpus describe`).
- `audit`: look for shortcuts in a corpus (`radtex corpus audit`).
- `label`: bring a table of readers' labels into a corpus.
- `next_films`: choose the films that are to be labelled next (`radtex next`).
- `recipes`: list the recipes, or the fields of one.
- `pretrain`: train an encoder on a corpus.
- `runs`: list the runs below a folder.
- `transfer`: measure encoders with few labels.
- `plan`: estimate what more labels would give.
- `predict`: predict findings with a kept classifier.
- `validate`: try a kept classifier on another site's labelled films.
- `generate`: write a report for each radiograph.
- `ask`: ask a run whether radiographs show findings.
- `score`: score written reports against their references.
- `serve`: read and label films in the browser and by REST.
- `explain`: draw what in a film speaks for a finding.
- `export`: write a run or a classifier as a folder that other programs read.
- `demo`: run everything once on synthetic radiographs.

Each name is imported when it is first used, so that building a corpus does not wait for torch.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radtex.classifiers.validating.validate import validate
    from radtex.commands.about_films import ask, explain, generate, predict
    from radtex.commands.comparing import transfer
    from radtex.commands.corpora import build_corpus, describe, label, sources
    from radtex.commands.recipe_list import recipes
    from radtex.commands.shortcuts import audit
    from radtex.commands.training import pretrain
    from radtex.corpus.corpus import Corpus
    from radtex.corpus.fetch import fetch
    from radtex.demo import demo
    from radtex.images import read_image
    from radtex.interchange.export import export
    from radtex.interchange.few_label_classifier import FewLabelClassifier
    from radtex.interchange.open_model import load
    from radtex.interchange.radiograph_encoder import RadiographEncoder
    from radtex.labelling.next_films import next_films
    from radtex.pretraining.watching.runs import runs
    from radtex.reports import label_report, parse_report
    from radtex.scoring.score import score
    from radtex.serving.serve import serve
    from radtex.transfer.planning.plan import plan

__version__ = "0.1.0"
__all__ = [
    "Corpus",
    "FewLabelClassifier",
    "RadiographEncoder",
    "__version__",
    "ask",
    "audit",
    "build_corpus",
    "demo",
    "describe",
    "explain",
    "export",
    "fetch",
    "generate",
    "label",
    "label_report",
    "load",
    "next_films",
    "parse_report",
    "plan",
    "predict",
    "pretrain",
    "read_image",
    "recipes",
    "runs",
    "score",
    "serve",
    "sources",
    "transfer",
    "validate",
]

_HOMES = {
    "Corpus": "radtex.corpus.corpus",
    "FewLabelClassifier": "radtex.interchange.few_label_classifier",
    "RadiographEncoder": "radtex.interchange.radiograph_encoder",
    "ask": "radtex.commands.about_films",
    "audit": "radtex.commands.shortcuts",
    "build_corpus": "radtex.commands.corpora",
    "demo": "radtex.demo",
    "describe": "radtex.commands.corpora",
    "explain": "radtex.commands.about_films",
    "export": "radtex.interchange.export",
    "fetch": "radtex.corpus.fetch",
    "generate": "radtex.commands.about_films",
    "label": "radtex.commands.corpora",
    "label_report": "radtex.reports",
    "load": "radtex.interchange.open_model",
    "next_films": "radtex.labelling.next_films",
    "parse_report": "radtex.reports",
    "plan": "radtex.transfer.planning.plan",
    "predict": "radtex.commands.about_films",
    "pretrain": "radtex.commands.training",
    "read_image": "radtex.images",
    "recipes": "radtex.commands.recipe_list",
    "runs": "radtex.pretraining.watching.runs",
    "score": "radtex.scoring.score",
    "serve": "radtex.serving.serve",
    "sources": "radtex.commands.corpora",
    "transfer": "radtex.commands.comparing",
    "validate": "radtex.classifiers.validating.validate",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'radtex' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names before they are imported, too."""
    return sorted({*globals(), *__all__})


class _Radtex(ModuleType):
    """Keeps a function's name from the module of the same name, which an import would set."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, unless it is a module, and a public name is not one."""
        if not (isinstance(value, ModuleType) and name in _HOMES):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Radtex
