"""What comes over the wire: old, odd and hostile HTTP, told apart before anything is done with it.

Each is answered as the protocol says or refused by problem details, and the log names nobody.
"""

import io
import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from fixtures.orthanc import dicom_film, noise
from fixtures.real_server import address_of, decoders, started
from fixtures.serving import png
from radtex.corpus.corpus import Corpus

NAME = "Doe"
"""Planted wherever a client can put it; it must stand in no line of the log."""
MIB = 2**20
WRITTEN = 256 * 1024
"""Bytes that the log may have while far more are uploaded."""


@dataclass
class Wire:
    """A running server."""

    address: str
    log: Path
    temporary: Path
    process: psutil.Process

    def say(self, data: bytes) -> bytes:
        """Send bytes, and return all that comes back until the server closes."""
        with socket.create_connection(address_of(self.address), timeout=60) as connection:
            connection.sendall(data)
            said = b""
            try:
                while block := connection.recv(1 << 16):
                    said += block
            except (TimeoutError, ConnectionResetError):
                pass
            return said

    def ask(self, head: str, body: bytes = b"") -> tuple[int, bytes]:
        """Send a request whose connection then closes; status and body."""
        lines = head.replace("\n", "\r\n").encode("latin-1")
        said = self.say(lines + b"\r\nConnection: close\r\n\r\n" + body)
        return status_of(said), said.partition(b"\r\n\r\n")[2]

    def is_well(self) -> bool:
        return httpx.get(f"{self.address}/readyz", timeout=60).status_code == 200


def status_of(said: bytes) -> int:
    assert said.startswith(b"HTTP/1.1 "), said[:100]
    return int(said[9:12])


def problem(body: bytes) -> str:
    found = re.search(rb"\{.*\}", body, re.S)
    assert found, body
    told = json.loads(found[0])
    assert told["detail"].endswith(".")
    return str(told["type"]).removeprefix("urn:radtex:problem:")


