"""Connections whose headers do not arrive."""

import asyncio
import time

import pytest
import uvicorn

from radtex.serving.gate.timed_protocol import timed_protocol

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
SECONDS = 0.3


async def app(scope, _receive, send) -> None:
    if scope["type"] == "http":
        await asyncio.sleep(2 * SECONDS)  # an answer may take longer than headers
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def serve_and(talk, seconds: float = SECONDS, most: int = 100) -> None:
    async def run() -> None:
        protocol = timed_protocol(seconds, most)
        config = uvicorn.Config(app, port=0, http=protocol, lifespan="off", log_level="error")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await talk(reader, writer)
        writer.close()
        server.should_exit = True
        await serving

    asyncio.run(run())


async def is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(), 20) == b""
    except ConnectionError:
        return True


def test_a_connection_without_a_request_is_closed() -> None:
    async def talk(reader, _writer) -> None:
        assert await is_closed(reader)

    serve_and(talk)


def test_headers_that_drip_are_given_up() -> None:
    async def talk(reader, writer) -> None:
        began = time.monotonic()
        try:
            for byte in REQUEST * 100:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0.02)
                if reader.at_eof() or time.monotonic() - began > 20:
                    break
        except ConnectionError:
            pass
        assert await is_closed(reader)

    serve_and(talk)


def test_whole_requests_are_answered_and_the_next_one_is_timed_too() -> None:
    async def talk(reader, writer) -> None:
        for _ in range(2):
            writer.write(REQUEST + b"\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
            assert head.startswith(b"HTTP/1.1 204")
        writer.write(REQUEST)
        assert await is_closed(reader)

    serve_and(talk)


def test_many_that_send_nothing_shut_nobody_out() -> None:
    async def talk(reader, writer) -> None:
        port = writer.get_extra_info("peername")[1]
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
        for _, other in idle:
            other.write(REQUEST)
        assert await is_closed(reader)  # the oldest
        asking, asks = await asyncio.open_connection("127.0.0.1", port)
        asks.write(REQUEST + b"\r\n")
        head = await asyncio.wait_for(asking.readuntil(b"\r\n\r\n"), 20)
        assert head.startswith(b"HTTP/1.1 204")
        asks.close()
        for _, other in idle:
            other.close()

    serve_and(talk, seconds=60, most=20)


@pytest.mark.parametrize(
    "sent",
    [b"Doe\r\n\r\n", b"\x16\x03\x01\x02" * 9, b"GET /" + b"a" * 66_000],
)
def test_what_is_no_http_is_refused_by_a_sentence(sent: bytes) -> None:
    async def talk(reader, writer) -> None:
        writer.write(sent + b"\r\n\r\n")
        said = await asyncio.wait_for(reader.read(), 20)
        assert said.startswith(b"HTTP/1.1 400")
        assert b"application/problem+json" in said
        assert b"is no request of HTTP" in said
        assert b"Doe" not in said

    serve_and(talk, seconds=20)
