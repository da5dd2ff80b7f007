"""Keys that are paths: from the root, from elsewhere, or file names alone."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import IntEnum

from radtex.corpus.joining.ids import unpadded, written
from radtex.corpus.joining.pairing import Pairing
from radtex.corpus.trees.path_cells import path_key

BACKSLASHES = "as a path with backslashes"
CASE = "but for the case of letters"
TAIL = "by the end of its path"
NAME = "by file name alone"
SUFFIX = "but for its suffix"
STEM = "by file name without suffix"
NUMBER = "by file name without suffix and leading zeros"

_SHARED = "paths that fit several files, or files that fit several paths"
_SUFFIX = re.compile(
    r"(\.(dcm|dicom|ima|png|jpe?g|jpe|jfif|jp2|j2k|tiff?|bmp|webp|gif|gz))+$", re.IGNORECASE
)

_Parts = tuple[str, ...]


class _Fit(IntEnum):
    """How well a path and a file agree, best first."""

    WITHIN = 0
    """One is the end of the other."""
    TAIL = 1
    """A folder and the file name agree, folders above contradict each other."""
    NAME = 2
    """The file name agrees, the folders contradict each other."""


def pair_paths(keys: Iterable[str], files: Iterable[str]) -> Pairing:
    r"""Find the file that each key means.

    A key may be a path from the root ("a/1.png", also "a\1.png"), one with more folders before it
    (an absolute path) or with fewer (a file name), in another case, with another suffix or none,
    or a number that lost its zeros. The file with the longest end in common is meant, if it is the
    only one and no other key means it better. Where the folders of the table contradict those of
    the tree, ends are compared only if that is the rule: not if most paths are of this tree.

    Args:
        keys: cells of the table; blank ones mean nothing.
        files: paths of all images from the root, with slashes.
    """
    keys, files = set(keys) - {""}, set(files) - {""}
    meant: dict[str, str] = {}
    ways: dict[str, str] = {}
    for key in keys:
        if (name := written(key)) in files:
            meant[key] = name
        elif (name := _slashes(name)) in files:
            meant[key] = name
            ways[key] = BACKSLASHES
    ambiguous = dict.fromkeys(_without_zeros(keys, files) - meant.keys(), _SHARED)
    most = _Fit.NAME
    for parts_of in (_parts, _stem_parts, _number_parts):
        rest = keys - meant.keys() - ambiguous.keys()
        fits, shared = _fits(rest, files, parts_of)
        taken = set(meant.values())
        fits = {key: found for key, found in fits.items() if found[2] not in taken}
        if fits:
            most = min(most, _commonest([found[0] for found in fits.values()], len(meant)))
        ambiguous |= dict.fromkeys(shared, _SHARED)
        for file, rivals in _by_file(fits, most).items():
            longest = max(fits[key][1] for key in rivals)
            best = [key for key in rivals if fits[key][1] == longest]
            if len({parts_of(key) for key in best}) > 1:
                ambiguous |= dict.fromkeys(best, _SHARED)
            else:
                meant |= dict.fromkeys(best, file)
                ways |= {key: _way(key, file, longest, parts_of) for key in best}
    return Pairing(meant, ways, ambiguous)


def _fits(
    keys: Collection[str], files: Collection[str], parts_of: Callable[[str], _Parts]
) -> tuple[dict[str, tuple[_Fit, int, str]], list[str]]:
    """Return fit, length of the common end and file of each key; and the keys that fit several."""
    ends: dict[_Parts, str | None] = {}
    parts_of_file = {file: parts_of(file) for file in files}
    for path, parts in parts_of_file.items():
        for at in range(len(parts)):
            ends[parts[at:]] = None if parts[at:] in ends else path
    fits: dict[str, tuple[_Fit, int, str]] = {}
    shared = []
    for key in keys:
        parts = parts_of(key)
        found = next((at for at in range(len(parts)) if parts[at:] in ends), len(parts))
        if found == len(parts):
            continue
        length = len(parts) - found
        file = ends[parts[found:]]
        if file is None:
            shared.append(key)
            continue
        within = found == 0 or length == len(parts_of_file[file])
        fit = _Fit.WITHIN if within else _Fit.TAIL if length > 1 else _Fit.NAME
        fits[key] = (fit, length, file)
    return fits, shared


def _by_file(
    fits: Mapping[str, tuple[_Fit, int, str]], most: _Fit
) -> Mapping[str, Collection[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, (fit, _, file) in fits.items():
        if fit <= most:
            found[file].append(key)
    return found


def _commonest(fits: Collection[_Fit], exact: int) -> _Fit:
    counts = Counter(fits)
    counts[_Fit.WITHIN] += exact
    return max(_Fit, key=lambda fit: (counts[fit], -fit))


def _without_zeros(keys: Collection[str], files: Collection[str]) -> set[str]:
    """Return numbers that fit several files but for leading zeros, if no key has such zeros."""
    numbers = [key for key in keys if unpadded(key).isdecimal()]
    if any(written(key).startswith("0") and unpadded(key) != "0" for key in numbers):
        return set()
    counts = Counter(_number_parts(file)[-1] for file in files)
    return {key for key in numbers if counts[unpadded(key)] > 1}


def _way(key: str, file: str, length: int, parts_of: Callable[[str], _Parts]) -> str:
    if parts_of is _number_parts:
        return NUMBER
    if length == 1 and len(_parts(file)) + len(_parts(key)) > 2:
        return NAME if parts_of is _parts else STEM
    if parts_of(key) != parts_of(file):
        return TAIL
    if parts_of is _parts:
        return CASE
    return SUFFIX if length > 1 else STEM


def _slashes(path: str) -> str:
    return re.sub(r"^(\./)+|(?<=/)(\./)+", "", re.sub(r"[\\/]+", "/", path))


def _parts(path: str) -> _Parts:
    return tuple(path_key(written(path)).split("/")[-64:])


def _stem_parts(path: str) -> _Parts:
    *folders, name = _parts(path)
    return (*folders, _SUFFIX.sub("", name))


def _number_parts(path: str) -> _Parts:
    *folders, name = _stem_parts(path)
    return (*folders, unpadded(name))
