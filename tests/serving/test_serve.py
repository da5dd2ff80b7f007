"""How a server starts."""

import importlib.util
import shutil
import socket
from pathlib import Path

import pytest

from radtex.errors import RadtexError, RunError
from radtex.serving.serve import is_loopback, serve


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("192.168.1.4", False),
        ("films.example", False),
    ],
)
def test_loopback_is_told_from_the_world(host: str, loopback: bool) -> None:
    assert is_loopback(host) == loopback


def test_a_taken_port_is_one_line(writing_run: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(RadtexError, match=f"cannot listen at 127.0.0.1, port {port}"):
            serve([writing_run], port=port)


@pytest.mark.parametrize("port", [-1, 65_536, 99_999])
def test_what_is_no_port_is_one_line(writing_run: Path, port: int) -> None:
    with pytest.raises(RadtexError, match=f"there is no port {port}"):
        serve([writing_run], port=port)


@pytest.mark.parametrize("host", ["x" * 300, "a..b", "a\x1b[2Jb"])
def test_what_is_no_host_is_one_line(writing_run: Path, host: str) -> None:
    with pytest.raises(RadtexError, match="cannot listen at"):
        serve([writing_run], host=host, port=0)


@pytest.mark.parametrize("token", ["", " ", "a b", "a\nb", "ß"])
def test_a_token_that_no_request_can_bring_is_one_line(writing_run: Path, token: str) -> None:
    with pytest.raises(RadtexError, match="--token is empty, or has blanks"):
        serve([writing_run], token=token)


def test_models_that_cannot_be_opened_end_the_server(kept: Path, tmp_path: Path) -> None:
    classifier = shutil.copytree(kept / "classifier", tmp_path / "classifier")
    (classifier / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(RunError, match=r"model\.safetensors"):
        serve([classifier], port=0)


def test_labels_need_a_corpus(writing_run: Path) -> None:
    with pytest.raises(RadtexError, match="--corpus"):
        serve([writing_run], label=True)


def test_a_missing_package_is_one_line_with_its_command(
    writing_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "radtex.serving.serve.find_spec",
        lambda name: None if name == "fastapi" else found(name),
    )
    with pytest.raises(RadtexError, match=r"pip install 'radtex\[serve\]'"):
        serve([writing_run])


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"dicom_from": ["A"]}, "port for them by --dicom-listen"),
        ({"pacs": "localhost"}, "the PACS's address is no URL"),
        ({"dicom_listen": 0}, "say where to, by --dicom-peer"),
        ({"dicom_listen": 0, "pacs": "http://localhost"}, "by --dicom-from"),
        ({"dicom_listen": 0, "dicom_peer": "PACS"}, "expected AET@HOST:PORT"),
        (
            {"dicom_listen": 0, "dicom_from": ["A"], "pacs": "http://localhost", "port": 0},
            "serve a classifier, too",
        ),
    ],
)
def test_dicom_options_that_do_not_fit_are_told(writing_run: Path, options, why: str) -> None:
    with pytest.raises(RadtexError, match=why):
        serve([writing_run], **options)
