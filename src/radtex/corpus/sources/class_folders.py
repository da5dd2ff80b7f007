"""Which parts of a path are its class and its split, and whether the folders are classes at all."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from radtex.corpus import normalise
from radtex.corpus.splits import Split
from radtex.findings import is_known_label

MOST_CLASSES = 30
"""Folders above which they are no classes, but patients, studies or days."""
_FEW_CLASSES = 4
"""Folders up to which one image in each is no sign of anything."""

_MONTH = (
    r"jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|"
    r"oct(ober)?|nov(ember)?|dec(ember)?"
)
_MONTH_ELSEWHERE = (
    r"januar|februar|m[aä]rz|mai|juni|juli|oktober|dezember|enero|febrero|marzo|abril|mayo|junio|"
    r"julio|agosto|septiembre|octubre|noviembre|diciembre|janvier|f[eé]vrier|mars|avril|juin|"
    r"juillet|ao[uû]t|septembre|octobre|novembre|d[eé]cembre"
)
_NUMBERED = (
    r"patients?|pat|pts?|subjects?|subj|sub|stud(?:y|ies)|series|cases?|exams?|visits?|sessions?|"
    r"ses|persons?|p|s|ids?|images?|img|im|scans?|acc(?:ession)?|mrn|pid|sid|uid|batch|part|folder|"
    r"films?|export|cd|dvd|disc|disk|anon(?:ymous)?|[a-z]{1,3}(?=[\W_]*\d{4})"
)
_PARTS = "parts of an archive"
_LOOKS: Mapping[str, re.Pattern[str]] = {
    "years or dates": re.compile(
        r"(19|20)\d\d([\W_]?(0?[1-9]|1[0-2]|q[1-4]|" + _MONTH + r"))?([\W_]?[0-3]?\d)?"
        r"|[0-3]?\d[\W_][0-3]?\d[\W_](19|20)?\d\d"
        r"|(" + _MONTH + r")([\W_]*\d{1,4})?|[0-3]?\d?[\W_]*(" + _MONTH + r")[\W_]*(19|20)\d\d"
        r"|("
        + _MONTH_ELSEWHERE
        + r")[\W_]*(19|20)?\d\d|(19|20)\d\d[\W_]*("
        + _MONTH_ELSEWHERE
        + r")"
        r"|q[1-4][\W_]*(19|20)\d\d|((19|20)\d\d)[\W_]+(19|20)?\d\d"
        r"|(year|month|week|day|jahr|monat|woche|tag|kw)[\W_]*\d+",
        re.IGNORECASE,
    ),
    "ids of patients or studies": re.compile(
        r"(" + _NUMBERED + r")[\W_]*\d+[a-z]?|\d{3,}|\d+([\W_]\d+)+|[a-z]*\d+\^.*|.*\^.*"
        r"|(?=[a-z]*\d)[0-9a-f]{8,}(-[0-9a-f]{4,})*|[a-z]{1,8}[\W_]*\d{4,}",
        re.IGNORECASE,
    ),
    _PARTS: re.compile(
        r"images?|imgs?|pictures?|films?|masks?|labels?|annotations?|segmentations?|reports?|"
        r"dicoms?|dcm|png|jpe?g|tiff?|csv|json|thumbnails?|previews?|metadata|docs?|"
        r"(?:folds?|site|center|centre|hospital|machine|device)[\W_]*\d+",
        re.IGNORECASE,
    ),
}
"""What the names of folders that are no classes look like."""

_SET = re.compile(
    r"(?<=[a-z])([\W_]*(split|data ?set|set|data|images?|imgs?|films?|folder))?[\W_]*$",
    re.IGNORECASE,
)
_ONE = {
    "years or dates": "a year or a date",
    "ids of patients or studies": "the id of a patient or a study",
    _PARTS: "a part of an archive",
}
_MASKS = re.compile(r"([a-z]*[\W_])?(masks?|segmentations?|annotations?)", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """Where a file stands among the folders."""

    label: str
    """The name of its class."""
    split: Split | Literal[""]
    """Its split, or "" where the folders name none."""


@dataclass(frozen=True)
class ClassFolders:
    """The classes of a tree, and where each file stands."""

    places: Mapping[PurePath, Place]
    """By file; one that stands in no class folder is left out."""
    spellings: Mapping[str, Sequence[str]]
    """The names of each class that was spelt in more than one way."""
    levels: int
    """Folders of a path that name its class and its split: 1 or 2."""

    @property
    def counts(self) -> dict[str, int]:
        """How many files each class has, by name, sorted."""
        return dict(sorted(Counter(place.label for place in self.places.values()).items()))

    @property
    def inner(self) -> list[str]:
        """The folders right below those of classes that hold files, sorted."""
        depth = self.levels + 1
        return sorted({"/".join(path.parts[:depth]) for path in self.places if path.parts[depth:]})


def class_folders(paths: Collection[PurePath]) -> ClassFolders | None:
    """Find the classes of files: CLASS/…, SPLIT/CLASS/… or CLASS/SPLIT/….

    Splits are known by their names ("train", "val"), and stand at one level for all files. Classes
    whose names differ only in case, spaces, "_" and "-" are one; it takes its most frequent name.

    Args:
        paths: of the files, relative to the root.

    Returns:
        None where the files have no such layout.
    """
    firsts = {path.parts[0] for path in paths if len(path.parts) > 1}
    at, split_at = 0, -1
    if splits := {name for name in firsts if _split_of(name)}:
        if splits != firsts:
            return None
        at, split_at = 1, 0
    elif inner := {bool(_split_of(path.parts[1])) for path in paths if len(path.parts) > 2}:
        if len(inner) == 2:
            return None
        split_at = 1 if inner == {True} else -1
    levels = max(at, split_at) + 1
    standing = [path for path in paths if len(path.parts) > levels]
    names, spellings = _one_name_each(path.parts[at] for path in standing)
    places = {
        path: Place(
            names[path.parts[at]],
            "" if split_at < 0 else _split_of(path.parts[split_at]),
        )
        for path in standing
    }
    return ClassFolders(places, spellings, levels)


def why_no_classes(counts: Mapping[str, int]) -> str:
    """Return what the names and numbers of folders look like, other than classes; "" if nothing.

    Args:
        counts: images of each folder.
    """
    for look, pattern in _LOOKS.items():
        alike = [name for name in counts if pattern.fullmatch(name.strip())]
        if alike and (len(counts) > 1 or look != _PARTS):
            if len(alike) == 1:
                return f"the folder {alike[0]} looks like {_ONE[look]}, not like a class"
            return f"the folders {_some(alike)} look like {look}, not like classes"
    if len(counts) > MOST_CLASSES:
        return f"there are {len(counts):,} folders ({_some(list(counts))}), too many for classes"
    single = [name for name, count in counts.items() if count == 1 and not is_known_label(name)]
    if len(counts) > _FEW_CLASSES and 2 * len(single) > len(counts):
        return (
            f"most of the {len(counts)} folders hold one image only ({_some(single)}), as folders "
            "of patients do"
        )
    return ""


def _split_of(folder: str) -> Split | Literal[""]:
    """Return the split that a folder's name states, also as "train_set" or "test images"."""
    return normalise.split(_SET.sub("", folder))


def in_masks(path: PurePath) -> bool:
    """Tell whether a file stands in a folder of masks, which look like pictures."""
    return any(_MASKS.fullmatch(part) for part in path.parts[:-1])


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _one_name_each(folders: Iterable[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the name of the class of each folder, and the spellings of those with several."""
    alike: dict[str, list[str]] = defaultdict(list)
    counts = Counter(folders)
    for folder in sorted(counts):
        alike[re.sub(r"[\s_-]+", " ", folder).strip().casefold()].append(folder)
    names: dict[str, str] = {}
    spellings: dict[str, list[str]] = {}
    for group in alike.values():
        name = max(group, key=counts.__getitem__).strip()
        names |= dict.fromkeys(group, name)
        if len(group) > 1:
            spellings[name] = group
    return names, spellings
