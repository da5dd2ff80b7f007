"""Answers of several parts, and what servers make of them."""

from contextlib import suppress
from email.encoders import encode_noop
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.policy import HTTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radtex.errors import PacsAnswerError
from radtex.pacs.multipart import only_part

KIND = 'multipart/related; type="application/dicom"; boundary="b1"'


def wrapped(*files: bytes, kind: str = "application/dicom", end: str = "\r\n--b1--\r\n") -> bytes:
    parts = [f"--b1\r\nContent-Type: {kind}\r\n\r\n".encode() + file for file in files]
    return b"\r\n".join(parts) + end.encode()


@given(st.binary(max_size=200))
def test_a_file_comes_out_as_it_went_in(file: bytes) -> None:
    if b"\r\n--b1" not in b"\r\n" + file:
        assert only_part(KIND, wrapped(file)) == file
        assert only_part(KIND.replace('"b1"', "b1"), b"\r\n" + wrapped(file)) == file


def test_a_file_that_the_standard_library_wraps_is_read() -> None:
    whole = MIMEMultipart("related", boundary="b1")
    whole.attach(MIMEApplication(bytes(range(256)), "dicom", encode_noop))
    part = whole.get_payload()[0]
    part.set_payload("A\x00B")
    body = whole.as_bytes(policy=HTTP)
    assert only_part(KIND, body[body.index(b"--b1") :]) == b"A\x00B"


def test_a_bare_file_is_taken() -> None:
    assert only_part("application/dicom; transfer-syntax=1.2", b"file") == b"file"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html", b"<html>"),
        ("", b""),
        ("multipart/related", wrapped(b"file")),
        (KIND, b""),
        (KIND, wrapped()),
        (KIND, wrapped(b"one", b"two")),
        (KIND, wrapped(b"file", end="")),
        (KIND, wrapped(b"file", kind="image/png")),
        (KIND, b"--b1\r\nno end of the head\r\n--b1--"),
    ],
)
def test_anything_else_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(PacsAnswerError, match="the PACS answers with"):
        only_part(kind, body)


@given(st.text(max_size=60), st.binary(max_size=100))
def test_any_answer_is_read_or_refused(kind: str, body: bytes) -> None:
    with suppress(PacsAnswerError):
        assert isinstance(only_part(kind, body), bytes)
