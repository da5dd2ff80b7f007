"""radtex learns to read chest radiographs from their reports.

- `Corpus`: radiographs with their reports and labels, in a folder.
- `export`: write a run or a classifier as a folder that other programs read.
- `load`: open a run as an encoder, with the decoder that writes reports if it has one.
- `read_image`: read a DICOM file or a picture as grey levels.
- `next_films`: choose the films that are to be labelled next.
- `parse_report`: find the sections of a report.
- `validate`: try a kept classifier on another site's labelled films.
- `label_report`: say which findings a report names as present, absent or uncertain.

Each name is imported when it is first used, so that building a corpus does not wait for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radtex.classifiers.validating.validate import validate
    from radtex.corpus.corpus import Corpus
    from radtex.images import read_image
    from radtex.interchange.export import export
    from radtex.labelling.next_films import next_films
    from radtex.models.run import load
    from radtex.reports import label_report, parse_report

__version__ = "0.1.0"
__all__ = [
    "Corpus",
    "__version__",
    "export",
    "label_report",
    "load",
    "next_films",
    "parse_report",
    "read_image",
    "validate",
]

_HOMES = {
    "Corpus": "radtex.corpus.corpus",
    "export": "radtex.interchange.export",
    "label_report": "radtex.reports",
    "load": "radtex.models.run",
    "next_films": "radtex.labelling.next_films",
    "parse_report": "radtex.reports",
    "read_image": "radtex.images",
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
