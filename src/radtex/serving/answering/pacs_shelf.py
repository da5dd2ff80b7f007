"""The films of a PACS, to choose from: studies are searched, films retrieved, nothing is kept."""

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from radtex.corpus.record import Record, Rejection
from radtex.corpus.sources.dicom_folder import RADIOGRAPHY
from radtex.corpus.sources.dicomweb.dicomweb import DICOMweb
from radtex.errors import PacsAnswerError, PacsError
from radtex.pacs import Pacs
from radtex.pacs.pacs import Attributes, text_of
from radtex.serving.problems import ProblemError

if TYPE_CHECKING:
    from pydicom import Dataset

_log = logging.getLogger(__name__)

Found = TypeVar("Found")
MOST = 100
"""Studies that are shown of a search."""
_SECONDS = 60.0
"""That a page waits for a PACS."""
_THREADS = 4
_DATE, _UID, _PATIENT, _ACCESSION = "00080020", "0020000D", "00100020", "00080050"
_MODALITIES, _DESCRIPTION, _INSTANCES = "00080061", "00081030", "00201208"
_NOT_TOLD = (
    "The PACS did not answer with what was asked for. It may not hold this film any more; please "
    "search again."
)
_NOT_THERE = "The PACS does not hold this film, or does not any more; please search again."
_NOT_KEPT = (
    "The PACS did not keep the results. Whoever runs the server finds the reason in its log. What "
    "was kept of them is not stored twice by trying again."
)
_DAY = re.compile(r"\d{8}")


@dataclass(frozen=True)
class Search:
    """What a study is to match."""

    patient: str = ""
    """Its patient's id, in which * stands for any letters; "" for any."""
    accession: str = ""
    """Its number in the hospital; "" for any."""
    first: date | None = None
    """The earliest day."""
    last: date | None = None
    """The latest day."""
    modality: str = ""
    """CR, DX or DR; "" for any of them."""

    def queries(self) -> list[dict[str, str]]:
        """What to ask a PACS for: one query for each modality, since QIDO knows no "or"."""
        days = [f"{day:%Y%m%d}" if day else "" for day in (self.first, self.last)]
        asked = {
            "PatientID": self.patient.strip(),
            "AccessionNumber": self.accession.strip(),
            "StudyDate": "-".join(days) if any(days) else "",
        }
        stated = {name: value for name, value in asked.items() if value}
        modalities = [self.modality] if self.modality else RADIOGRAPHY
        return [stated | {"ModalitiesInStudy": each} for each in modalities]


@dataclass(frozen=True)
class PacsStudy:
    """What a PACS tells of a study."""

    uid: str
    """Of the study."""
    patient: str
    """The patient's id."""
    accession: str
    """The hospital's number of it."""
    day: str
    """ISO 8601; "" where it is not told."""
    description: str
    """What was done."""
    modalities: tuple[str, ...]
    """Of its series."""
    images: int | None
    """Instances, reports among them; None where it is not told."""


class PacsShelf:
    """A DICOMweb service that was named when the server was started."""

    def __init__(self, url: str) -> None:
        """Ask nothing yet.

        Raises:
            PacsError: if the address or the credentials cannot be used.
            RadtexError: if dicomweb-client is not installed.
        """
        self._pacs, self._source = Pacs(url), DICOMweb(url)
        # Its own threads: a PACS that hangs holds up nobody who asks it nothing.
        self._threads = ThreadPoolExecutor(_THREADS, "pacs")

    def close(self) -> None:
        """Ask nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def studies(self, search: Search) -> tuple[list[PacsStudy], bool]:
        """Return studies, the newest first, and whether there are more than are told.

        Raises:
            ProblemError: if the PACS cannot be asked.
        """
        return await self._ask(lambda: self._studies(search))

    async def films(self, study: str) -> list[Record]:
        """Return the chest radiographs of a study, by its UID.

        Raises:
            ProblemError: if the PACS cannot be asked.
        """
        entries: Sequence[Record | Rejection] = await self._ask(
            lambda: self._source.of_study(study)
        )
        return [each for each in entries if isinstance(each, Record)]

    async def file(self, place: str) -> bytes:
        """Return a film's DICOM file.

        Args:
            place: "studies/UID/series/UID/instances/UID".

        Raises:
            ProblemError: if the PACS has none there, or cannot be asked.
        """
        return await self._ask(lambda: self._instance(place))

    async def store(self, results: "Sequence[Dataset]") -> None:
        """Store what was said of a film; what is there already stays.

        Raises:
            ProblemError: if the PACS does not keep all, or cannot be asked.
        """
        await self._ask(lambda: self._pacs.store(results), _NOT_KEPT)

    def _instance(self, place: str) -> bytes:
        try:
            return self._pacs.instance(place)
        except PacsAnswerError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            raise ProblemError(404, "not-in-pacs", _NOT_THERE) from None

    def _studies(self, search: Search) -> tuple[list[PacsStudy], bool]:
        found: dict[str, PacsStudy] = {}
        more = False
        for query in search.queries():
            told = self._pacs.some_studies(query, MOST + 1)
            more = more or len(told) > MOST
            found |= {(study := _study(each)).uid: study for each in told}
        newest = sorted(found.values(), key=lambda each: (each.day, each.uid), reverse=True)
        return newest[:MOST], more or len(newest) > MOST

    async def _ask(self, ask: Callable[[], Found], otherwise: str = _NOT_TOLD) -> Found:
        asked = asyncio.get_running_loop().run_in_executor(self._threads, ask)
        try:
            return await asyncio.wait_for(asked, _SECONDS)
        except PacsAnswerError as error:
            _log.warning("the PACS: %s", error)
            raise ProblemError(502, "pacs-answer", otherwise) from None
        except PacsError as error:
            _log.error("the PACS: %s", error)
            raise ProblemError(
                502,
                "pacs-away",
                "The PACS cannot be reached, or does not let this server in. Please try again; "
                "whoever runs the server finds the reason in its log.",
            ) from None
        except TimeoutError:
            raise ProblemError(
                504,
                "pacs-slow",
                f"The PACS did not answer within {_SECONDS:.0f} seconds. Please try again, or "
                "search for fewer films.",
            ) from None


def _study(told: Attributes) -> PacsStudy:
    day, images = text_of(told, _DATE), text_of(told, _INSTANCES)
    modalities = told.get(_MODALITIES)
    names = modalities.get("Value") if isinstance(modalities, dict) else None
    return PacsStudy(
        text_of(told, _UID),
        text_of(told, _PATIENT),
        text_of(told, _ACCESSION),
        f"{day[:4]}-{day[4:6]}-{day[6:]}" if _DAY.fullmatch(day) else "",
        text_of(told, _DESCRIPTION),
        tuple(map(str, names)) if isinstance(names, list) else (),
        int(images) if images.isdecimal() else None,
    )
