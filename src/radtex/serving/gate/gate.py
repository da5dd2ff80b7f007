"""The gate: host, origin, token, size and time of each request, before anything else is done."""

import asyncio
import hmac
import ipaddress
import logging
import re
import time
import traceback
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from radtex.serving.gate.traffic import Traffic, known_method
from radtex.serving.problems import UNEXPECTED, ProblemError
from radtex.serving.settings import MIB, NOTICE, Limits

_log = logging.getLogger("radtex.serving.access")

SECURITY_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
    "X-Radtex-Notice": NOTICE,
}
"""On every answer."""
_GUARDED = ("/v1/", "/metrics")
"""Beginnings of the addresses that ask for the token: pages hold no data."""
_DRAINED_BYTES, _DRAINED_SECONDS = 1024 * MIB, 10.0
"""What is read of a refused body, so that the client lives to see why."""
_TWO_LENGTHS = ProblemError(
    400,
    "two-lengths",
    "The request tells the length of its body in two ways. Please send one of them.",
    {"Connection": "close"},
)
_LEFT = 499
"""Status in log and numbers where a client left before its answer."""
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]/?#@\s]+)(?::\d{1,5})?")


@dataclass(frozen=True)
class Door:
    """Who may come in."""

    names: Collection[str] = ()
    """Names, in small letters, that the server is called by, beside localhost and addresses."""
    token: str = field(default="", repr=False)
    """That requests bring; "" for none."""

    def check(self, scope: Scope) -> None:
        """Refuse a request that comes by another name, from another site, or without the token.

        Raises:
            ProblemError: with 421, 403 or 401.
        """
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not self._is_called(host):
            raise ProblemError(
                421,
                "unknown-host",
                "This server is not called by that name. Open it by its address, or start it with "
                "--allow-host and the name.",
            )
        guarded = scope["path"].startswith(_GUARDED)
        origins = headers.getlist("origin")
        foreign = [each for each in origins if each.split("://", 1)[-1] != host]
        other_site = headers.get("sec-fetch-site", "") in ("cross-site", "same-site")
        if foreign or (guarded and other_site):
            raise ProblemError(
                403, "other-site", "Pages of other sites may not ask this server for anything."
            )
        if self.token and guarded and not self._brings_token(headers):
            raise ProblemError(
                401,
                "wrong-token",
                "The access token is missing or wrong. Use the whole address that was printed when "
                "the server started, or ask whoever started it.",
                {"WWW-Authenticate": 'Bearer realm="radtex"'},
            )

    def _is_called(self, host: str) -> bool:
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match[1].strip("[]").lower()
        if name == "localhost" or name in self.names:
            return True
        try:
            ipaddress.ip_address(name)  # a page that rebinds its name cannot rebind an address
        except ValueError:
            return False
        return True

    def _brings_token(self, headers: Headers) -> bool:
        kind, _, brought = headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(brought.strip().encode(), self.token.encode())
        return kind.lower() == "bearer" and same


class Gate:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp, door: Door, limits: Limits, traffic: Traffic) -> None:
        """Stand before `app`."""
        self._app, self._door, self._limits, self._traffic = app, door, limits, traffic
        self._held = _Held(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        began = time.monotonic()
        body = _Body(receive, self._limits, self._held)
        status, begun = 500, False

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                await body.drain()
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._door.check(scope)
            headers = Headers(scope=scope)
            length = headers.get("content-length", "0")
            if length.isdigit() and int(length) > self._limits.upload_bytes:
                raise body.too_large()
            if "transfer-encoding" in headers and "content-length" in headers:
                raise _TWO_LENGTHS  # a proxy may believe the other one
            if length != "0" or "transfer-encoding" in headers:
                body.begin()
            await self._app(scope, body.receive, answer)
        except ClientDisconnect:
            status = _LEFT
        except Exception as error:
            if not isinstance(error, ProblemError):
                _log.error("%s", _told(error))
            if begun:
                raise RuntimeError("an answer broke off") from None
            problem = error if isinstance(error, ProblemError) else UNEXPECTED
            await problem.response()(scope, receive, answer)
        finally:
            body.end()
            seconds = time.monotonic() - began
            route = getattr(scope.get("route"), "path", "-")
            method = known_method(scope["method"])
            self._traffic.note(method, route, status, seconds)
            # The address itself, which may hold a study's number, and all headers stay out.
            _log.info("%s %s %d %.0f ms", method, route, status, 1000 * seconds)


def _told(error: BaseException) -> str:
    """Say where an error arose, and of what kind it and its causes are.

    Its words stay out of the log: they may quote what was sent.
    """
    lines = []
    cause: BaseException | None = error
    while cause is not None:
        lines += [*traceback.format_tb(cause.__traceback__), f"{type(cause).__name__}\n"]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return f"a request was not answered:\n{''.join(lines)}"


class _Held:
    """The bodies that are in memory."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bodies = self._bytes = 0

    def add(self, bodies: int, count: int) -> None:
        self._bodies += bodies
        self._bytes += count

    def check(self) -> None:
        if self._bodies > self._limits.uploads or self._bytes > self._limits.all_upload_bytes:
            raise ProblemError(
                429,
                "many-uploads",
                "The server is receiving as many uploads as it can hold. Please try again in a few "
                "seconds.",
                {"Retry-After": "5"},
            )


class _Body:
    """The body of a request, of a bounded size and time."""

    def __init__(self, receive: Receive, limits: Limits, held: _Held) -> None:
        self._receive, self._limits, self._held = receive, limits, held
        self._until = time.monotonic() + limits.upload_seconds
        self._bytes, self._done = 0, False
        self._begun = self._kept = 0

    def begin(self) -> None:
        self._begun = 1
        self._held.add(1, 0)
        self._held.check()

    def end(self) -> None:
        self._held.add(-self._begun, -self._kept)
        self._begun = self._kept = 0

    def too_large(self) -> ProblemError:
        return ProblemError(
            413,
            "upload-too-large",
            f"The upload is larger than {self._limits.upload_bytes // MIB} MB, which no single "
            "radiograph is. Choose one film, not a folder or a CT series.",
        )

    async def receive(self) -> Message:
        if self._done:
            return await self._receive()
        try:
            async with asyncio.timeout(max(0.0, self._until - time.monotonic())):
                message = await self._receive()
        except TimeoutError as error:
            self._done = True
            raise ProblemError(
                HTTPStatus.REQUEST_TIMEOUT,
                "slow-upload",
                f"The upload took longer than {self._limits.upload_seconds:g} seconds. Please try "
                "again from a faster connection.",
                {"Connection": "close"},
            ) from error
        self._note(message)
        if self._bytes > self._limits.upload_bytes:
            raise self.too_large()
        self._keep(len(message.get("body", b"")))
        return message

    def _keep(self, count: int) -> None:
        self._kept += count
        self._held.add(0, count)
        self._held.check()

    async def drain(self) -> None:
        """Read what is left, and forget it: who is cut off while sending never sees the answer."""
        if self._done:
            return
        try:
            async with asyncio.timeout(_DRAINED_SECONDS):
                while not self._done and self._bytes < _DRAINED_BYTES:
                    self._note(await self._receive())
        except TimeoutError:
            self._done = True

    def _note(self, message: Message) -> None:
        self._bytes += len(message.get("body", b""))
        self._done = message["type"] != "http.request" or not message.get("more_body", False)
