r"""Which file a cell of a table means, also where it was written on another machine.

Tables from Windows say `films\a\1.png` or `D:\export\films\1.png`, those from elsewhere
`/home/other/export/films/1.png`. Such a cell means the file whose whole path below the folder is
the end of the cell's path, or the other way round; never one that shares only a part of it, since
`p1\1.png` and `p2/1.png` are of two patients. A cell that leaves a choice means no file.
"""

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from radtex.progress import say
from radtex.walking import walk

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,19}://", re.IGNORECASE)
_FILE_ADDRESS = re.compile(r"file:/*", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:", re.IGNORECASE)
_LONGEST = 4096
"""Characters of a path that Linux takes."""
_MOST_PARTS = 32
"""Folders and file name that are compared at the end of a path; hostile ones have thousands."""


def path_problem(cell: str) -> str:
    """Return why a cell can be the path of no file, as the cohort flow says it; "" if it can."""
    if "\0" in cell:
        return "image path holds a NUL character, so it names no file"
    if len(cell) > _LONGEST:
        return "image path is longer than a path may be"
    if _ADDRESS.match(cell) and not _FILE_ADDRESS.match(cell):
        return "image path is a web address; fetch the image and name its file"
    return ""


def located(cells: Iterable[str], folder: Path) -> dict[str, str]:
    r"""Return the path of the file that each cell means, relative to a folder.

    A path that needs no search stays as it is, whether or not it leads to a file: relative to the
    folder (`..` may lead out of it) or absolute and there. Those with backslashes, a drive, a
    server or quotes around them, and absolute ones that are not there, are looked for below the
    folder as `named_files` does. Case and the form of accents count only where they must.

    Args:
        cells: what stands in a table's column of paths, stripped.
        folder: what the paths are relative to. It is walked only if a cell needs the search.

    Returns:
        For each cell a path relative to the folder, with slashes, or absolute; a cell that means
        no file is returned unchanged, and is a missing image then.
    """
    found = {cell: _direct(cell, folder) for cell in cells}
    sought = [cell for cell, path in found.items() if path is None]
    if sought:
        say(f"looking below {folder} for {len(sought):,} paths of another machine")
        found |= named_files(sought, [path.as_posix() for path in walk(folder).files])
    return {cell: path or cell for cell, path in found.items()}


def named_files(cells: Iterable[str], names: Collection[str]) -> dict[str, str]:
    r"""Return which of the named files each cell means; a cell that means none is left out.

    These are tried in turn: the name itself; the same path with other slashes, a drive or a server
    before it, quotes around it, other case or another form of accents; the longest end of the
    cell's path that is a whole name (`D:\export\films\1.png` means `films/1.png`); the one name
    that ends with the whole cell (`1.png` means `films/1.png` if no other folder has a `1.png`).
    Two cells that would mean the same file by a part of their path mean none.

    Args:
        cells: such as a table's column of paths, or of image ids that are paths.
        names: paths with slashes, relative to the folder of the files.

    Example:
        >>> named_files([r"D:\export\films\1.png"], ["films/1.png", "other/1.png"])
        {'D:\\export\\films\\1.png': 'films/1.png'}
    """
    exact = set(names)
    whole: dict[str, list[str]] = defaultdict(list)
    ends: dict[str, list[str]] = defaultdict(list)
    for name in names:
        key = path_key(name)
        whole[key].append(name)
        for end in _ends(key):
            ends[end].append(name)
    found: dict[str, str] = {}
    by_end: dict[str, dict[str, str]] = defaultdict(dict)
    for cell in dict.fromkeys(cells):
        if cell in exact:
            found[cell] = cell
        elif not path_problem(cell) and (key := path_key(cell)):
            if len(whole.get(key, ())) == 1:
                found[cell] = whole[key][0]
            elif key not in whole and (name := _by_end(key, whole, ends)):
                by_end[name][cell] = key
    taken = set(found.values())
    for name, claims in by_end.items():
        if len(set(claims.values())) == 1 and name not in taken:
            found |= dict.fromkeys(claims, name)
    return found


def _by_end(key: str, whole: dict[str, list[str]], ends: dict[str, list[str]]) -> str:
    """Return the one name that is an end of the cell's path, or of which the path is an end."""
    for end in _ends(key):
        if end in whole:
            return whole[end][0] if len(whole[end]) == 1 else ""
    longer = ends.get(key, ())
    return longer[0] if len(longer) == 1 else ""


def _ends(key: str) -> Iterator[str]:
    """Yield what is left of a path as its first folders are dropped, longest first."""
    parts = key.split("/")
    for at in range(max(1, len(parts) - _MOST_PARTS), len(parts)):
        yield "/".join(parts[at:])


def _direct(cell: str, folder: Path) -> str | None:
    """Return the path that needs no search, or None where the cell is to be looked for."""
    if path_problem(cell):
        return cell
    foreign = _DRIVE.match(cell) or cell[:1] in ("'", '"') or _FILE_ADDRESS.match(cell)
    if not foreign and "\\" not in cell and not cell.startswith("/"):
        return cell
    slashed = cell.replace("\\", "/")
    return next((path for path in (cell, slashed) if _is_there(folder / path)), None)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def path_key(cell: str) -> str:
    """Return what the writings of one path have in common."""
    path = cell.strip()
    if path[:1] in ("'", '"') and path[-1:] == path[:1]:
        path = path[1:-1].strip()
    if _FILE_ADDRESS.match(path):
        path = unquote(_FILE_ADDRESS.sub("", path, count=1))
    path = _DRIVE.sub("", path, count=1) if _DRIVE.match(path) else path
    path = posixpath.normpath(path.replace("\\", "/")).strip("/")
    if not path.isascii():
        path = unicodedata.normalize("NFC", path)
    return "" if path == "." else path.casefold()
