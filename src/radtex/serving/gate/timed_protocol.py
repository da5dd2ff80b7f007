"""HTTP/1.1 for clients that may be slow on purpose: headers must arrive in time."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class TimedProtocol(H11Protocol):
    """uvicorn's protocol, which closes a connection whose headers do not arrive.

    uvicorn itself waits for ever for the end of headers that have begun.
    """

    header_seconds = 10.0
    """From opening a connection, or the first byte of a further request, to the headers' end."""

    _overdue: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Wait no longer once headers are there, and anew when further ones begin."""
        before: Any = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._forget()
        elif (before is None or before.response_complete) and self._overdue is None:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._forget()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._overdue = self.loop.call_later(self.header_seconds, self._close)

    def _forget(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()
