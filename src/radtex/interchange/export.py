"""`radtex export`: a run or a classifier as a folder that other programs read.

To add a format, write a module here with a function `write(original, folder, …)` that fills an
empty folder, and add its line to `FORMATS`. An export holds nothing of patients, and no path of the
machine that made it.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from radtex.errors import ProtocolError
from radtex.files import makes_alone, refuse_existing, whole_folder
from radtex.interchange.original import open_original
from radtex.interchange.push import push_folder, refuse_name

_log = logging.getLogger(__name__)
Format = Literal["onnx", "timm", "hub"]


@dataclass(frozen=True)
class ExportFormat:
    """A format of exports."""

    module: str
    """Has a function `write(original, folder, **options)`, and `refuse_without_packages()`, which
    says in one line what to install."""
    options: tuple[str, ...] = ()
    """The options of `export` that its `write` takes."""


FORMATS: Mapping[str, ExportFormat] = {
    "onnx": ExportFormat("radtex.interchange.onnx_export", ("int8", "calibrate")),
    "timm": ExportFormat("radtex.interchange.timm_weights"),
    "hub": ExportFormat("radtex.interchange.hub_folder", ("license", "datasets", "push")),
}
"""By name. A module is imported when it is asked for: each has packages of its own."""


@makes_alone("out")
def export(
    what: Path | str,
    to: Format,
    out: Path | str,
    int8: bool | None = None,
    calibrate: str | None = None,
    license: str | None = None,
    datasets: Sequence[str] | None = None,
    push: str | None = None,
) -> Path:
    """Write a finished run or a classifier as a folder that other programs read.

    Args:
        what: the folder of a run or of a classifier.
        to: `onnx` for graphs that any ONNX runtime computes, `timm` for weights that
            `timm.create_model` loads, `hub` for a folder of the Hugging Face hub, which
            `radtex.load` opens.
        out: the folder to make.
        int8: of `onnx`, whether weights and activations of the encoder have 8 bits.
        calibrate: of `onnx`, CORPUS[:SPLIT] with films that int8 is calibrated by, the split
            `pool` where none is named.
        license: of `hub`, the licence's identifier there, such as `cc-by-4.0`; without it, the card
            says that none was stated.
        datasets: of `hub`, names of data sets for the card.
        push: of `hub`, ORG/NAME of the model there that the folder is uploaded to.

    Returns:
        `out`.

    Raises:
        OutputError: if `out` exists or cannot be written, or the hub refuses it.
        RunError: if `what` is no finished run and no classifier, or is damaged.
        ProtocolError: if there is no such format, an option belongs to another, or int8 has no
            films to calibrate.
        CorpusError: if the films to calibrate are too few, or not there.
        RadtexError: if a package that the format needs is missing.

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
        >>> made = radtex.export(run, "timm", Path(folder.name) / "for_timm")
        >>> sorted(file.name for file in made.iterdir())
        ['README.md', 'export.json', 'model.safetensors']
        >>> folder.cleanup()
    """
    out = Path(out)
    refuse_existing(out)
    given = {
        "int8": int8,
        "calibrate": calibrate,
        "license": license,
        "datasets": datasets,
        "push": push,
    }
    module, options = _chosen(to, given)
    module.refuse_without_packages()
    repository = options.pop("push", None)
    if repository is not None:
        refuse_name(repository)
    original = open_original(Path(what))
    with whole_folder(out) as folder:
        module.write(original, folder, **options)
    if repository is not None:
        _log.warning("pushed to %s", push_folder(out, repository))
    return out


def _chosen(to: str, options: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The module that writes a format, and the options that were given, all of them its own."""
    if to not in FORMATS:
        raise ProtocolError(f"--to {to!r} is no format of exports; expected {', '.join(FORMATS)}")
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in FORMATS[to].options:
            owner = next(each for each, of in FORMATS.items() if name in of.options)
            raise ProtocolError(
                f"--{name.replace('_', '-')} is an option of --to {owner}, not of --to {to}; leave "
                "it out"
            )
    return import_module(FORMATS[to].module), given