@pytest.fixture(scope="module")
def wire(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp("wire")
    temporary = folder / "temporary"
    temporary.mkdir()
    with started(kept / "classifier", errors=folder / "log", temporary=temporary) as (
        address,
        process,
    ):
        yield Wire(address, folder / "log", temporary, psutil.Process(process.pid))


@pytest.fixture(scope="module")
def film(kept: Path) -> bytes:
    return png(Corpus.open(kept / "corpus"), 0)


def form(film: bytes, boundary: str = "b", name: str = "x.png") -> bytes:
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="{name}"'
    return f"{part}\r\n\r\n".encode() + film + f"\r\n--{boundary}--\r\n".encode()


UPLOAD = "POST /v1/studies HTTP/1.1\nHost: localhost\nContent-Type: multipart/form-data; boundary=b"


def upload(wire: Wire, body: bytes) -> tuple[int, bytes]:
    return wire.ask(f"{UPLOAD}\nContent-Length: {len(body)}", body)


def chunked(body: bytes) -> bytes:
    parts = [body[start : start + 999] for start in range(0, len(body), 999)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_http_1_0_is_answered_and_its_connection_closed(wire: Wire) -> None:
    said = wire.say(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert status_of(said) == 200
    assert said.endswith(b'{"status":"ok"}')
    assert status_of(wire.say(b"GET /healthz HTTP/1.0\r\n\r\n")) == 421


def test_requests_in_a_row_are_answered_in_their_order(wire: Wire) -> None:
    one = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    said = wire.say(one % b"/healthz" + one % b"/v1/nothing" + last)
    statuses = [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3})", said)]
    assert statuses == [200, 404, 200]


def test_a_chunked_upload_needs_no_length(wire: Wire, film: bytes) -> None:
    status, body = wire.ask(f"{UPLOAD}\nTransfer-Encoding: chunked", chunked(form(film)))
    assert status == 200
    assert b'"findings"' in body


def test_two_ways_to_tell_a_length_are_one_too_many(wire: Wire, film: bytes) -> None:
    body = chunked(form(film))
    both = f"Transfer-Encoding: chunked\nContent-Length: {len(body)}"
    status, said = wire.ask(f"{UPLOAD}\n{both}", body)
    assert (status, problem(said)) == (400, "two-lengths")


def test_a_chunk_that_is_none_ends_its_connection(wire: Wire) -> None:
    said = wire.say(
        f"{UPLOAD}\nTransfer-Encoding: chunked".replace("\n", "\r\n").encode()
        + b"\r\n\r\n5\r\n--b\r\n\r\nzz\r\nDoe"
    )
    assert not said or status_of(said) == 400
    assert wire.is_well()


@pytest.mark.parametrize(
    ("head", "status", "kind"),
    [
        (
            "GET /v1/studies HTTP/1.1\nHost: localhost\nUpgrade: websocket",
            405,
            "method-not-allowed",
        ),
        (f"{NAME.upper()} /v1/studies HTTP/1.1\nHost: localhost", 405, "method-not-allowed"),
        ("TRACE /v1/models HTTP/1.1\nHost: localhost", 405, "method-not-allowed"),
        ("CONNECT localhost:22 HTTP/1.1\nHost: localhost", 404, "not-found"),
        ("OPTIONS * HTTP/1.1\nHost: localhost", 404, "not-found"),
        ("GET http://evil.example/ HTTP/1.1\nHost: localhost", 404, "not-found"),
        ("GET /static/../../settings.py HTTP/1.1\nHost: localhost", 404, "not-found"),
        ("GET /static/%2e%2e/settings.py HTTP/1.1\nHost: localhost", 404, "not-found"),
        ("GET /v1/models HTTP/1.1\nHost: evil.example", 421, "unknown-host"),
        ("GET /v1/models HTTP/1.1\nHost: localhost\nHost: localhost", 400, "no-http"),
        (f"GET /{NAME} HTTP/1.1\nHost: localhost\nX {NAME}", 400, "no-http"),
        ("POST /v1/labels HTTP/1.1\nHost: localhost\nContent-Length: -1", 400, "no-http"),
        ("POST /v1/labels HTTP/1.1\nHost: localhost\nContent-Length: 9\nOrigin: null", 403, None),
    ],
)
def test_what_is_not_asked_for_is_refused_by_problem_details(
    wire: Wire, head: str, status: int, kind: str | None
) -> None:
    upgraded = head + "\nConnection: Upgrade" if "Upgrade" in head else head
    found, body = wire.ask(upgraded, b"x" * 9 if "Length: 9" in head else b"")
    assert (found, problem(body)) == (status, kind or "other-site")


def part(name: str, content: bytes = b"", more: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content


@pytest.mark.parametrize(
    "body",
    [
        b"\r\n".join(part(f"{NAME}{number}") for number in range(10_000)) + b"\r\n--b--\r\n",
        b"\r\n".join(part("image", b"x", '; filename="a"') for _ in range(10_000))
        + b"\r\n--b--\r\n",
        part("image", b"x", f'; filename="{NAME * 10_000_000}"') + b"\r\n--b--\r\n",
        b"--b\r\n" + b"X: Doe\r\n" * 1_000_000 + b"\r\n\r\n--b--\r\n",
        b"--b\r\n" + b"X" * 20 * MIB,
        b"--b" * 1_000_000,
        part("image", b"x", "; filename*=utf-8''%ff%fe") + b"\r\n--b--\r\n",
        part("question", NAME.encode() * MIB) + b"\r\n--b--\r\n",
    ],
    ids=["parts", "files", "name", "headers", "header", "boundaries", "encoding", "field"],
)
def test_bombs_of_many_parts_and_giant_headers_are_refused(wire: Wire, body: bytes) -> None:
    before = sum(wire.process.cpu_times()[:2])
    status, said = upload(wire, body)
    assert 400 <= status < 500
    problem(said)
    assert sum(wire.process.cpu_times()[:2]) - before < 20
    assert wire.is_well()


def test_a_form_within_a_form_is_no_film(wire: Wire, film: bytes) -> None:
    inner = form(film, "inner")
    status, said = upload(wire, form(inner))
    assert (status, problem(said)) == (415, "no-image")


def test_every_answer_has_the_headers_of_security(wire: Wire) -> None:
    for head in ("GET / HTTP/1.1\nHost: localhost", "GET / HTTP/1.1\nHost: evil.example"):
        said = wire.say(f"{head}\nConnection: close\n\n".replace("\n", "\r\n").encode()).lower()
        for name in (b"content-security-policy:", b"x-content-type-options: nosniff",
                     b"x-frame-options: deny", b"referrer-policy: no-referrer"):  # fmt: skip
            assert name in said
        assert b"\r\nserver:" not in said


@pytest.mark.skipif(not Path("/proc/self/fdinfo").exists(), reason="needs Linux's /proc")
def test_nothing_of_an_upload_reaches_a_file(wire: Wire, film: bytes, tmp_path: Path) -> None:
    """Neither a name in a folder, nor an open file, nor bytes that go to a device."""
    grey = np.random.default_rng(0).integers(0, 256, (2400, 2000), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    dicom_film(grey).save_as(tmp_path / "film.dcm", enforce_file_format=True)
    films = [
        file.getvalue(),
        (tmp_path / "film.dcm").read_bytes(),
        b"\xff\xd8\xff" + bytes(5 * MIB),
    ]
    assert upload(wire, form(film))[0] == 200  # what is opened once is open
    processes = [wire.process, *wire.process.children()]
    before = (
        names(processes, wire.temporary),
        [each.io_counters().write_bytes for each in processes],
    )
    seen: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.update(names(processes, wire.temporary) - before[0])

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in range(3):
            assert [upload(wire, form(each))[0] for each in films] == [200, 200, 422]
    finally:
        done.set()
        watcher.join()
    assert not seen
    for process, written in zip(processes, before[1], strict=True):
        assert process.io_counters().write_bytes - written < WRITTEN


def names(processes: list[psutil.Process], temporary: Path) -> set[str]:
    """Files that processes may write to, also those without a name, and temporary ones."""
    found = {str(each) for each in temporary.rglob("*")}
    for process in processes:
        for each in Path(f"/proc/{process.pid}/fd").iterdir():
            try:
                target = str(each.readlink())
                about = Path(f"/proc/{process.pid}/fdinfo/{each.name}").read_text()
            except OSError:
                continue
            mode = int(about.split("flags:")[1].split()[0], 8)
            if mode & 3 and target.startswith("/") and not target.startswith("/dev/null"):
                found.add(target)
        mapped = Path(f"/proc/{process.pid}/maps").read_text()
        found.update(re.findall(r"/(?:dev/shm/|memfd:).*", mapped))
    return found


def test_a_decoder_that_is_killed_at_work_is_replaced(kept: Path, film: bytes) -> None:
    with started(kept / "classifier") as (address, process):
        httpx.post(f"{address}/v1/studies", files={"image": film}, timeout=120)
        for decoder in decoders(process):
            decoder.suspend()
        answers: list[httpx.Response] = []

        def study() -> None:
            answers.append(httpx.post(f"{address}/v1/studies", files={"image": film}, timeout=120))

        thread = threading.Thread(target=study)
        thread.start()
        at_work = "radtex_films_in_flight 1.0"
        while at_work not in httpx.get(f"{address}/metrics", timeout=60).text:
            pass
        for decoder in decoders(process):
            decoder.kill()
        thread.join()
        assert answers[0].status_code == 503
        assert answers[0].headers["retry-after"] == "1"
        assert answers[0].json()["type"] == "urn:radtex:problem:decoder-ended"
        study()
        while answers[-1].status_code == 503:  # another one of those that were killed
            study()
        assert answers[-1].status_code == 200


def test_the_log_names_nobody_whatever_is_sent(wire: Wire) -> None:
    """Runs last: the log holds what all tests of this file sent."""
    file = io.BytesIO()
    dicom_film(noise(1), 1).save_as(file, enforce_file_format=True)
    whole = file.getvalue()
    assert b"Doe^Jane1" in whole
    planted = [
        whole,
        whole[: len(whole) // 2],
        whole.replace(b"050Y", b"DoeY"),  # no age
        whole.replace(b"20240301", b"Doe^Jane"),  # no date
        whole.replace(b"CHEST ", b"DOEDOE"),
        whole.replace(b"1.2.1\0", b"Doe^J\0"),  # no UID
        whole.replace(b"MONOCHROME2 ", b"DOE DOE DOE "),
    ]
    for sent in planted:
        assert NAME.encode() in sent
        upload(wire, form(sent, name=f"{NAME}^Jane.dcm"))
    for address in (f"/{NAME}", f"/v1/studies/{NAME}/film.png", f"/v1/studies?prompt={NAME}"):
        headers = f"Cookie: {NAME}\nUser-Agent: {NAME}\nReferer: http://{NAME}/\nX-{NAME}: {NAME}"
        for method in ("GET", "POST", "DELETE", NAME.upper()):
            wire.ask(f"{method} {address} HTTP/1.1\nHost: localhost\n{headers}")
    wire.say(f"{NAME}\r\n\r\n".encode())
    assert wire.is_well()
    log = wire.log.read_text()
    assert "POST /v1/studies" in log
    assert NAME.lower() not in log.lower()
