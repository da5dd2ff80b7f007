"""A PACS over DICOMweb: studies are searched, instances retrieved, results stored."""

import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from radtex.errors import PacsAnswerError, PacsError, RadtexError
from radtex.pacs.address import authorization, checked_address, is_open_to_listeners
from radtex.pacs.bounded_session import BoundedSession
from radtex.pacs.multipart import DICOM, MULTIPART, only_part

if TYPE_CHECKING:
    from pydicom import Dataset

Attributes = Mapping[str, Any]
"""A data set in DICOM's JSON: by tag, in eight hex digits."""

_PAGE = 500
_MOST = 1_000_000
"""Matches of one search; a server that goes on is not believed."""
_OF_STUDIES = ("StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedInstances")
_ACCEPT = f'{MULTIPART}; type="{DICOM}"; transfer-syntax=*'
_UID = "[0-9][0-9.]{0,63}"  # no dot first: ".." would name what lies above
_PLACE = re.compile(f"studies/{_UID}/series/{_UID}/instances/{_UID}")
_log = logging.getLogger(__name__)


def refuse_without_client() -> None:
    """Refuse to begin where the package that speaks DICOMweb is missing.

    Raises:
        RadtexError: if it is.
    """
    try:
        import dicomweb_client  # noqa: F401
    except ImportError as error:
        raise RadtexError("a PACS needs dicomweb-client: pip install 'radtex[pacs]'") from error


class Pacs:
    """One DICOMweb service. Threads may share it."""

    def __init__(self, url: str) -> None:
        """Prepare to speak with a service; nothing is sent yet.

        Args:
            url: its address, such as https://pacs.example/dicom-web; credentials come from the
                environment (see `address`).

        Raises:
            PacsError: if the address or the credentials cannot be used.
            RadtexError: if dicomweb-client is not installed.
        """
        refuse_without_client()
        self.url = checked_address(url)
        self._authorization = authorization()
        self._own = threading.local()
        if self._authorization is not None and is_open_to_listeners(self.url):
            _log.warning(
                "credentials and films go to %s without encryption; use https if the PACS has it",
                self.url,
            )
        # Its lines show UIDs.
        logging.getLogger("dicomweb_client").setLevel(logging.CRITICAL)

    def studies(self, asked: Mapping[str, str]) -> Iterator[str]:
        """Yield the UID of each study that matches, in the server's order, each once.

        Args:
            asked: value by keyword.

        Raises:
            PacsError: if the server cannot be reached or refuses access.
            PacsAnswerError: if it answers with what is no list of studies.
        """
        for each in self._pages(
            "0020000D",
            lambda offset: self._client.search_for_studies(
                limit=_PAGE, offset=offset, search_filters=dict(asked)
            ),
        ):
            yield text_of(each, "0020000D")

    def some_studies(self, asked: Mapping[str, str], most: int) -> list[Attributes]:
        """Return what a server tells of studies that match, `most` of them at the most.

        Args:
            asked: value by keyword.
            most: studies; a server may tell of fewer.

        Raises:
            PacsError: as of `studies`.
        """
        found = _data_sets(
            _translated(
                lambda: self._client.search_for_studies(
                    limit=most, fields=_OF_STUDIES, search_filters=dict(asked)
                )
            )
        )
        if not all(text_of(each, "0020000D") for each in found):
            raise PacsAnswerError(f"{self.url} answers a search without UIDs")
        return found[:most]

    def series(self, study: str, asked: Mapping[str, str]) -> list[Attributes]:
        """Return UID and Modality, and what else the server tells, of series of a study.

        Args:
            study: its UID.
            asked: value by keyword; without any, all series match.

        Raises:
            PacsError: as of `studies`.
        """
        return list(
            self._pages(
                "0020000E",
                lambda offset: self._client.search_for_series(
                    study, limit=_PAGE, offset=offset, search_filters=dict(asked)
                ),
            )
        )

    def metadata(self, study: str, series: str) -> list[Attributes]:
        """Return all that the server tells of each instance of a series, without its pixels.

        Raises:
            PacsError: as of `studies`.
        """
        return _data_sets(_translated(lambda: self._client.retrieve_series_metadata(study, series)))

    def instance(self, place: str) -> bytes:
        """Return a DICOM file, just as the server holds it.

        Args:
            place: "studies/UID/series/UID/instances/UID".

        Raises:
            PacsError: if the server cannot be reached or refuses access.
            PacsAnswerError: if it has no such instance, or answers with something else.
        """
        if not _PLACE.fullmatch(place):
            raise PacsAnswerError("the PACS names an instance by what is no UID")
        answer = self._session.get(f"{self.url}/{place}", {"Accept": _ACCEPT})
        return only_part(answer.headers.get("Content-Type", ""), answer.content)

    def store(self, data_sets: "Sequence[Dataset]") -> None:
        """Store data sets, such as reports; one that is there already stays.

        Raises:
            PacsError: if the server cannot be reached, refuses access or does not keep them all.
        """
        for each in data_sets:
            each.preamble = bytes(128)  # without one dicomweb-client sends no DICOM files
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = _translated(lambda: self._client.store_instances(data_sets))
        failed = found.get("FailedSOPSequence") or []
        if failed:
            raise PacsAnswerError(
                f"{self.url} did not keep {len(failed)} of {len(data_sets)} results; its log says "
                "why"
            )

    @property
    def _session(self) -> BoundedSession:
        if not hasattr(self._own, "session"):
            self._own.session = BoundedSession(self.url, self._authorization)
        session: BoundedSession = self._own.session
        return session

    @property
    def _client(self) -> Any:
        if not hasattr(self._own, "client"):
            from dicomweb_client import DICOMwebClient

            session: Any = self._session
            self._own.client = DICOMwebClient(self.url, session=session)
            self._own.client.set_http_retry_params(retry=False)  # the session's own are bounded
        return self._own.client

    def _pages(self, key: str, ask: Callable[[int], Any]) -> Iterator[Attributes]:
        """Ask for page after page, until one brings nothing new."""
        seen: set[str] = set()
        offset = 0
        while True:
            page = _data_sets(_translated(partial(ask, offset)))
            new = {}
            for each in page:
                uid = text_of(each, key)
                if not uid:
                    raise PacsAnswerError(f"{self.url} answers a search without UIDs")
                if uid not in seen:
                    new[uid] = each
            yield from new.values()
            seen |= new.keys()
            offset += len(page)
            if not new:
                return
            if len(seen) > _MOST:
                raise PacsError(
                    f"{self.url} finds more than {_MOST:,}; ask for fewer by --query StudyDate="
                )


def text_of(found: Attributes, tag: str) -> str:
    """Return the first value of an element of DICOM's JSON as text; "" where it has none."""
    element = found.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    value = values[0] if isinstance(values, list) and values else ""
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _data_sets(answer: Any) -> list[Attributes]:
    if not isinstance(answer, list) or not all(isinstance(each, dict) for each in answer):
        raise PacsAnswerError("the PACS answers with what is no list of data sets")
    return answer


def _translated(ask: Callable[[], Any]) -> Any:
    """Call dicomweb-client; what it trips over in an answer is the answer's fault."""
    try:
        return ask()
    except (ValueError, KeyError, TypeError, AttributeError, LookupError, RecursionError):
        raise PacsAnswerError("the PACS answers with what cannot be understood") from None
