"""Films of a PACS for a classifier, and its reports back to where they came from."""

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from radtex.classifiers.structured_report import report_source
from radtex.corpus.record import Record
from radtex.corpus.sources.dicomweb.dicomweb import DICOMweb
from radtex.errors import CorpusError, ImageError, PacsError
from radtex.images import Preprocessing
from radtex.images.films import Belonging, Film, Films, read_ahead
from radtex.pacs import Pacs

if TYPE_CHECKING:
    from pydicom import Dataset

_OTHER_VIEWS = ("LATERAL", "OTHER")
_log = logging.getLogger(__name__)


class PacsFilms:
    """The frontal chest radiographs of a PACS that a query chooses."""

    def __init__(self, url: str, query: Sequence[str]) -> None:
        """Prepare to ask; arguments as of the source `DICOMweb`.

        Raises:
            PacsError: if the address, the query or the credentials cannot be used.
        """
        self._source = DICOMweb(url, query)
        self._pacs = Pacs(url)
        self._headers: dict[str, Dataset | None] = {}

    def read(self, preprocessing: Preprocessing) -> Films:
        """Find the films; they are retrieved as they are needed, and not kept.

        Raises:
            ImageError: if there is none.
            PacsError: if the PACS cannot be asked; also while the films are read.
        """
        try:
            entries = self._source.listing("utf-8").entries
        except CorpusError as error:
            raise ImageError(str(error)) from None
        records = [each for each in entries if isinstance(each, Record)]
        frontal = [each for each in records if each.view not in _OTHER_VIEWS]
        if len(frontal) < len(entries):
            _log.info(
                "%d of %d series and instances that were found are no frontal chest radiographs",
                len(entries) - len(frontal),
                len(entries),
            )
        if not frontal:
            raise ImageError(
                f"{self._pacs.url} has no frontal chest radiograph that the query finds; ask for "
                "others by --query"
            )
        return read_ahead(frontal, partial(self._read, preprocessing=preprocessing))

    def source_of(self, name: str) -> "Dataset | None":
        """Return what a report needs of the header of a film that was read."""
        return self._headers.get(name)

    def store(self, reports: "Iterable[Dataset]") -> None:
        """Store reports, one after another.

        Raises:
            PacsError: if one is not kept; the message says how many were.
        """
        stored = 0
        for report in reports:
            try:
                self._pacs.store([report])
            except PacsError as error:
                raise PacsError(f"{error} ({stored} reports were stored before)") from None
            stored += 1
        _log.info("%d reports stored in %s", stored, self._pacs.url)

    def _read(self, record: Record, preprocessing: Preprocessing) -> Film:
        name = record.source_path
        belongs_to = Belonging(record.study_id, record.patient_id, record.accession)
        try:
            data = self._source.file(record)
            self._headers[name] = report_source(BytesIO(data), "the image")
            return Film(name, preprocessing.apply(data), belongs_to=belongs_to)
        except ImageError as error:
            return Film(name, None, str(error), belongs_to=belongs_to)
