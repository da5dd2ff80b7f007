"""The nginx recipe of the documents, run as it stands there before a real server."""

import http.client
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fixtures.orthanc import dicom_film, free_port

DOCUMENT = Path(__file__).parents[2] / "docs" / "serving.md"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
NAME, TOKEN = "radtex.hospital.example", "a-token"

pytestmark = pytest.mark.skipif(
    NGINX is None or shutil.which("openssl") is None, reason="needs nginx and openssl (apt)"
)


@dataclass
class Proxy:
    """A running nginx."""

    port: int
    folder: Path

    def ask(
        self, path: str, body: bytes | None = None, name: str = NAME, **headers: str
    ) -> tuple[int, bytes]:
        """Return status and body of the answer; the certificate is checked."""
        trusted = ssl.create_default_context(cafile=str(self.folder / "radtex.pem"))
        trusted.check_hostname = False  # the address is loopback's
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=trusted, timeout=60
        )
        sent = {"Host": name, "Authorization": f"Bearer {TOKEN}", **headers}
        try:
            connection.request("GET" if body is None else "POST", path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def logs(self) -> str:
        return "".join(file.read_text() for file in self.folder.glob("*.log"))


def recipe() -> str:
    (block,) = re.findall(r"^```nginx\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.M | re.S)
    return str(block)


def adapted(folder: Path, port: int, upstream: int) -> str:
    """Put places of the test in place of those of a hospital; each stands in the recipe."""
    text = recipe()
    for old, new in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "http://127.0.0.1:8000": f"http://127.0.0.1:{upstream}",
        "/etc/ssl/certs/radtex.pem": f"{folder}/radtex.pem",
        "/etc/ssl/private/radtex.key": f"{folder}/radtex.key",
        "/var/log/nginx/radtex.log": f"{folder}/radtex.log",
        "/var/log/nginx/radtex.error.log": f"{folder}/radtex.error.log",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def proxy(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("proxy")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"),
            *("-keyout", folder / "radtex.key", "-out", folder / "radtex.pem"),
        ],
        check=True,
        capture_output=True,
    )
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "radtex", "serve", kept / "classifier", "--port", "0"),
            *("--token", TOKEN, "--allow-host", NAME),
        ],
        stdout=subprocess.PIPE,
        stderr=(folder / "server.txt").open("w"),
        text=True,
    )
    assert NGINX is not None
    assert server.stdout is not None
    upstream = int(re.findall(r":(\d+)/", server.stdout.readline())[0])
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid;\ndaemon off;\nerror_log {folder}/main.log;\n"
        "events { }\nhttp {\n"
        + "".join(
            f"{kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + adapted(folder, port, upstream)
        + "}\n"
    )
    nginx = subprocess.Popen(
        [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "main.log"],
        stderr=subprocess.DEVNULL,
    )
    found = Proxy(port, folder)
    try:
        for _ in range(600):
            assert nginx.poll() is None, found.logs()
            assert server.poll() is None, (folder / "server.txt").read_text()
            try:
                if found.ask("/readyz")[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.1)
        yield found
    finally:
        for process in (nginx, server):
            process.terminate()
            process.wait(timeout=60)


def multipart(data: bytes) -> tuple[bytes, dict[str, str]]:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="Doe.dcm"\r\n\r\n'
    return head + data + b"\r\n--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}


def test_a_film_is_read_behind_the_proxy(proxy: Proxy, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    dicom_film(pixels).save_as(tmp_path / "film.dcm", enforce_file_format=True)
    body, headers = multipart((tmp_path / "film.dcm").read_bytes())
    status, answer = proxy.ask("/v1/studies?keep=true", body, **headers)
    assert status == 200, answer
    assert b'"findings"' in answer


def test_nobody_is_let_in_without_the_token(proxy: Proxy) -> None:
    assert proxy.ask("/v1/models")[0] == 200
    assert proxy.ask("/v1/models", Authorization="Bearer other")[0] == 401


def test_the_log_says_when_and_how_and_not_about_whom(proxy: Proxy) -> None:
    proxy.ask("/v1/studies/1234567890/Doe^Jane?patient=Doe", Referer="https://a/?patient=Doe")
    body, headers = multipart(b"no film")
    proxy.ask("/v1/studies?prompt=Doe", body, **headers)
    with suppress(OSError):  # nginx may close before the line is sent whole
        proxy.ask("/" + "Doe" * 20_000)
    logs = proxy.logs()
    assert re.search(r"^\d{4}-\d\d-\d\dT\S+ POST 4\d\d \d+ [\d.]+$", logs, re.M)
    for secret in ("Doe", "patient", "1234567890", "prompt", TOKEN, "Bearer"):
        assert secret not in logs


def test_an_upload_that_is_too_large_ends_at_the_proxy(proxy: Proxy) -> None:
    try:
        status, _ = proxy.ask("/v1/studies", bytes(65 * 2**20))
        assert status == 413
    except (BrokenPipeError, ConnectionResetError):  # refused before it was sent
        pass
    assert not [each for each in (proxy.folder / "client_body").rglob("*") if each.is_file()]


def test_plain_http_is_no_way_in(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
    connection.request("GET", "/healthz", headers={"Host": NAME})
    assert connection.getresponse().status == 400
    connection.close()
