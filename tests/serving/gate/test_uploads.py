"""Forms in memory."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from radtex.serving.gate.uploads import Upload, read_upload, upload_body
from radtex.serving.problems import ProblemError


def read(body: bytes, kind: str = "multipart/form-data; boundary=b") -> Upload:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode())]
    return asyncio.run(read_upload(Request({"type": "http", "headers": headers}, receive)))


def part(name: str, content: bytes, file: str = "") -> bytes:
    of = f'; filename="{file}"' if file else ""
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{of}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def test_the_file_and_the_fields_are_read() -> None:
    found = read(part("image", b"\0\1", "x") + part("question", b"edema") + b"--b--\r\n")
    assert (found.image, dict(found.fields)) == (b"\0\1", {"question": "edema"})
    assert "edema" not in repr(found)  # asyncio shows what a task returned, when it is asked to


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"nothing of the kind", 400),
        (b"--b\r\nno header\r\n\r\nx\r\n--b--", 400),
        (part("image", b"x") + b"--b--\r\n", 422),
        (part("image", b"", "x") + b"--b--\r\n", 422),
        (part("image", b"x", "x") + part("image", b"x", "x") + b"--b--\r\n", 400),
        (b"".join(part(f"f{n}", b"") for n in range(20)) + b"--b--\r\n", 400),
        (part("f", bytes(100_000)) + b"--b--\r\n", 400),
    ],
)
def test_other_bodies_are_refused(body: bytes, status: int) -> None:
    with pytest.raises(ProblemError) as caught:
        read(body)
    assert caught.value.status == status


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", ""])
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read(b"x", kind)
    assert caught.value.status in (400, 415)


def test_the_description_names_the_fields() -> None:
    body = upload_body(question={"type": "string"})["requestBody"]
    properties = body["content"]["multipart/form-data"]["schema"]["properties"]
    assert list(properties) == ["image", "question"]
