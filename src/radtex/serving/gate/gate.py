"""The gate: host, origin, token, size and time of each request, before anything else is done."""

import asyncio
import hmac
import ipaddress
import logging
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from radtex.serving.gate.traffic import Traffic
from radtex.serving.problems import ProblemError
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        began = time.monotonic()
        body = _Body(receive, self._limits)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                await body.drain()
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._door.check(scope)
            length = Headers(scope=scope).get("content-length", "0")
            if length.isdigit() and int(length) > self._limits.upload_bytes:
                raise body.too_large()
        except ProblemError as error:
            await error.response()(scope, receive, answer)
        else:
            await self._app(scope, body.receive, answer)
        finally:
            seconds = time.monotonic() - began
            route = getattr(scope.get("route"), "path", "-")
            self._traffic.note(scope["method"], route, status, seconds)
            # The address itself, which may hold a study's number, and all headers stay out.
            _log.info("%s %s %d %.0f ms", scope["method"], route, status, 1000 * seconds)


class _Body:
    """The body of a request, of a bounded size and time."""

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self._receive, self._limits = receive, limits
        self._until = time.monotonic() + limits.upload_seconds
        self._bytes, self._done = 0, False

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
        return message

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
