"""Keys that are paths: from the root, from elsewhere, or file names alone."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

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

_ELSEWHERE = "paths whose file name alone fits, in another folder"
_SHARED = "paths that fit several files, or files that fit several paths"
_SUFFIX = re.compile(
    r"(\.(dcm|dicom|ima|png|jpe?g|jpe|jfif|jp2|j2k|tiff?|bmp|webp|gif|gz))+$", re.IGNORECASE
)

_Parts = tuple[str, ...]


@dataclass(frozen=True)
class _Fit:
    """A file that ends as a key does."""

    file: str
    """The only file with the longest end in common."""
    length: int
    """Parts of that end."""
    moved: tuple[_Parts, _Parts] | None
    """The folders before that end, of key and file, if both have some: they contradict."""


def pair_paths(keys: Iterable[str], files: Iterable[str]) -> Pairing:
    r"""Find the file that each key means.

    A key may be a path from the root ("a/1.png", also "a\1.png"), one with more folders before it
    (an absolute path) or with fewer (a file name), in another case, with another suffix or none,
    or a number that lost its zeros. The file with the longest end in common is meant, if it is the
    only one and no other key means it better.

    Where the folders before that end contradict each other ("p1/1.png" and "p2/1.png" may be of
    two patients), the key means the file only if half of all keys do so, and either the same
    folders stand for each other in all of them, since the tree was moved; or the names of all
    keys, and of all files, differ, so that folders are not needed to tell them apart.

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
    for parts_of in (_parts, _stem_parts, _number_parts):
        if not (rest := keys - meant.keys() - ambiguous.keys()):
            break
        fits, shared = _fits(rest, files, parts_of)
        taken = set(meant.values())
        fits = {key: fit for key, fit in fits.items() if fit.file not in taken}
        contradicting = _contradicting(fits, keys, files)
        ambiguous |= dict.fromkeys(shared, _SHARED) | dict.fromkeys(contradicting, _ELSEWHERE)
        by_file: dict[str, list[str]] = defaultdict(list)
        for key in fits.keys() - contradicting:
            by_file[fits[key].file].append(key)
        for file, rivals in by_file.items():
            longest = max(fits[key].length for key in rivals)
            best = [key for key in rivals if fits[key].length == longest]
            if len({parts_of(key) for key in best}) > 1:
                ambiguous |= dict.fromkeys(best, _SHARED)
            else:
                meant |= dict.fromkeys(best, file)
                ways |= {key: _way(key, file, longest, parts_of) for key in best}
    return Pairing(meant, ways, ambiguous)


def _fits(
    keys: Collection[str], files: Collection[str], parts_of: Callable[[str], _Parts]
) -> tuple[dict[str, _Fit], list[str]]:
    """Return the file that each key fits best; and the keys that fit several."""
    ends: dict[_Parts, str | None] = {}
    parts_of_file = {file: parts_of(file) for file in files}
    for path, parts in parts_of_file.items():
        for at in range(len(parts)):
            ends[parts[at:]] = None if parts[at:] in ends else path
    fits: dict[str, _Fit] = {}
    shared = []
    for key in keys:
        parts = parts_of(key)
        found = next((at for at in range(len(parts)) if parts[at:] in ends), len(parts))
        if found == len(parts):
            continue
        file = ends[parts[found:]]
        if file is None:
            shared.append(key)
            continue
        length = len(parts) - found
        before = parts_of_file[file][:-length]
        moved = (parts[:found], before) if found and before else None
        fits[key] = _Fit(file, length, moved)
    return fits, shared


def _contradicting(
    fits: Mapping[str, _Fit], keys: Collection[str], files: Collection[str]
) -> set[str]:
    """Return the keys whose folders contradict those of their file, and not as a rule."""
    moves = {key: fit.moved for key, fit in fits.items() if fit.moved}
    if not moves:
        return set()
    move, count = Counter(moves.values()).most_common(1)[0]
    folders = any(fits[key].length > 1 for key in moves if moves[key] == move)
    if 2 * count >= len(keys) and (count > 1 or folders):
        return {key for key in moves if moves[key] != move}
    told_apart = all(
        len({_parts(path)[-1] for path in paths}) == len({_parts(path) for path in paths})
        for paths in (keys, files)
    )
    by_name = 2 * len(moves) >= len(keys) and len(moves) > 1
    return set() if told_apart and by_name else set(moves)


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
