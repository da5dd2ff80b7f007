"""Which views Open-i's images show, as far as headers and published tables tell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from radtex.corpus.headers import header_flags, header_view, read_headers
from radtex.corpus.record import View
from radtex.corpus.tables import read_table
from radtex.images.header import Header

_HEADERS = ("nlmcxr_dicom_metadata.csv.gz", "nlmcxr_dicom_metadata.csv")
_HEADER_COLUMNS = ("imageid", "View Position", "Patient Orientation", "Body Part Examined")
_PROJECTIONS = "indiana_projections.csv"


def image_key(name: str) -> str:
    """Return what the names of one image share: "1_IM-0001-3001" of "CXR1_1_IM-0001-3001.png"."""
    return re.sub(r"^(?:CXR)?(\d+)_(?:\1_)?(?=IM-)", r"\1_", name.split(".")[0])


@dataclass(frozen=True)
class OpenIViews:
    """What is known of views, by `image_key`."""

    headers: Mapping[str, Header]
    """From the DICOM files, or from a table of their headers."""
    projections: Mapping[str, str]
    """Frontal or Lateral, from a table."""

    @classmethod
    def read(cls, root: Path, dicom: Mapping[str, Path], encoding: str) -> Self:
        """Read the headers of the DICOM files, and the tables of views.

        Without DICOM files, `nlmcxr_dicom_metadata.csv.gz`, which torchxrayvision ships, stands
        in for them. `indiana_projections.csv` belongs to the Kaggle copy of the archive.

        Args:
            root: where the tables lie.
            dicom: the DICOM file of each image.
            encoding: of the text in the tables.

        Raises:
            CorpusError: if a table has another layout.
        """
        projections = {}
        if (root / _PROJECTIONS).is_file():
            table = read_table(root / _PROJECTIONS, encoding)
            table.require(("filename", "projection"))
            projections = {image_key(row["filename"]): row["projection"] for row in table.rows}
        headers = dict(zip(dicom, read_headers(list(dicom.values())), strict=True))
        known = {key: header for key, header in headers.items() if isinstance(header, Header)}
        listed = next((root / name for name in _HEADERS if (root / name).is_file()), None)
        if not dicom and listed:
            table = read_table(listed, encoding)
            table.require(_HEADER_COLUMNS)
            known = {image_key(row["imageid"]): _header(row) for row in table.rows}
        return cls(known, projections)

    def view(self, key: str) -> tuple[View, tuple[str, ...]]:
        """Return the view of an image, and its flags.

        A projection overrules the header on frontal and lateral; the header tells PA and AP.

        Args:
            key: the image's `image_key`.
        """
        header, projection = self.headers.get(key), self.projections.get(key, "").strip()
        view = header_view(header) if header else ""
        flags = header_flags(header) if header else ("view not stated",)
        if not projection:
            return view, flags
        if projection == "Lateral":
            view = "LATERAL"
        elif view not in ("PA", "AP"):
            view = ""
        return view, tuple(flag for flag in flags if not flag.startswith("view"))


def _header(row: Mapping[str, str]) -> Header:
    return Header(
        view_position=row["View Position"],
        patient_orientation="\\".join(re.findall("[A-Z]+", row["Patient Orientation"])),
        body_part=row["Body Part Examined"],
    )
