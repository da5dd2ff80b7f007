"""radtex learns to read chest radiographs from their reports.

The public names are loaded when they are first used, so that building a corpus does not wait for
torch: `Corpus`, `load`, `read_image`, `parse_report`, `label_report`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radtex.corpus.corpus import Corpus
    from radtex.images import read_image
    from radtex.models.run import load
    from radtex.reports import label_report, parse_report

__version__ = "0.1.0"
__all__ = ["Corpus", "__version__", "label_report", "load", "parse_report", "read_image"]

_HOMES = {
    "Corpus": "radtex.corpus.corpus",
    "label_report": "radtex.reports",
    "load": "radtex.models.run",
    "parse_report": "radtex.reports",
    "read_image": "radtex.images",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'radtex' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
