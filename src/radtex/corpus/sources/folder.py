"""A folder for each class, as many small collections are shared; also with a folder per split.

Such a collection names no patients. DICOM files do, in their headers; every other image counts as
a patient of its own, and is flagged. Numbers in file names are no help: they often start anew in
each folder.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from radtex.corpus import normalise
from radtex.corpus.headers import header_fields
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.sources.class_folders import (
    ClassFolders,
    Place,
    class_folders,
    in_masks,
    why_no_classes,
)
from radtex.corpus.trees.contents import Contents, in_order, read_contents
from radtex.errors import CorpusError
from radtex.images.header import Header

_ALONE = "patient not stated, the image counts as one of its own"
_MOST_PATIENTS = 3
"""Class folders up to which one patient in each is no sign of anything."""


@dataclass(frozen=True)
class Folder(FileSource):
    """ROOT/CLASS/…/image, ROOT/SPLIT/CLASS/… or ROOT/CLASS/SPLIT/…; each class is a label.

    A label is 1 in its class's folder and 0 in all others. Folders below that of the class say
    nothing. Whatever is no image in such a folder is counted with its reason.
    """

    name = "folder"
    namespace = "folder"
    expects = (
        "a folder per class (or per split, then per class, or the other way round) of pictures "
        "(PNG, JPEG, TIFF, BMP, WebP) or DICOM files"
    )
    origin = "your own, or a collection shared in this form"

    def listing(self, encoding: str) -> Listing:
        """List the images; there are no tables."""
        contents = read_contents(self.root)
        masks = {path for path in contents.images if in_masks(path)}
        found = class_folders(contents.images.keys() - masks)
        if found is None or not _mostly_placed(found, contents):
            raise CorpusError(self._other_layout(contents))
        if why := why_no_classes(found.counts) or _why_patients(found.places, contents.images):
            fits = "dicom" if contents.pictures < len(contents.images) else "table"
            raise CorpusError(f"{self.root} is no folder of classes: {why}; {_ADVICE[fits]}")
        if len(found.counts) < 2:
            raise CorpusError(self._other_layout(contents))
        entries: list[Record | Rejection] = []
        for path, header in contents.images.items():
            if place := found.places.get(path):
                labels = {name: int(name == place.label) for name in found.counts}
                entries.append(_entry(path, header, labels, place, contents.flags(path)))
            elif path in masks:
                entries.append(Rejection(path.as_posix(), "in a folder of masks", wrong=False))
            else:
                entries.append(Rejection(path.as_posix(), "image is in no class folder"))
        settings = {"root": str(self.root), **_settings(found, contents)}
        return Listing(in_order([*entries, *contents.rejections]), settings)

    def _other_layout(self, contents: Contents) -> str:
        firsts = sorted({path.parts[0] for path in contents.images})
        message = (
            f"{self.root} holds {', '.join(firsts[:5]) or 'no image'}; expected a folder for each "
            "of two classes or more, or such folders in train, val and test"
        )
        seconds = {path.parts[1] for path in contents.images if len(path.parts) > 2}
        if len(firsts) == 1 and len(seconds) > 1:
            message += f"; if they are one level down, name {self.root / firsts[0]}"
        if not firsts and contents.rejections:
            reasons = Counter(rejection.reason for rejection in contents.rejections)
            reason, rows = reasons.most_common(1)[0]
            message += f"; of {reasons.total():,} files, {rows:,}: {reason}"
        return message


_ADVICE = {
    "dicom": "for the export of a hospital, use the source dicom, which reads headers (or rename "
    "the folders)",
    "table": "use the source table, a CSV file with a row per image: path, patient and labels (or "
    "rename the folders)",
}


def _mostly_placed(found: ClassFolders, contents: Contents) -> bool:
    """Tell whether files outside of class folders are an exception."""
    others = [path for path in contents.images if path not in found.places and not in_masks(path)]
    return len(found.places) > len(others)


def _why_patients(
    places: Mapping[PurePath, Place], images: Mapping[PurePath, Header | None]
) -> str:
    """Return why the folders are those of patients or studies, by the headers in them, or ""."""
    patients: dict[str, set[str]] = defaultdict(set)
    for path, place in places.items():
        if (header := images[path]) and not normalise.is_unknown(header.patient_id):
            patients[place.label].add(header.patient_id)
            if place.label in (header.patient_id, header.study_uid, header.accession):
                return "its folders are named by the patient or the study of their DICOM files"
    single = {min(ids) for ids in patients.values() if len(ids) == 1}
    if len(single) == len(patients) > _MOST_PATIENTS:
        return "each folder holds the DICOM files of one patient"
    return ""


def _settings(found: ClassFolders, contents: Contents) -> dict[str, Any]:
    """Return the classes that were taken, and what the user should look at."""
    counts = found.counts
    classes = [f"{name} ({count:,})" for name, count in counts.items()]
    unit = "image" if next(iter(counts.values())) == 1 else "images"
    settings: dict[str, Any] = {"classes": ", ".join([f"{classes[0][:-1]} {unit})", *classes[1:]])}
    if found.spellings:
        settings["spelt in several ways"] = "; ".join(
            f"{name} is {', '.join(names)}" for name, names in found.spellings.items()
        )
    if inner := found.inner:
        settings["folders in classes, not told apart"] = _some(inner)
    used = {parent for path in found.places for parent in path.parents}
    empty = [path.as_posix() for path in contents.tree.folders if path not in used]
    if empty:
        settings["folders without images"] = _some(empty)
    splits = {place.split for place in found.places.values()}
    partly = [
        name
        for name in counts
        if {place.split for place in found.places.values() if place.label == name} != splits
    ]
    if partly:
        settings["classes that some splits lack"] = ", ".join(partly)
    if contents.pictures:
        settings["warning"] = (
            "the folders name no patients: each image counts as one of its own, so one person "
            "may stand in several splits"
        )
    return settings


def _some(folders: Sequence[str]) -> str:
    return ", ".join(folders[:5]) + (", …" if folders[5:] else "")


def _entry(
    path: PurePath,
    header: Header | None,
    labels: dict[str, int],
    place: Place,
    flags: tuple[str, ...],
) -> Record | Rejection:
    name = path.as_posix()
    if header is None:
        return Record(
            image_id=name,
            study_id=name,
            patient_id=name,
            source_path=name,
            labels=labels,
            split=place.split,
            flags=(_ALONE, *flags),
        )
    if normalise.is_unknown(header.patient_id):
        return Rejection(name, "patient id is empty")
    stated = header_fields(header)
    stated["flags"] += flags
    return Record(
        image_id=name,
        study_id=header.study_uid or name,
        patient_id=header.patient_id,
        source_path=name,
        labels=labels,
        split=place.split,
        **stated,
    )
