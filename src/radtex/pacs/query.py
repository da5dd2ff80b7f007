"""What to ask a PACS for: ATTRIBUTE=VALUE entries, each of a study or of a series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from radtex.errors import PacsError

STUDY = (
    *("StudyDate", "StudyTime", "AccessionNumber", "ModalitiesInStudy", "StudyInstanceUID"),
    *("StudyID", "StudyDescription", "ReferringPhysicianName", "InstitutionName"),
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex"),
)
"""Attributes that choose studies."""
SERIES = (
    *("Modality", "SeriesInstanceUID", "SeriesDescription", "BodyPartExamined", "ProtocolName"),
    *("Manufacturer", "StationName"),
)
"""Attributes that choose series of a study."""


@dataclass(frozen=True)
class Query:
    """Which studies, and which of their series."""

    of_studies: Mapping[str, str] = field(default_factory=dict)
    """Value by attribute of `STUDY`."""
    of_series: Mapping[str, str] = field(default_factory=dict)
    """Value by attribute of `SERIES`."""

    @classmethod
    def read(cls, entries: Sequence[str]) -> "Query":
        """Read ATTRIBUTE=VALUE entries, such as Modality=DX or StudyDate=20240101-20241231.

        Raises:
            PacsError: if an entry is no such pair, or names an attribute that is not asked for
                here, or one twice.
        """
        found: dict[str, str] = {}
        for entry in entries:
            name, sign, value = (part.strip() for part in entry.partition("="))
            if name not in (*STUDY, *SERIES):
                raise PacsError(
                    f"--query {name or entry} is no attribute to ask for; expected ATTRIBUTE=VALUE "
                    f"with one of {', '.join((*STUDY, *SERIES))}"
                )
            if not sign or not value or not value.isprintable():
                raise PacsError(f"--query {name} has no value; expected {name}=VALUE")
            if name in found:
                raise PacsError(f"--query names {name} twice; ask for one value, or in two builds")
            found[name] = value
        return cls(
            {name: value for name, value in found.items() if name in STUDY},
            {name: value for name, value in found.items() if name in SERIES},
        )
