"""HTTP/1.1 for clients that may be slow on purpose: headers must arrive in time."""

import asyncio
import contextlib
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from radtex.serving.problems import MEDIA_TYPE, ProblemError

_NO_HTTP = ProblemError(400, "no-http", "What was sent is no request of HTTP; please try again.")


class TimedProtocol(H11Protocol):
    """uvicorn's protocol, which closes a connection whose headers do not arrive.

    uvicorn itself waits for ever for the end of headers that have begun. Made by `timed_protocol`.
    """

    header_seconds: ClassVar[float] = 10.0
    """From opening a connection, or the first byte of a further request, to the headers' end."""
    most: ClassVar[int] = 1024
    """Connections at a time. Those beyond close the one whose headers were longest on their way, so
    that nobody shuts the others out by opening connections."""

    waiting: ClassVar[dict["TimedProtocol", asyncio.TimerHandle]] = {}
    """Connections whose headers are on their way, the oldest first, and when they are overdue."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for headers."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            next(iter(self.waiting), self)._close()
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Wait no longer once headers are there, and anew when further ones begin."""
        before: Any = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._forget()
        elif (before is None or before.response_complete) and self not in self.waiting:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._forget()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Refuse what is no HTTP by a sentence; where an answer has begun, by closing."""
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"connection", b"close"),
            (b"x-content-type-options", b"nosniff"),
        ]
        with contextlib.suppress(h11.LocalProtocolError):
            for event in (
                h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
                h11.Data(data=bytes(_NO_HTTP.response().body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _expect(self) -> None:
        self.waiting[self] = self.loop.call_later(self.header_seconds, self._close)

    def _forget(self) -> None:
        overdue = self.waiting.pop(self, None)
        if overdue is not None:
            overdue.cancel()

    def _close(self) -> None:
        self._forget()
        if not self.transport.is_closing():
            self.transport.abort()


def timed_protocol(header_seconds: float, most: int) -> type[TimedProtocol]:
    """Return the protocol of one server; see the class's fields."""
    own = {"header_seconds": header_seconds, "most": most, "waiting": {}}
    return type("Timed", (TimedProtocol,), own)
