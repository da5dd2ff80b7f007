"""HTTP with a server that may be slow, wrong or hostile: every answer is bounded, every wait ends.

It stands in for the session of `requests` within dicomweb-client, whose own waits for ever on a
server that sends a byte a minute, follows any redirect and reads a body of any length.
"""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from radtex.errors import PacsAnswerError, PacsError
from radtex.images.dicom_dataset import MAX_BYTES
from radtex.pacs.address import LOGIN, TOKEN

MAX_JSON = 2**26
"""Bytes that an answer in JSON may have."""
PAUSES = (1.0, 2.0, 4.0)
"""Seconds before each new attempt at what may pass."""
DEADLINE = 300.0
"""Seconds that one answer may take, however busily it comes."""
_CONNECT, _READ = 10.0, 60.0
"""Seconds until a connection stands, and between two blocks."""
_PASSING = {408, 429, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 3
_LONGEST_PAUSE = 30.0
_BLOCK = 1 << 18


@dataclass
class Answer:
    """What a server answered, read to its end; as much of `requests.Response` as is used."""

    status_code: int
    """Below 300, or 409 with its body."""
    headers: Mapping[str, str]
    """Names in any case."""
    content: bytes
    """The body."""
    encoding: str = "utf-8"
    """Of the text in it."""

    @property
    def ok(self) -> bool:
        """Whether all went well; else the body tells what did not."""
        return self.status_code < 400

    def json(self) -> Any:
        """Return the body, read as JSON.

        Raises:
            PacsAnswerError: if it is none.
        """
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise PacsAnswerError("the PACS answers with what is no JSON") from None

    def raise_for_status(self) -> None:
        """Do nothing: a bad status was raised before."""


class _PassingError(Exception):
    """What may be gone a moment later."""

    def __init__(self, words: str, pause: float = 0.0) -> None:
        super().__init__(words)
        self.pause = pause


class BoundedSession:
    """Requests to one server, with its credentials, each bounded in time and bytes."""

    def __init__(self, url: str, authorization: str | None) -> None:
        """Prepare requests; nothing is sent yet.

        Args:
            url: the service's address, which messages show.
            authorization: the header of that name, or None.
        """
        import requests

        self._url = url
        self._session = requests.Session()
        self._errors = requests.exceptions

        def sign(request: Any) -> Any:  # also keeps requests from reading ~/.netrc
            if authorization is not None:
                request.headers["Authorization"] = authorization
            return request

        self._session.auth = sign
        self.headers: dict[str, str] = {}

    def get(self, url: str, headers: Mapping[str, str], **_: Any) -> Answer:
        """Ask for something, again where the failure may pass.

        Raises:
            PacsError: if the server cannot be reached or refuses the credentials.
            PacsAnswerError: if it answers, and not with what was asked for.
        """
        return self._again_and_again("GET", _readable(url), headers, None)

    def post(self, url: str, data: Any, headers: Mapping[str, str], **_: Any) -> Answer:
        """Send something; errors as of `get`. A repeated report has the same UID, so does no harm.

        Args:
            url: where to.
            data: bytes, or blocks of them.
            headers: of the request.
        """
        headers = {"Accept": "application/dicom+json", **headers}
        whole = data if isinstance(data, bytes) else b"".join(data)
        return self._again_and_again("POST", url, headers, whole)

    def _again_and_again(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> Answer:
        for pause in (*PAUSES, None):
            try:
                return self._once(method, url, headers, data)
            except _PassingError as error:
                if pause is None:
                    raise PacsError(f"{self._url} {error}; repeat the command later") from None
                time.sleep(max(pause, error.pause))
        raise AssertionError

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> Answer:
        # dicomweb-client sets Host without the port.
        sent = {name: value for name, value in headers.items() if name not in _OF_THE_CONNECTION}
        ends = time.monotonic() + DEADLINE
        try:
            for _ in range(_MOST_REDIRECTS + 1):
                response = self._session.request(
                    method,
                    url,
                    headers=sent,
                    data=data,
                    stream=True,
                    allow_redirects=False,
                    timeout=(_CONNECT, _READ),
                )
                with response:
                    if response.status_code not in _REDIRECTS:
                        return self._read(response, sent, ends)
                    url = self._led_to(url, response.headers.get("Location", ""), method)
        except self._errors.SSLError:
            raise PacsError(
                f"{self._url} cannot be trusted: its certificate is not of an authority known here;"
                " name the file of your own by REQUESTS_CA_BUNDLE"
            ) from None
        except self._errors.Timeout:
            raise _PassingError("does not answer in time") from None
        except self._errors.ConnectionError:
            raise _PassingError("cannot be reached, or breaks the connection off") from None
        except self._errors.ChunkedEncodingError:
            raise _PassingError("breaks off in the middle of an answer") from None
        except (self._errors.RequestException, ValueError, OSError):
            raise PacsAnswerError("the PACS answers with what is no HTTP") from None
        raise PacsAnswerError("the PACS redirects in a circle")

    def _led_to(self, url: str, location: str, method: str) -> str:
        try:
            target = urljoin(url, location)
            same = location and urlsplit(target)[:2] == urlsplit(url)[:2]
        except ValueError:
            same = False
        if not same:
            raise PacsError(
                f"{self._url} redirects to elsewhere, which is not followed; name the address that "
                "answers itself"
            )
        if method != "GET":
            raise PacsError(f"{self._url} redirects what is stored; name the address that it means")
        return target

    def _read(self, response: Any, sent: Mapping[str, str], ends: float) -> Answer:
        status = response.status_code
        if status in (401, 403):
            raise PacsError(
                f"{self._url} refuses access ({status}); set {TOKEN} or {LOGIN}=user:password in "
                "the environment"
            )
        if status in _PASSING:
            raise _PassingError(f"answers {status}", _pause(response.headers.get("Retry-After")))
        if status >= 300 and status != 409:
            refused = PacsAnswerError(f"the PACS answers {status}")
            refused.status = status
            raise refused
        limit = MAX_JSON if "json" in sent.get("Accept", "") else MAX_BYTES
        kind = response.headers.get("Content-Type", "")
        if "json" in kind:  # dicomweb-client knows it without parameters only
            response.headers["Content-Type"] = kind.partition(";")[0].strip().lower()
        body = _bounded(response.iter_content(_BLOCK), limit, ends)
        return Answer(status, response.headers, body)


_OF_THE_CONNECTION = ("Host", "Transfer-Encoding", "Connection")


def _bounded(blocks: Iterable[bytes], limit: int, ends: float) -> bytes:
    found = bytearray()
    for block in blocks:
        found += block
        if len(found) > limit:
            raise PacsAnswerError(f"the PACS answers with more than {limit:,} bytes")
        if time.monotonic() > ends:
            raise PacsAnswerError(f"the PACS takes more than {DEADLINE:.0f} s for one answer")
    return bytes(found)


def _readable(url: str) -> str:
    """Leave in a query what needs no escape: some servers compare `THORAX%2A` as it stands."""
    place, sign, query = url.partition("?")
    return place + sign + urlencode(parse_qsl(query), quote_via=quote, safe="*?,:/")


def _pause(header: str | None) -> float:
    return min(float(header), _LONGEST_PAUSE) if header and header.isdecimal() else 0.0
