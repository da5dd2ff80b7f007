"""Any folder of DICOM files, such as a hospital's export: headers tell all, file names nothing.

Only chest radiographs become records. Files without PatientID are left out, because the same
person could then stand on both sides of a split.
"""

import re
from dataclasses import dataclass
from typing import Any

from radtex.corpus import normalise
from radtex.corpus.headers import NO_DICOM, NO_IMAGE, header_fields, is_chest, read_headers
from radtex.corpus.record import FileSource, Listing, Record, Rejection
from radtex.errors import CorpusError
from radtex.images.header import Header

RADIOGRAPHY = ("CR", "DX", "DR")
"""Modalities that are kept: computed and digital radiography; older devices say DR for DX."""


@dataclass(frozen=True)
class DicomSource(FileSource):
    """The folder; every file below it that is not hidden is looked into, whatever its name."""

    name = "dicom"
    namespace = "dicom"
    expects = "DICOM files, nested and named in any way; chest radiographs are picked by header"
    origin = "your own"

    def listing(self, encoding: str) -> Listing:
        """List what the header of each file says; there are no tables."""
        paths = self.visible_files()
        if not paths:
            raise CorpusError(f"{self.root} holds no files; expected a folder of DICOM files")
        headers = read_headers([self.root / path for path in paths])
        entries = [
            _entry(path.as_posix(), header) for path, header in zip(paths, headers, strict=True)
        ]
        records = [entry for entry in entries if isinstance(entry, Record)]
        settings: dict[str, Any] = {
            "root": str(self.root),
            "patients": len({record.patient_id for record in records}),
            "studies": len({record.study_id for record in records}),
            "studies_with_accession": len({r.study_id for r in records if r.accession}),
        }
        if settings["studies"] > settings["patients"] == 1:
            settings["warning"] = (
                "all studies state the same PatientID, so all fall into one split; if they are of "
                "several patients, export them with a pseudonym for each"
            )
        return Listing(entries, settings)


def _entry(name: str, header: Header | str) -> Record | Rejection:
    if not name.isprintable():
        return Rejection(ascii(name), "file name is no plain text")
    if isinstance(header, str):
        return Rejection(name, header, wrong=header not in (NO_DICOM, NO_IMAGE))
    if header.modality not in RADIOGRAPHY:
        stated = re.fullmatch("[A-Z]{2}", header.modality)
        modality = header.modality if stated else "not stated"
        return Rejection(name, f"modality is {modality}", wrong=False)
    if not is_chest(header):
        return Rejection(name, "body part is not the chest", wrong=False)
    if normalise.is_unknown(header.patient_id):
        return Rejection(name, "patient id is empty")
    return Record(
        image_id=header.sop_uid or name,
        study_id=header.study_uid or header.accession or name,
        patient_id=header.patient_id,
        source_path=name,
        **header_fields(header),
        accession=header.accession,
    )
