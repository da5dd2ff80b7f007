"""Addresses without secrets, and secrets from the environment."""

import base64

import pytest

from radtex.errors import PacsError
from radtex.pacs.address import authorization, checked_address, is_open_to_listeners


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RADTEX_PACS_TOKEN", raising=False)
    monkeypatch.delenv("RADTEX_PACS_LOGIN", raising=False)


def test_an_address_is_taken_without_its_last_slash() -> None:
    assert checked_address("https://pacs.example:8443/dw/") == "https://pacs.example:8443/dw"


@pytest.mark.parametrize("url", ["", "pacs", "file:///a", "http://", "http://a:b/", "https://a/#b"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(PacsError, match=r"address .* expected one as https://pacs\.example"):
        checked_address(url)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(PacsError, match="RADTEX_PACS_LOGIN=user:password") as raised:
        checked_address("https://ann:hunter2@pacs.example/")
    assert "hunter2" not in str(raised.value)


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert authorization() is None
    monkeypatch.setenv("RADTEX_PACS_TOKEN", "abc.def")
    assert authorization() == "Bearer abc.def"
    monkeypatch.setenv("RADTEX_PACS_LOGIN", "ann:päss:word")
    with pytest.raises(PacsError, match="both set"):
        authorization()
    monkeypatch.delenv("RADTEX_PACS_TOKEN")
    told = authorization()
    assert told is not None
    assert base64.b64decode(told.removeprefix("Basic ")).decode() == "ann:päss:word"


@pytest.mark.parametrize(
    ("name", "value"),
    [("RADTEX_PACS_TOKEN", "a\r\nX: y"), ("RADTEX_PACS_TOKEN", "ä"), ("RADTEX_PACS_LOGIN", "ann")],
)
def test_what_cannot_be_sent_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(PacsError, match=name):
        authorization()


def test_only_loopback_and_tls_are_closed_to_listeners() -> None:
    closed = ("https://pacs.example", "http://127.0.0.1:80", "http://[::1]:80", "http://localhost")
    assert not any(map(is_open_to_listeners, closed))
    assert is_open_to_listeners("http://pacs.example")
    assert is_open_to_listeners("http://192.0.2.1/x")
