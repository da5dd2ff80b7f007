"""What the files of a mixed folder hold: DICOM images, pictures, and a reason for every other file.

The bytes decide. A DICOM file is known whatever it is called, and so is a picture that has no
suffix or a DICOM file's; another suffix is believed.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from radtex.corpus.headers import NO_DICOM, NO_IMAGE, header_or_reason
from radtex.corpus.normalise import is_unknown
from radtex.corpus.record import Record, Rejection
from radtex.errors import ImageError
from radtex.images import PICTURE_SUFFIXES, Header
from radtex.inputs import open_input, why_unread
from radtex.parallel import map_in_chunks
from radtex.walking import PACKED, Tree, walk

OUTSIDE = "read through a link that leads out of the folder"
"""The flag of an image that a link brings in from elsewhere."""

_DICOM_SUFFIXES = frozenset((".dcm", ".dicom", ".dic", ".ima"))
_PICTURES = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|II\*\0|MM\0\*|RIFF....WEBP|BM....\0\0\0\0", re.DOTALL
)
"""How PNG, JPEG, TIFF, WebP and BMP begin."""
_START = 16
_SUFFIX = re.compile(r"\.(?=[0-9]?[a-z])[a-z0-9]{1,8}")
_MOST_SUFFIXES = 12
"""Suffixes with a reason of their own; the others share one."""
_EMPTY = "file is empty"
_TWIN = "picture beside a DICOM file of the same name"
_UNREAD = "no image of a kind that is read"
_OTHER_SUFFIX = "another suffix"
_CHUNK = 256


@dataclass(frozen=True)
class Contents:
    """The images below a folder, and why every other file is none."""

    tree: Tree
    """What stands below the folder."""
    images: Mapping[PurePath, Header | None]
    """By path, sorted: the header of a DICOM image, or None for a picture."""
    rejections: Sequence[Rejection]
    """One for each other file, and for each folder that was not entered."""

    @property
    def pictures(self) -> int:
        """Images that are no DICOM."""
        return sum(header is None for header in self.images.values())

    def flags(self, path: PurePath) -> tuple[str, ...]:
        """Return what is odd about where an image lies."""
        return (OUTSIDE,) if path in self.tree.outside else ()


def read_contents(root: Path) -> Contents:
    """Look into each file below a folder, on all cores, no further than headers.

    A picture that shares folder and name with a DICOM image of a stated patient (`1.png` and
    `1.dcm`) is taken for the same film and left out.

    Args:
        root: the folder.

    Raises:
        CorpusError: if it is no folder that can be read.
    """
    tree = walk(root)
    found = map_in_chunks(
        _look_into, [root / path for path in tree.files], _CHUNK, "reading headers", "files"
    )
    images: dict[PurePath, Header | None] = {}
    rejections = [Rejection(left.path, left.reason, left.wrong) for left in tree.left_out]
    for path, held in zip(tree.files, found, strict=True):
        if isinstance(held, Rejection):
            rejections.append(replace(held, row=path.as_posix()))
        else:
            images[path] = held
    films = {
        (path.parent, name)
        for path, header in images.items()
        if header is not None and not is_unknown(header.patient_id)
        for name in (path.name.casefold(), _stem(path, _DICOM_SUFFIXES | PICTURE_SUFFIXES))
    }
    for path in [path for path, header in images.items() if header is None]:
        if (path.parent, _stem(path, PICTURE_SUFFIXES)) in films:
            del images[path]
            rejections.append(Rejection(path.as_posix(), _TWIN, wrong=False))
    return Contents(tree, images, _with_few_reasons(rejections))


def in_order(entries: Sequence[Record | Rejection]) -> list[Record | Rejection]:
    """Return the rows of a folder in the order of their paths."""
    return sorted(
        entries,
        key=lambda entry: PurePath(
            entry.row if isinstance(entry, Rejection) else entry.source_path
        ),
    )


def _stem(path: PurePath, suffixes: frozenset[str]) -> str:
    suffix = path.suffix.lower()
    return (path.stem if suffix in suffixes else path.name).casefold()


def _look_into(path: Path) -> Header | Rejection | None:
    suffix = path.suffix.lower()
    expected = suffix in PICTURE_SUFFIXES or suffix in _DICOM_SUFFIXES
    try:
        if not path.stat().st_size:
            return Rejection("", _EMPTY, wrong=expected)
    except OSError as error:
        return Rejection("", why_unread(error))
    held = header_or_reason(path)
    if isinstance(held, Header):
        return held
    if held != NO_DICOM:
        return Rejection("", held, wrong=held != NO_IMAGE)
    if suffix in PICTURE_SUFFIXES:
        return None
    if suffix in _DICOM_SUFFIXES or not _SUFFIX.fullmatch(suffix):
        try:
            with open_input(path, None, ImageError, "the file") as file:
                start = file.read(_START)
        except ImageError as error:
            return Rejection("", str(error))
        except OSError as error:
            return Rejection("", why_unread(error))
        if _PICTURES.match(start):
            return None
    if suffix in _DICOM_SUFFIXES:
        return Rejection("", NO_DICOM)
    if suffix in PACKED:
        return Rejection("", f"packed file ({suffix}): unpack it to have its images read", False)
    told = suffix if _SUFFIX.fullmatch(suffix) else _OTHER_SUFFIX if suffix else "no suffix"
    return Rejection("", f"{_UNREAD} ({told})", wrong=False)


def _with_few_reasons(rejections: Sequence[Rejection]) -> list[Rejection]:
    reasons = Counter(each.reason for each in rejections if each.reason.startswith(_UNREAD))
    kept = {reason for reason, _ in reasons.most_common(_MOST_SUFFIXES)}
    return [
        replace(each, reason=f"{_UNREAD} ({_OTHER_SUFFIX})")
        if each.reason in reasons and each.reason not in kept
        else each
        for each in rejections
    ]
