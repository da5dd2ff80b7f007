"""A folder for each class, as many small collections are shared; also below a folder per split.

Such a collection names no patients. DICOM files do, in their headers; every other image counts as
a patient of its own, and is flagged. Numbers in file names are no help: they often start anew in
each folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Literal

from radtex.corpus import normalise
from radtex.corpus.headers import header_fields, read_headers
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.splits import Split
from radtex.errors import CorpusError
from radtex.images.header import Header

_DICOM = {".dcm", ".dicom"}
_SUFFIXES = {".png", ".jpg", ".jpeg", *_DICOM}
_ALONE = "patient not stated, the image counts as one of its own"


@dataclass(frozen=True)
class Folder(FileSource):
    """ROOT/CLASS/…/image or ROOT/SPLIT/CLASS/…/image; each class is a label, 1 in its folder.

    The first level is that of splits if every folder in it has the name of one ("train", "val").
    Hidden files, and what macOS adds to a zip, are left out.
    """

    name = "folder"
    namespace = "folder"
    expects = "a folder per class (or per split, then per class) of PNG, JPEG or DICOM files"
    origin = "your own, or a collection shared in this form"

    def listing(self, encoding: str) -> Listing:
        """List the image files; there are no tables."""
        paths = [path for path in self.visible_files() if path.suffix.lower() in _SUFFIXES]
        level, classes = self._classes(paths)
        dicom = [path for path in paths if path.suffix.lower() in _DICOM]
        headers = dict(zip(dicom, read_headers([self.root / path for path in dicom]), strict=True))
        entries = []
        for path in paths:
            labels = {name: int(name == path.parts[level]) for name in classes}
            split = normalise.split(path.parts[0]) if level else ""
            entries.append(_entry(path.as_posix(), headers.get(path), labels, split))
        settings: dict[str, Any] = {"root": str(self.root), "classes": classes}
        if len(dicom) < len(paths):
            settings["warning"] = (
                "the folders name no patients: each image counts as one of its own, so one person "
                "may stand in several splits"
            )
        return Listing(entries, settings)

    def _classes(self, paths: Sequence[PurePath]) -> tuple[int, list[str]]:
        """Return at which part of a path its class stands, and all classes."""
        firsts = {path.parts[0] for path in paths}
        splits = {name for name in firsts if normalise.split(name)}
        level = int(splits == firsts)
        classes = sorted({path.parts[level] for path in paths if len(path.parts) > level + 1})
        misplaced = [path for path in paths if len(path.parts) < level + 2]
        if misplaced or len(classes) < 2 or (splits and not level):
            raise CorpusError(
                f"{self.root} holds {', '.join(sorted(firsts)[:5]) or 'no image'}; expected a "
                "folder for each of two classes or more, or such folders in train, val and test"
            )
        return level, classes


def _entry(
    name: str, header: Header | str | None, labels: dict[str, int], split: Split | Literal[""]
) -> Record | Rejection:
    if isinstance(header, str):
        return Rejection(name, header)
    if header is None:
        return Record(
            image_id=name,
            study_id=name,
            patient_id=name,
            source_path=name,
            labels=labels,
            split=split,
            flags=(_ALONE,),
        )
    if normalise.is_unknown(header.patient_id):
        return Rejection(name, "patient id is empty")
    return Record(
        image_id=name,
        study_id=header.study_uid or name,
        patient_id=header.patient_id,
        source_path=name,
        labels=labels,
        split=split,
        **header_fields(header),
    )
