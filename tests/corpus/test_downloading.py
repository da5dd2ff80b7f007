"""Downloads from a server that has bad days, and what becomes of them."""

import hashlib
import resource
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from radtex.corpus import downloading
from radtex.corpus.downloading import RemoteFile, download
from radtex.errors import CorpusError, OutputError

CONTENT = np.random.default_rng(0).bytes(3_000_000)


class Server(ThreadingHTTPServer):
    """Gives one file; `faults` are taken one per request, then all is well.

    A fault is an HTTP status, or the number of bytes after which the connection breaks as a
    negative number. `requests`: the Range of each request, or "".
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {"/file": CONTENT}
        self.faults: list[int] = []
        self.requests: list[str] = []
        self.ranges = True
        self.validators: dict[str, str] = {"ETag": '"one"'}
        self.redirect = ""
        self.shift = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of connections that the client gave up."""

    def url(self, path: str = "/file") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers["Range"] or ""
        self.server.requests.append(wanted)
        fault = self.server.faults.pop(0) if self.server.faults else 0
        if fault > 0 or self.path not in self.server.files:
            self.send_error(fault or 404)
            return
        if self.server.redirect:
            self.send_response(302)
            self.send_header("Location", self.server.redirect)
            self.end_headers()
            return
        content = self.server.files[self.path]
        condition = self.headers["If-Range"]
        fresh = condition is None or condition in self.server.validators.values()
        begin = int(wanted[6:-1]) if wanted and self.server.ranges and fresh else 0
        self.send_response(206 if begin else 200)
        if begin:
            span = f"bytes {begin + self.server.shift}-{len(content) - 1}/{len(content)}"
            self.send_header("Content-Range", span)
        self.send_header("Content-Length", str(len(content) - begin))
        for name, value in self.server.validators.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content[begin : begin - fault] if fault else content[begin:])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(downloading, "_PAUSES", (0, 0, 0))
    with Server() as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,))
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def checksum(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def remote(server: Server, content: bytes = CONTENT, known: bool = True) -> RemoteFile:
    return RemoteFile("f.bin", server.url(), len(content), checksum(content) if known else "")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("algorithm", ["sha256", "md5"])
def test_a_file_comes_and_is_not_asked_for_again(server, tmp_path, algorithm):
    file = RemoteFile("f.bin", server.url(), len(CONTENT), checksum(CONTENT, algorithm))
    for _ in range(2):
        assert download(file, tmp_path / "a").read_bytes() == CONTENT
    assert server.requests == [""]
    assert names(tmp_path / "a") == ["f.bin", "f.bin.checksum"]
    assert (tmp_path / "a" / "f.bin.checksum").read_text() == f"{file.checksum}\n"


@pytest.mark.parametrize(
    "validators",
    [{"ETag": '"one"'}, {"Last-Modified": "yesterday"}, {"ETag": 'W/"1"', "Last-Modified": "then"}],
)
def test_a_broken_connection_is_taken_up_where_it_broke(server, tmp_path, validators):
    server.validators = validators
    server.faults = [-1_000_000, -700_000]
    assert download(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.requests == ["", "bytes=1000000-", "bytes=1700000-"]


@pytest.mark.parametrize("validators", [{}, {"ETag": 'W/"weak"'}])
def test_a_server_that_cannot_tell_its_file_from_another_begins_again(server, tmp_path, validators):
    server.validators = validators
    server.faults = [-1_000_000]
    assert download(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.requests == ["", ""]


def test_a_part_that_is_longer_than_the_file_is_given_up(server, tmp_path):
    (tmp_path / "f.bin.part").write_bytes(CONTENT + b"more")
    assert download(remote(server), tmp_path).read_bytes() == CONTENT


def test_a_part_that_was_not_asked_for_is_refused(server, tmp_path):
    server.shift = 1
    server.faults = [-1_000_000]
    with pytest.raises(CorpusError, match="sent a part not asked for"):
        download(remote(server), tmp_path)


def test_an_interrupted_download_goes_on_in_another_run(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloading, "_PAUSES", ())
    server.faults = [-1_000_000]
    with pytest.raises(CorpusError, match=r"1000000 of 3000000 bytes; what has come is kept"):
        download(remote(server), tmp_path)
    assert "f.bin" not in names(tmp_path)
    assert download(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.requests == ["", "bytes=1000000-"]


def test_more_breaks_than_patience_do_no_harm_while_something_comes(server, tmp_path):
    server.faults = [-400_000] * 7
    assert download(remote(server), tmp_path).read_bytes() == CONTENT


def test_a_server_without_ranges_begins_again(server, tmp_path):
    server.ranges = False
    server.faults = [-1_000_000]
    assert download(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.requests == ["", "bytes=1000000-"]


def test_a_file_that_changed_meanwhile_is_not_mixed(server, tmp_path, monkeypatch):
    monkeypatch.setattr(downloading, "_PAUSES", ())
    server.faults = [-1_000_000]
    with pytest.raises(CorpusError):
        download(remote(server), tmp_path)
    other = CONTENT[::-1]
    server.files["/file"], server.validators = other, {"ETag": '"two"'}
    assert download(remote(server, other), tmp_path).read_bytes() == other


def test_wrong_bytes_are_not_kept(server, tmp_path):
    file = remote(server)
    server.files["/file"] = CONTENT[:-1] + b"?"
    with pytest.raises(CorpusError, match=r"but sha256:.* was expected of http.*; it was not kept"):
        download(file, tmp_path)
    assert names(tmp_path) == []
    server.files["/file"] = CONTENT
    assert download(file, tmp_path).read_bytes() == CONTENT


def test_a_file_of_another_size_is_refused_before_it_comes(server, tmp_path):
    file = remote(server)
    server.files["/file"] = b"<html>Please log in.</html>"
    with pytest.raises(CorpusError, match=r"gives 27 bytes, but f\.bin has 3000000"):
        download(file, tmp_path)
    assert names(tmp_path) == []


def test_passing_errors_are_waited_out(server, tmp_path):
    server.faults = [500, 503, 429]
    assert download(remote(server), tmp_path).read_bytes() == CONTENT


def test_lasting_errors_end_it(server, tmp_path):
    server.faults = [500] * 9
    with pytest.raises(CorpusError, match="the server answers 500"):
        download(remote(server), tmp_path)
    assert len(server.requests) == 1 + 3


def test_a_file_that_is_gone_is_asked_for_once(server, tmp_path):
    with pytest.raises(CorpusError, match="the server answers 404"):
        download(RemoteFile("f", server.url("/other"), 3), tmp_path)
    assert len(server.requests) == 1


def test_a_server_that_is_not_there_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(downloading, "_PAUSES", (0,))
    file = RemoteFile("f", "http://127.0.0.1:1/f", 3)
    with pytest.raises(CorpusError, match=r"the server cannot be reached .*refused"):
        download(file, tmp_path)


def test_without_a_known_checksum_the_first_one_is_trusted_and_kept(server, tmp_path):
    file = remote(server, known=False)
    download(file, tmp_path).unlink()
    assert (tmp_path / "f.bin.checksum").read_text() == f"{checksum(CONTENT)}\n"
    server.files["/file"] = CONTENT[::-1]
    with pytest.raises(CorpusError, match=r"but sha256:.* was expected"):
        download(file, tmp_path)
    assert names(tmp_path) == ["f.bin.checksum"]


def test_a_file_that_was_put_there_by_hand_is_checked(server, tmp_path):
    target = tmp_path / "f.bin"
    target.write_bytes(CONTENT)
    assert download(remote(server), tmp_path) == target
    (tmp_path / "f.bin.checksum").unlink()
    target.write_bytes(CONTENT[::-1])
    with pytest.raises(CorpusError, match=r"but sha256:.* was expected.*; remove it"):
        download(remote(server), tmp_path)
    assert target.exists()
    assert server.requests == []


def test_a_full_disk_is_one_line_and_the_download_goes_on_later(server, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, limits[1]))
    try:
        with pytest.raises(OutputError, match=r"cannot write .*f\.bin"):
            download(remote(server), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert download(remote(server), tmp_path).read_bytes() == CONTENT
    assert server.requests[-1].startswith("bytes=")


@pytest.fixture
def secure(server: Server, tmp_path: Path) -> Path:
    """Make the server speak TLS; return its certificate, which nobody trusts yet."""
    files = [tmp_path / "key.pem", tmp_path / "certificate.pem"]
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=here"
    command += f" -addext subjectAltName=IP:127.0.0.1 -keyout {files[0]} -out {files[1]}"
    try:
        subprocess.run(command.split(), check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the program openssl to make a certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files[1], files[0])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return files[1]


def test_a_certificate_must_be_trusted(server, secure, tmp_path, monkeypatch):
    url = server.url().replace("http:", "https:")
    file = RemoteFile("f.bin", url, len(CONTENT), checksum(CONTENT))
    with pytest.raises(CorpusError, match="certificate is not trusted"):
        download(file, tmp_path / "a")
    monkeypatch.setenv("SSL_CERT_FILE", str(secure))
    assert download(file, tmp_path / "a").read_bytes() == CONTENT


def test_a_redirect_that_drops_encryption_is_refused(server, secure, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(secure))
    server.redirect = "http://127.0.0.1:1/file"
    url = server.url().replace("http:", "https:")
    with pytest.raises(CorpusError, match="without encryption, which is refused"):
        download(RemoteFile("f.bin", url, 3), tmp_path / "a")
