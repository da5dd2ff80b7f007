"""What a classifier's facts may say where others read them: no path and no image id."""

import copy
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from radtex.models.encoders.hub_repository import HUB, is_folder_name
from radtex.transfer.contestants.near_duplicates import without_image_ids

_NAMED = ("random", "imagenet", "rad-dino")
_PREFIXES = ("timm:", "xrv:", HUB)
LEFT_OUT = "left out: a path"


def shareable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts of a classifier or a run without paths and image ids.

    Left out are the corpora's folders, and paths that a recipe was given (`init`, `tokenizer`),
    also where a sentence repeats one, and the images that a flag names. The names of a run and of
    the classifier stay.

    Args:
        facts: as `classifier.json` or `config.yaml` keep them (JSON values).
    """
    kept: dict[str, Any] = copy.deepcopy(dict(facts))
    for role in ("pool", "test", "prior"):
        if isinstance(kept.get(role), dict):
            kept[role].pop("corpus", None)
    if "flags" in kept:
        kept["flags"] = [without_image_ids(str(flag)) for flag in kept["flags"]]
    paths = _paths(kept)
    cleaned: dict[str, Any] = _without(kept, sorted(paths, key=len, reverse=True))
    return cleaned


def _paths(values: Any) -> set[str]:
    if isinstance(values, list | tuple):
        return set().union(*map(_paths, values))
    if not isinstance(values, dict):
        return set()
    own = {
        str(value)
        for key, value in values.items()
        if (key == "init" and value and not names_public_weights(str(value)))
        or (key == "tokenizer" and isinstance(value, str) and value)
    }
    return own.union(*map(_paths, values.values()))


def names_public_weights(init: str) -> bool:
    """Tell whether an `init` is a name that means the same everywhere, and no path."""
    if init.startswith(HUB):
        return not is_folder_name(init.removeprefix(HUB))
    return init in _NAMED or init.startswith(_PREFIXES)


def _without(values: Any, paths: list[str]) -> Any:
    if isinstance(values, dict):
        return {key: _without(value, paths) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_without(value, paths) for value in values]
    if not isinstance(values, str):
        return values
    for path in paths:
        if values == path:
            return LEFT_OUT
        if len(PurePath(path).parts) > 1:  # a single word may mean something else in a sentence
            values = re.sub(rf"(?<![\w./-]){re.escape(path)}(?![\w/-])", LEFT_OUT, values)
    return values
