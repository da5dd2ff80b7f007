"""The radiographs of a PACS, read instance by instance; nothing of it is kept but the corpus.

A study's series are listed first, with all that the server tells of each instance but its pixels.
An instance is then retrieved when it is decoded, so that no more than one is held by a process.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from typing import Any

from radtex.corpus.headers import NO_IMAGE
from radtex.corpus.record import Decoded, Listing, Record, Rejection, Source
from radtex.corpus.report_texts import report_texts
from radtex.corpus.sources.dicom_folder import RADIOGRAPHY, radiograph
from radtex.corpus.sources.dicomweb.report_documents import report_of
from radtex.errors import CorpusError, ImageError, PacsAnswerError
from radtex.images import Preprocessing
from radtex.images.dicom_dataset import careful_reading
from radtex.images.header import HEADER_KEYWORDS, Header, header_of
from radtex.pacs import Pacs, Query
from radtex.pacs.address import authorization
from radtex.pacs.pacs import Attributes, text_of
from radtex.progress import progress_bar

UNTOLD = "the PACS does not tell what the series holds"
UNREAD_REPORT = "report in the PACS could not be read"
_MODALITY, _SERIES, _SOP = "00080060", "0020000E", "00080018"
_LISTERS = 4
"""Studies that are listed at a time."""


@dataclass(frozen=True)
class DICOMweb(Source):
    """A DICOMweb service, and which of its studies."""

    url: str
    """The service's address, without credentials."""
    query: Sequence[str] = ()
    """ATTRIBUTE=VALUE entries, see `pacs.Query`; without any, all studies with radiographs."""

    name = "dicomweb"
    namespace = "dicom"
    expects = (
        "nothing; the address of a DICOMweb service (QIDO-RS, WADO-RS), credentials in the "
        "environment as RADTEX_PACS_TOKEN or RADTEX_PACS_LOGIN=user:password"
    )
    origin = "your own"

    def listing(self, encoding: str) -> Listing:
        """List what the service tells of each instance; there are no tables."""
        studies = self._studies()
        if not studies:
            raise CorpusError(
                f"{self._pacs.url} finds no study; ask for others by --query, such as Modality=DX "
                "or StudyDate=20240101-20241231"
            )
        entries: list[Record | Rejection] = []
        with (
            ThreadPoolExecutor(_LISTERS) as listers,
            progress_bar("listing studies", len(studies), "studies") as bar,
        ):
            try:
                for found in listers.map(self.of_study, studies):
                    entries += found
                    bar.advance(1)
            finally:
                listers.shutdown(wait=False, cancel_futures=True)
        records = [each for each in entries if isinstance(each, Record)]
        settings: dict[str, Any] = {
            "root": self._pacs.url,
            "query": list(self.query),
            "patients": len({each.patient_id for each in records if each.patient_id}),
            "studies": len({each.study_id for each in records}),
            "studies_with_report": len({each.study_id for each in records if each.texts.report}),
        }
        # A server may find studies in any order; a corpus is the same each time.
        return Listing(sorted(entries, key=_place), settings)

    def pixels(self, record: Record, preprocessing: Preprocessing) -> Decoded:
        """Retrieve an instance; return its image, and the SHA-256 of its file."""
        data = self.file(record)
        pixels, shape = preprocessing.apply_and_measure(data)
        return Decoded(pixels, sha256(data).hexdigest(), shape)

    def file(self, record: Record) -> bytes:
        """Retrieve the DICOM file of a record.

        Raises:
            ImageError: if the service does not give it.
            PacsError: if the service cannot be reached or refuses access.
        """
        try:
            return self._pacs.instance(record.source_path)
        except PacsAnswerError as error:
            raise ImageError(str(error)) from None

    def state(self, record: Record) -> str:
        """Return where it lies: an instance never changes under its UID."""
        return record.source_path

    def of_study(self, study: str) -> list[Record | Rejection]:
        """Return the rows of a study: an image each, or a series that holds none.

        Args:
            study: its UID.

        Raises:
            PacsError: if the service cannot be reached or refuses access.
        """
        asked, pacs = self._asked.of_series, self._pacs
        try:
            chosen = pacs.series(study, asked)
            others = pacs.series(study, {"Modality": "SR"}) if asked else chosen
        except PacsAnswerError:
            return [Rejection(f"studies/{study}", UNTOLD)]
        entries: list[Record | Rejection] = []
        for each in chosen:
            modality = text_of(each, _MODALITY)
            place = f"studies/{study}/series/{text_of(each, _SERIES)}"
            if modality not in ("", *RADIOGRAPHY):
                told = modality if modality.isalpha() and len(modality) < 5 else "not stated"
                entries.append(Rejection(place, f"modality is {told}", wrong=False))
                continue
            try:
                entries += map(partial(_entry, place), pacs.metadata(study, place.split("/")[-1]))
            except PacsAnswerError:
                entries.append(Rejection(place, UNTOLD))
        if not any(isinstance(each, Record) for each in entries):
            return entries
        try:
            documents = [
                document
                for each in others
                if text_of(each, _MODALITY) == "SR"
                for document in pacs.metadata(study, text_of(each, _SERIES))
            ]
            report, flags = report_of(documents)
        except PacsAnswerError:
            report, flags = "", (UNREAD_REPORT,)
        texts = report_texts(report)
        return [
            replace(each, texts=texts, flags=(*each.flags, *flags))
            if isinstance(each, Record)
            else each
            for each in entries
        ]

    @property
    def _pacs(self) -> Pacs:
        return _opened(self.url, authorization())

    @property
    def _asked(self) -> Query:
        return Query.read(self.query)

    def _studies(self) -> list[str]:
        asked = dict(self._asked.of_studies)
        modality = self._asked.of_series.get("Modality")
        kinds: list[dict[str, str]] = [{}]
        if not asked.keys() & {"ModalitiesInStudy", "StudyInstanceUID"}:
            modalities = [modality] if modality else RADIOGRAPHY
            kinds = [{"ModalitiesInStudy": each} for each in modalities]
        pacs = self._pacs
        return list(dict.fromkeys(uid for kind in kinds for uid in pacs.studies(asked | kind)))


@cache
def _opened(url: str, _authorization: str | None) -> Pacs:
    """Open a service once in each process, for each of its users."""
    return Pacs(url)


def _entry(series: str, told: Attributes) -> Record | Rejection:
    place = f"{series}/instances/{text_of(told, _SOP)}"
    try:
        header = _header(told)
    except ImageError:
        return Rejection(place, UNTOLD)
    if not header.rows or not header.columns:
        return Rejection(place, NO_IMAGE, wrong=False)
    return radiograph(place, header)


def _header(told: Attributes) -> Header:
    from pydicom import Dataset
    from pydicom.datadict import tag_for_keyword

    tags = {f"{tag_for_keyword(keyword):08X}" for keyword in HEADER_KEYWORDS}
    with careful_reading("what the PACS tells"):
        return header_of(Dataset.from_json({tag: told[tag] for tag in tags & told.keys()}))


def _place(entry: Record | Rejection) -> str:
    return entry.row if isinstance(entry, Rejection) else entry.source_path
