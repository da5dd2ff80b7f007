"""Reports on their way to a PACS: a bounded queue, and a thread that does not give up at once."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from radtex.errors import PacsError, RadtexError
from radtex.serving.dicom.dicom_settings import Peer

PAUSES = (1.0, 5.0, 30.0)
"""Seconds before each new attempt."""
_SECONDS = 30.0
_log = logging.getLogger(__name__)

Send = Callable[[Any], None]
"""Delivers a data set, or raises `PacsError`."""


class Delivery:
    """Sends reports in the order in which they were put."""

    def __init__(self, send: Send, waiting: int) -> None:
        """Start nothing yet.

        Args:
            send: delivers one.
            waiting: how many may wait.
        """
        self._send = send
        self._queue: queue.Queue[Any] = queue.Queue(waiting)
        self._ending = threading.Event()
        self.delivered = self.lost = 0

    def put(self, report: Any) -> bool:
        """Take a report, or tell that there is no room for it."""
        try:
            self._queue.put_nowait(report)
        except queue.Full:
            _log.warning("no more reports can wait; is the receiver away?")
            return False
        return True

    @contextmanager
    def running(self) -> Iterator["Delivery"]:
        """Deliver while the block runs; what still waits at its end is tried once more."""
        thread = threading.Thread(target=self._work, name="delivery", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ending.set()
            thread.join()

    def _work(self) -> None:
        while True:
            try:
                report = self._queue.get(timeout=0.1)
            except queue.Empty:
                if self._ending.is_set():
                    return
                continue
            self._deliver(report)

    def _deliver(self, report: Any) -> None:
        for pause in (*PAUSES, None):
            try:
                self._send(report)
                self.delivered += 1
                return
            except PacsError as error:
                if pause is None or self._ending.wait(pause):
                    self.lost += 1
                    _log.error("a report could not be delivered: %s", error)
                    return
            except Exception as error:
                self.lost += 1
                _log.error("a report could not be delivered (%s)", type(error).__name__)
                return


def send_by_dicom(peer: Peer, own_title: str) -> Send:
    """Return what sends a data set by C-STORE.

    Args:
        peer: who takes it.
        own_title: the AE title that sends.

    Raises:
        RadtexError: if pynetdicom is missing.
    """
    try:
        from pynetdicom import AE
    except ImportError as error:
        raise RadtexError(
            "DICOM needs the package pynetdicom: pip install 'radtex[serve]'"
        ) from error
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)

    def send(report: Any) -> None:
        entity = AE(ae_title=own_title)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = _SECONDS
        entity.connection_timeout = _SECONDS
        entity.add_requested_context(report.SOPClassUID, report.file_meta.TransferSyntaxUID)
        association = entity.associate(peer.host, peer.port, ae_title=peer.title)
        if not association.is_established:
            raise PacsError(
                f"{peer.title} at {peer.host}:{peer.port} cannot be reached, or refuses {own_title}"
            )
        try:
            answer = association.send_c_store(report)
        except (ValueError, RuntimeError) as error:
            raise PacsError(f"{peer.title} takes no reports of this kind") from error
        finally:
            association.release()
        status = answer.get("Status") if answer else None
        if status is None or (status and status >> 12 != 0xB):  # 0xB…: kept, with a warning
            told = "nothing" if status is None else f"0x{status:04X}"
            raise PacsError(f"{peer.title} did not keep a report: it answers {told}")

    return send


def send_by_web(url: str) -> Send:
    """Return what sends a data set by STOW to a DICOMweb service; errors as of `Pacs`."""
    from radtex.pacs import Pacs

    pacs = Pacs(url)
    return lambda report: pacs.store([report])
