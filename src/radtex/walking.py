"""What stands below a folder: every plain file, and a reason for all else, so that nothing is lost.

Links are followed, as the exports on a file server are often made of them. Each folder is entered
once, known by device and inode, and its own place counts before one that a link gives it: links in
a circle, or many to one place, cost nothing. A link to a folder that the root lies in is not
followed. Files that really lie outside of the root are told apart, since whoever made a folder
chose where its links lead.
"""

import os
import stat
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from radtex.errors import CorpusError
from radtex.inputs import NO_PLAIN_FILE

PACKED = frozenset((".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".iso"))
"""Suffixes of files that hold other files, or one, in packed form."""

_ADDED = frozenset((
    "__macosx", "@eadir", "#recycle", "@recycle", "#snapshot", "$recycle.bin",
    "system volume information", "lost+found",
))  # fmt: skip
"""Folders that macOS, Windows or a file server adds, in lower case."""

_JOINERS = "\u200c\u200d"

_HIDDEN = "hidden, or in a hidden folder"
_OF_SYSTEM = "kept by a system for itself, such as __MACOSX or a recycle bin"
_NO_TEXT = "file name is no plain text"
_BROKEN = "link that leads to nothing, or to what may not be read"
_INTO_SYSTEM = "link to the operating system's own files"
_KNOWN_FOLDER = "link to a folder that is read at another place, or that holds this one"
_KNOWN_FILE = "link to a file that is read at another place"
_CLOSED = "folder may not be read"


@dataclass(frozen=True)
class LeftOut:
    """Something below a folder that is not looked into."""

    path: str
    """Relative to the folder, with slashes; escaped where it cannot be printed."""
    reason: str
    """Why, as the cohort flow says it."""
    wrong: bool = False
    """True where images may be lost: a broken link, a closed folder, a name that is no text."""


@dataclass(frozen=True)
class Tree:
    """All that stands below a folder, each once; paths are relative to it."""

    files: Sequence[PurePath]
    """Plain files with names that can be printed, neither hidden nor a system's own, sorted."""
    left_out: Sequence[LeftOut]
    """All else that is no folder, and the folders that were not entered, sorted by path."""
    folders: Sequence[PurePath]
    """The folders that were entered and are neither hidden nor a system's own, sorted."""
    outside: frozenset[PurePath]
    """Those of `files` that really lie outside of the folder; a link leads to them."""


def walk(root: Path) -> Tree:
    """Find all that stands below a folder.

    Args:
        root: the folder.

    Raises:
        CorpusError: if it is missing, a file, or may not be read.
    """
    _check_root(root)
    found = _Walk(root)
    found.enter(PurePath(), found.real_root)
    while found.links:
        links, found.links = found.links, []
        # Folders first: a file in a folder that is linked as a whole has its place there.
        for link in sorted(links, key=lambda link: (not (root / link).is_dir(), link)):
            found.follow(link)
    inside = f"{found.real_root.rstrip(os.sep)}{os.sep}"
    return Tree(
        files=sorted(found.files),
        left_out=sorted(found.left_out, key=lambda left: left.path),
        folders=sorted(found.folders),
        outside=frozenset(
            path for path, real in found.files.items() if not real.startswith(inside)
        ),
    )


def is_printable(name: str) -> bool:
    """Tell whether a file name is plain text: no control characters, no bytes without meaning.

    Spaces of all kinds are text, and so are the joiners within Persian and Indic words.
    """
    return name.isprintable() or all(
        character.isprintable() or character in _JOINERS or unicodedata.category(character) == "Zs"
        for character in name
    )


def escaped(name: str) -> str:
    """Return a name as it may be printed: as it is, or in quotes and ASCII."""
    return name if is_printable(name) else ascii(name)


def _check_root(root: Path) -> None:
    try:
        os.scandir(root).close()
    except FileNotFoundError as error:
        raise CorpusError(f"{root} does not exist; expected a folder") from error
    except NotADirectoryError as error:
        hint = "name the folder that it lies in"
        if root.suffix.lower() in PACKED:
            hint = "unpack it, and name the folder"
        raise CorpusError(f"{root} is a file; expected a folder: {hint}") from error
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise CorpusError(f"the folder {root} may not be read ({reason})") from error


@dataclass
class _Walk:
    root: Path
    files: dict[PurePath, str] = field(default_factory=dict)  # each with where it really lies
    left_out: list[LeftOut] = field(default_factory=list)
    folders: list[PurePath] = field(default_factory=list)
    links: list[PurePath] = field(default_factory=list)  # not yet followed
    entered: set[tuple[int, int]] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.real_root = os.path.realpath(self.root)

    def enter(self, start: PurePath, real_start: str) -> None:
        """Read a folder and all folders in it; links are put aside."""
        waiting = [(start, real_start)]
        while waiting:
            folder, real = waiting.pop()
            reason = _kept_out(folder)
            try:
                identity = _identity((self.root / folder).stat())
                if not reason and identity in self.entered:
                    self.leave_out(folder, _KNOWN_FOLDER)
                    continue
                with os.scandir(self.root / folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError:
                self.leave_out(folder, reason or _CLOSED, wrong=not reason)
                continue
            if not reason:
                self.entered.add(identity)
                self.folders.append(folder)
            for entry in found:
                path, real_path = folder / entry.name, f"{real.rstrip(os.sep)}{os.sep}{entry.name}"
                if _is_folder(entry):
                    waiting.append((path, real_path))
                elif out := _kept_out(path):
                    self.leave_out(path, out, wrong=out == _NO_TEXT)
                elif entry.is_symlink():
                    self.links.append(path)
                elif not entry.is_file(follow_symlinks=False):
                    self.leave_out(path, NO_PLAIN_FILE)
                else:
                    self.take(path, real_path)

    def follow(self, link: PurePath) -> None:
        """Take what a link leads to, unless it is read at another place."""
        try:
            status = (self.root / link).stat()
        except OSError:
            self.leave_out(link, _BROKEN, wrong=True)
            return
        real = os.path.realpath(self.root / link)
        if PurePath(real).parts[1:2] in (("proc",), ("sys",)):
            self.leave_out(link, _INTO_SYSTEM)
        elif stat.S_ISDIR(status.st_mode):
            if PurePath(self.real_root).is_relative_to(real) or _identity(status) in self.entered:
                self.leave_out(link, _KNOWN_FOLDER)
            else:
                self.enter(link, real)
        elif stat.S_ISREG(status.st_mode):
            self.take(link, real)
        else:
            self.leave_out(link, NO_PLAIN_FILE)

    def take(self, path: PurePath, real: str) -> None:
        if real in self.taken:
            self.leave_out(path, _KNOWN_FILE)
        else:
            self.taken.add(real)
            self.files[path] = real

    def leave_out(self, path: PurePath, reason: str, wrong: bool = False) -> None:
        self.left_out.append(LeftOut(escaped(path.as_posix()), reason, wrong))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _kept_out(path: PurePath) -> str:
    """Return why a path is not looked at, whatever it leads to; "" if it is."""
    if any(part.startswith(".") for part in path.parts):
        return _HIDDEN
    if any(part.casefold() in _ADDED for part in path.parts):
        return _OF_SYSTEM
    return "" if is_printable(str(path)) else _NO_TEXT
