"""Any folder of films, such as a hospital's export: DICOM files and pictures in one tree.

Headers tell all of a DICOM file, its name nothing. Only chest radiographs become records. A file
without a patient is left out, because the same person could then stand on both sides of a split. A
table may tell the patient of a DICOM file without PatientID, and all of a picture, which has no
header.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from radtex.corpus import normalise
from radtex.corpus.headers import NO_PATIENT, header_fields, is_chest
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.corpus.trees.contents import OUTSIDE, Contents, in_order, read_contents
from radtex.errors import CorpusError
from radtex.images.header import Header

RADIOGRAPHY = ("CR", "DX", "DR")
"""Modalities that are kept: computed and digital radiography; older devices say DR for DX."""


@dataclass(frozen=True)
class DicomSource(FileSource):
    """The folder; every file below it is looked into, or left out with a reason."""

    name = "dicom"
    namespace = "dicom"
    expects = (
        "DICOM files and pictures (PNG, JPEG, TIFF, BMP, WebP), nested and named in any way; "
        "headers pick chest radiographs, and a table by path tells the patients of pictures"
    )
    origin = "your own"

    def listing(self, encoding: str) -> Listing:
        """List what each file holds; there are no tables.

        A picture's image id is its path; its other ids are blank.
        """
        contents = read_contents(self.root)
        if not contents.images and not contents.rejections:
            raise CorpusError(
                f"{self.root} holds no files; expected a folder of DICOM files or pictures"
            )
        films = [_entry(path, header, contents) for path, header in contents.images.items()]
        settings = {"root": str(self.root), **_settings(films, contents)}
        return Listing(in_order([*films, *contents.rejections]), settings)


def _settings(films: Sequence[Record | Rejection], contents: Contents) -> dict[str, Any]:
    """Return what the user is shown of the folder, with warnings."""
    records = [entry for entry in films if isinstance(entry, Record)]
    dicom = [record for record in records if record.patient_id]
    headers = [header for header in contents.images.values() if header is not None]
    modalities = Counter(_modality(header) for header in headers)
    settings: dict[str, Any] = {
        "dicom_images": len(headers),
        "modalities": ", ".join(f"{name} {count:,}" for name, count in sorted(modalities.items())),
        "pictures": contents.pictures,
        "patients": len({record.patient_id for record in dicom}),
        "studies": len({record.study_id for record in dicom}),
        "studies_with_accession": len({r.study_id for r in dicom if r.accession}),
    }
    warnings = []
    if settings["studies"] > settings["patients"] == 1:
        warnings.append(
            "all studies state the same PatientID, so all fall into one split; if they are of "
            "several patients, export them with a pseudonym for each"
        )
    if outside := sum(OUTSIDE in record.flags for record in records):
        warnings.append(
            f"images read through links that lead out of the folder: {outside:,}; if the folder "
            "is not your own, copy it without its links"
        )
    if warnings:
        settings["warning"] = "; ".join(warnings)
    return settings


def _modality(header: Header) -> str:
    stated = re.fullmatch("[A-Z]{2}", header.modality)
    return header.modality if stated else "not stated"


def _entry(path: PurePath, header: Header | None, contents: Contents) -> Record | Rejection:
    name = path.as_posix()
    if header is None:
        return Record(
            image_id=name,
            study_id="",
            patient_id="",
            source_path=name,
            flags=contents.flags(path),
        )
    return radiograph(name, header, contents.flags(path))


def radiograph(name: str, header: Header, flags: tuple[str, ...] = ()) -> Record | Rejection:
    """Return the record of a DICOM image of the chest, or why it is none.

    Args:
        name: where it lies below the root of its source.
        header: what it says of itself.
        flags: what is odd about where it lies.
    """
    if header.modality not in RADIOGRAPHY:
        return Rejection(name, f"modality is {_modality(header)}", wrong=False)
    if not is_chest(header):
        return Rejection(name, "body part is not the chest", wrong=False)
    stated = header_fields(header)
    stated["flags"] += flags
    patient = header.patient_id
    if normalise.is_unknown(patient):
        patient = ""
        stated["flags"] += (NO_PATIENT,)
    return Record(
        image_id=header.sop_uid or name,
        study_id=header.study_uid or header.accession or name,
        patient_id=patient,
        source_path=name,
        **stated,
        accession=header.accession,
    )
