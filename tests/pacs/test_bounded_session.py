"""A server that is slow, wrong or hostile."""

import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from radtex.errors import PacsAnswerError, PacsError
from radtex.pacs import bounded_session
from radtex.pacs.bounded_session import BoundedSession

JSON = {"Accept": "application/dicom+json"}


class Server(ThreadingHTTPServer):
    """Answers by `answer`; `seen` are the requests' headers."""

    answer: Callable[["Handler"], None]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[dict[str, str]] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that the client gave up."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))
        if length := int(self.headers.get("Content-Length", 0)):
            self.rfile.read(length)
        self.server.answer(self)

    do_POST = do_GET  # noqa: N815

    def say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(bounded_session, "PAUSES", (0.0, 0.0, 0.0))
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def asked(server: Server, authorization: str | None = None) -> bytes:
    return BoundedSession(server.url, authorization).get(f"{server.url}/a", JSON).content


def test_an_answer_is_read_whole(server: Server) -> None:
    server.answer = lambda to: to.say(200, b"[]")
    assert asked(server, "Bearer x") == b"[]"
    (sent,) = server.seen
    assert sent["Authorization"] == "Bearer x"
    assert sent["Host"] == server.url.removeprefix("http://")


def test_wildcards_stand_in_a_query_as_they_are(server: Server) -> None:
    server.answer = lambda to: to.say(200, to.path.encode())
    session = BoundedSession(server.url, None)
    for query in ("A=TH%2A+%3F&B=%26%5C%C3%A4", "A=TH*%20?&B=%26%5C%C3%A4"):
        answer = session.get(f"{server.url}/studies?{query}", JSON)
        assert answer.content == b"/studies?A=TH*%20?&B=%26%5C%C3%A4"


def test_a_netrc_file_says_nothing(server: Server, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.answer = lambda to: to.say(200)
    asked(server)
    assert "Authorization" not in server.seen[0]


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_what_may_pass_is_tried_again(server: Server, status: int) -> None:
    server.answer = lambda to: to.say(status if len(server.seen) < 3 else 200, b"[]")
    assert asked(server) == b"[]"
    assert len(server.seen) == 3
    server.answer = lambda to: to.say(status)
    with pytest.raises(PacsError, match=f"answers {status}; repeat the command later") as raised:
        asked(server)
    assert not isinstance(raised.value, PacsAnswerError)
    assert len(server.seen) == 3 + 4


def test_a_server_may_ask_for_patience(server: Server, monkeypatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    server.answer = lambda to: to.say(503, Retry_After="7" if len(server.seen) == 1 else "999")
    with pytest.raises(PacsError, match="answers 503"):
        asked(server)
    assert slept[:3] == [7.0, 30.0, 30.0]


@pytest.mark.parametrize("status", [400, 404, 406, 410, 500, 501])
def test_what_will_not_pass_is_told_at_once(server: Server, status: int) -> None:
    server.answer = lambda to: to.say(status, b"<html>Doe^Jane</html>")
    with pytest.raises(PacsAnswerError, match=f"^the PACS answers {status}$"):
        asked(server)
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_refused_access_names_what_to_set(server: Server, status: int) -> None:
    server.answer = lambda to: to.say(status)
    with pytest.raises(PacsError, match=rf"refuses access \({status}\); set RADTEX_PACS_TOKEN"):
        asked(server)


def test_a_redirect_within_the_server_is_followed(server: Server) -> None:
    def answer(to: Handler) -> None:
        if to.path == "/a":
            to.say(307, Location="/b")
        else:
            to.say(200, to.path.encode())

    server.answer = answer
    assert asked(server) == b"/b"


@pytest.mark.parametrize(
    "target", ["http://198.51.100.1/", "//elsewhere/a", "file:///etc/passwd", ""]
)
def test_a_redirect_to_elsewhere_is_refused(server: Server, target: str) -> None:
    server.answer = lambda to: to.say(302, Location=target)
    with pytest.raises(PacsError, match="redirects to elsewhere, which is not followed"):
        asked(server, "Bearer x")
    assert len(server.seen) == 1


def test_a_circle_of_redirects_ends(server: Server) -> None:
    server.answer = lambda to: to.say(302, Location="/a")
    with pytest.raises(PacsAnswerError, match="in a circle"):
        asked(server)


def test_what_is_stored_is_not_redirected(server: Server) -> None:
    server.answer = lambda to: to.say(307, Location="/b")
    with pytest.raises(PacsError, match="redirects what is stored"):
        BoundedSession(server.url, None).post(f"{server.url}/a", b"film", {})


def test_a_body_without_end_is_cut(server: Server, monkeypatch) -> None:
    monkeypatch.setattr(bounded_session, "MAX_JSON", 1_000_000)

    def answer(to: Handler) -> None:
        to.send_response(200)
        to.end_headers()
        while True:
            to.wfile.write(bytes(1 << 16))

    server.answer = answer
    with pytest.raises(PacsAnswerError, match="more than 1,000,000 bytes"):
        asked(server)


def test_a_small_body_that_inflates_without_end_is_cut(server: Server, monkeypatch) -> None:
    import gzip

    monkeypatch.setattr(bounded_session, "MAX_JSON", 1_000_000)
    bomb = gzip.compress(bytes(50_000_000))
    server.answer = lambda to: to.say(200, bomb, Content_Encoding="gzip")
    with pytest.raises(PacsAnswerError, match="more than 1,000,000 bytes"):
        asked(server)


def test_a_body_that_drips_ends(server: Server, monkeypatch) -> None:
    monkeypatch.setattr(bounded_session, "DEADLINE", 0.0)
    server.answer = lambda to: to.say(200, b"[]")
    with pytest.raises(PacsAnswerError, match="takes more than 0 s"):
        asked(server)


def test_an_answer_that_breaks_off_is_asked_for_again(server: Server) -> None:
    server.answer = lambda to: to.say(200, b"[", Content_Length="1" if server.seen[1:] else "9")
    assert asked(server) == b"["
    assert len(server.seen) == 2


def test_a_silent_server_is_given_up(server: Server, monkeypatch) -> None:
    monkeypatch.setattr(bounded_session, "_READ", 0.05)
    server.answer = lambda _: time.sleep(0.3)
    with pytest.raises(PacsError, match="does not answer in time; repeat"):
        asked(server)


def test_a_server_that_is_not_there_is_told(monkeypatch) -> None:
    monkeypatch.setattr(bounded_session, "PAUSES", (0.0,))
    with pytest.raises(PacsError, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        BoundedSession("http://127.0.0.1:9", None).get("http://127.0.0.1:9/studies?P=Doe", JSON)


def test_what_is_no_http_is_told(server: Server) -> None:
    server.answer = lambda to: to.wfile.write(b"SSH-2.0-OpenSSH\r\n") and None
    with pytest.raises(PacsError, match=r"breaks the connection off|no HTTP"):
        asked(server)


def test_a_certificate_of_nobody_is_refused(server: Server, tmp_path: Path, monkeypatch) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"),
            *("-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.answer = lambda to: to.say(200, b"[]")
    url = server.url.replace("http:", "https:")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    with pytest.raises(PacsError, match="certificate is not of an authority known here"):
        BoundedSession(url, "Bearer x").get(url, JSON)
    assert server.seen == []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
    assert BoundedSession(url, None).get(url, JSON).content == b"[]"


def test_what_is_no_json_is_told(server: Server) -> None:
    server.answer = lambda to: to.say(200, b"<html>")
    with pytest.raises(PacsAnswerError, match="no JSON"):
        BoundedSession(server.url, None).get(server.url, JSON).json()
