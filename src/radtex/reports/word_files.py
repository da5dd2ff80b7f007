"""The word lists that the package reads reports by."""

from importlib.resources import files
from typing import Any

import yaml

_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as fast where PyYAML was built with libyaml, as its wheels are."""


def word_file(*path: str) -> Any:
    """Return what a YAML file of this package holds, or None if there is no such file.

    Args:
        path: the parts of its path in `radtex/reports`.
    """
    file = files("radtex.reports").joinpath(*path)
    if not file.is_file():
        return None
    return yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
