"""Films that a modality or a PACS sends by C-STORE: each comes back as a structured report.

Nothing of a film is written to disk. A sender that is not known by its AE title is refused, and so
is one that holds a connection without use, or sends more than a film.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from radtex.errors import ImageError, RadtexError
from radtex.serving.dicom.delivery import Delivery
from radtex.serving.dicom.dicom_settings import DicomSettings

SUCCESS, OUT_OF_RESOURCES, NOT_UNDERSTOOD = 0x0000, 0xA700, 0xC000
"""Answers to a C-STORE (PS3.4, B.2.3)."""
Read = Callable[[bytes], Any]
"""From a DICOM file to its report, a data set, or None for a film that is not read (a lateral)."""
_VERIFICATION = "1.2.840.10008.1.1"
_FILMS = ("1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1")
"""Storage of computed radiographs, and of digital X-rays for presentation."""
_log = logging.getLogger(__name__)


class BusyError(RadtexError):
    """No more films can be taken at this moment."""


@dataclass
class Counts:
    """What became of the films that were sent."""

    reported: int = 0
    """Answered with a report that is on its way."""
    left: int = 0
    """Kept nothing of: no frontal film of a chest."""
    refused: int = 0
    """Not understood, or not taken for want of room."""


class Listener:
    """A C-STORE provider: answers C-ECHO, and reads films of the AE titles that are known."""

    def __init__(self, settings: DicomSettings, read: Read, delivery: Delivery) -> None:
        """Start nothing yet.

        Args:
            settings: where to listen, to whom, and how much they may send.
            read: makes the report; called by several threads.
            delivery: takes the reports.
        """
        self._settings, self._read, self._delivery = settings, read, delivery
        self._server: Any = None
        self.counts = Counts()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        port: int = self._server.server_address[1]
        return port

    @contextmanager
    def running(self) -> Iterator["Listener"]:
        """Listen while the block runs.

        Raises:
            RadtexError: if pynetdicom is missing, or the port is taken.
        """
        entity, handlers = self._entity()
        where = (self._settings.host, self._settings.port)
        try:
            self._server = entity.start_server(where, block=False, evt_handlers=handlers)
        except OSError as error:
            raise RadtexError(
                f"cannot listen for DICOM at {where[0]}, port {where[1]}: {error.strerror}; choose "
                "another --dicom-listen"
            ) from error
        _log.info(
            "listening for films at %s, port %d, as %s; from %s",
            where[0],
            self.port,
            self._settings.own_title,
            ", ".join(self._settings.known_titles),
        )
        try:
            yield self
        finally:
            entity.shutdown()

    def _entity(self) -> tuple[Any, list[Any]]:
        from pynetdicom import AE, evt

        # Its lines quote what was sent.
        logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
        limits = self._settings.limits
        entity = AE(ae_title=self._settings.own_title)
        entity.require_called_aet = True
        entity.require_calling_aet = list(self._settings.known_titles)
        entity.maximum_associations = limits.associations
        entity.maximum_pdu_size = limits.pdu_bytes
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = limits.idle_seconds
        entity.add_supported_context(_VERIFICATION)
        for kind in _FILMS:
            entity.add_supported_context(kind, list(_syntaxes()))
        handlers = [
            (evt.EVT_CONN_OPEN, self._opened),
            (evt.EVT_CONN_CLOSE, self._closed),
            (evt.EVT_REJECTED, self._rejected),
            (evt.EVT_C_STORE, self._stored),
        ]
        return entity, handlers

    def _opened(self, event: Any) -> None:
        connection = event.assoc.dul.socket
        limits = self._settings.limits
        # Those that never ask for an association are not counted by pynetdicom.
        if self._server and len(self._server.active_associations) >= 2 * limits.associations:
            connection.close()
            return
        bounded = BoundedReceiving(connection, limits.film_bytes, limits.film_seconds)
        connection.recv = bounded.receive
        event.assoc.radtex_receiving = bounded

    def _closed(self, event: Any) -> None:
        if not event.assoc.is_established:
            # pynetdicom else holds the place of one that left before it had asked until a timeout.
            event.assoc.dul.to_user_queue.put(None)

    def _rejected(self, event: Any) -> None:
        title = str(event.assoc.requestor.ae_title).strip()
        _log.warning("refused an association of the AE title %r", title)

    def _stored(self, event: Any) -> int:
        event.assoc.radtex_receiving.begin_anew()
        try:
            report = self._read(event.encoded_dataset())
        except BusyError:
            self.counts.refused += 1
            return OUT_OF_RESOURCES
        except ImageError:
            self.counts.refused += 1
            _log.warning("a film was sent that could not be read")
            return NOT_UNDERSTOOD
        except Exception as error:  # the sender is owed an answer, and the log no patient
            self.counts.refused += 1
            _log.error("a film could not be answered (%s)", type(error).__name__)
            return NOT_UNDERSTOOD
        if report is None:
            self.counts.left += 1
            return SUCCESS
        if not self._delivery.put(report):
            self.counts.refused += 1
            return OUT_OF_RESOURCES
        self.counts.reported += 1
        return SUCCESS


class BoundedReceiving:
    """What one connection may send until its next film is answered: so many bytes, so long.

    pynetdicom itself believes the length that a PDU states, up to 4 GiB, and gathers as many PDUs
    as come.
    """

    def __init__(self, connection: Any, most: int, seconds: float) -> None:
        """Begin to count; `connection` is pynetdicom's socket."""
        self._connection, self._most, self._seconds = connection, most, seconds
        self._plain = connection.recv
        self.begin_anew()

    def begin_anew(self) -> None:
        """A film was answered."""
        self._left = self._most
        self._ends: float | None = None

    def receive(self, count: int) -> bytearray:
        """Receive `count` bytes, or fewer where the connection ends.

        Raises:
            OSError: if that is too much, or takes too long.
        """
        now = time.monotonic()
        if self._ends is None:
            self._ends = now + self._seconds
        self._left -= count
        if self._left < 0:
            raise OSError("more bytes than a film has")
        found = bytearray()
        socket = self._connection.socket
        while len(found) < count:
            left = self._ends - time.monotonic()
            if left <= 0:
                raise TimeoutError("slower than a film may come")
            socket.settimeout(left)
            block = socket.recv(min(1 << 16, count - len(found)))
            if not block:
                break
            found += block
        return found


def _syntaxes() -> Iterator[str]:
    from pydicom import uid

    yield from (uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.RLELossless)
    yield from (uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1)
    yield from (uid.JPEGLSLossless, uid.JPEGLSNearLossless, uid.JPEG2000Lossless, uid.JPEG2000)
