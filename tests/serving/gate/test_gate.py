"""Who may come in, and with how much."""

import asyncio
import logging

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from fixtures.serving import Served, png
from radtex.corpus.corpus import Corpus
from radtex.serving.gate.gate import Door, Gate
from radtex.serving.gate.traffic import Traffic
from radtex.serving.problems import ProblemError
from radtex.serving.settings import Limits


def scope(path: str = "/v1/models", **headers: str) -> Scope:
    named = {"host": "127.0.0.1:8000"} | {n.replace("_", "-"): v for n, v in headers.items()}
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in named.items()]
    return {"type": "http", "method": "GET", "path": path, "headers": pairs}


def refusal(door: Door, asked: Scope) -> int:
    try:
        door.check(asked)
    except ProblemError as error:
        return error.status
    return 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "127.0.0.1", "[::1]:80", "10.0.0.7:8000", "Films.example:1"],
)
def test_addresses_and_own_names_get_in(host: str) -> None:
    assert refusal(Door({"films.example"}), scope(host=host)) == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "", "localhost:8000:1", "a@localhost", "localhost.",
     "127.0.0.1:8000, evil", "[::1", "2130706433.example"],
)  # fmt: skip
def test_a_name_that_somebody_else_may_rebind_does_not(host: str) -> None:
    assert refusal(Door(), scope(host=host)) == 421


def test_two_hosts_are_none() -> None:
    asked = scope()
    asked["headers"].append((b"host", b"localhost"))
    assert refusal(Door(), asked) == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "https://127.0.0.1:8000"}, 200),
        ({"origin": "http://127.0.0.1:8001"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "none"}, 200),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
    ],
)
def test_pages_of_other_sites_may_not_ask(headers: dict[str, str], status: int) -> None:
    assert refusal(Door(), scope(**headers)) == status


def test_a_link_from_another_site_may_open_the_page_alone() -> None:
    assert refusal(Door(), scope("/", sec_fetch_site="cross-site")) == 200
    assert refusal(Door(token="t"), scope("/")) == 200
    assert refusal(Door(token="t"), scope("/healthz")) == 200
    assert refusal(Door(token="t"), scope("/metrics")) == 401


@pytest.mark.parametrize(
    ("brought", "status"),
    [
        ("Bearer secret", 200),
        ("bearer  secret", 200),
        ("Bearer secre", 401),
        ("Bearer secrett", 401),
        ("Basic secret", 401),
        ("secret", 401),
        ("", 401),
        ("Bearer sécret", 401),
    ],
)
def test_the_token_is_asked_for(brought: str, status: int) -> None:
    assert refusal(Door(token="secret"), scope(authorization=brought)) == status


@given(st.text(alphabet="abc", max_size=3), st.text(alphabet="abc", max_size=3))
def test_no_other_token_gets_in(token: str, brought: str) -> None:
    status = refusal(Door(token=token), scope(authorization=f"Bearer {brought}"))
    assert (status == 200) == (not token or token == brought)


def through(parts: list[Message], limits: Limits, headers: dict[str, str]) -> list[Message]:
    """Send a body through the gate to an application that reads it all; return what comes back."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while (await receive()).get("more_body"):
                pass
        except ProblemError as error:
            await error.response()(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        if not parts:
            await asyncio.sleep(60)
        return parts.pop(0)

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asked = scope(**headers) | {"method": "POST"}
    asyncio.run(Gate(app, Door(), limits, Traffic())(asked, receive, send))
    return sent


def body(count: int, size: int = 1000) -> list[Message]:
    return [
        {"type": "http.request", "body": bytes(size), "more_body": number + 1 < count}
        for number in range(count)
    ]


def test_a_body_that_says_it_is_too_large_is_refused_and_read_to_its_end() -> None:
    parts = body(30)
    sent = through(parts, Limits(upload_bytes=10_000), {"content_length": "30000"})
    assert sent[0]["status"] == 413
    assert b"No single radiograph" in sent[1]["body"] or b"no single radiograph" in sent[1]["body"]
    assert not parts


def test_a_body_that_hides_its_size_is_refused_when_it_has_come() -> None:
    sent = through(body(30), Limits(upload_bytes=10_000), {})
    assert sent[0]["status"] == 413
    assert through(body(9), Limits(upload_bytes=10_000), {})[0]["status"] == 200


def test_a_body_that_never_ends_is_given_up() -> None:
    parts = body(3)[:2]
    sent = through(parts, Limits(upload_seconds=0.05), {})
    assert sent[0]["status"] == 408


def test_every_answer_has_the_headers_of_security(reading_client: TestClient) -> None:
    for address in ("/", "/v1/models", "/v1/nothing", "/healthz"):
        headers = reading_client.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "not a medical device" in headers["x-radtex-notice"]
        assert headers["cache-control"] == "no-store"


def test_the_log_holds_nothing_of_a_film(
    served: Served, phantom_corpus: Corpus, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with served(token="sesame") as client:
        bearer = {"authorization": "Bearer sesame"}
        files = {"image": ("DOE^JANE.png", png(phantom_corpus, 0))}
        address = "/v1/studies?keep=true&prompt=the heart of Doe"
        study = client.post(address, files=files, headers=bearer).json()
        client.get(f"/v1/studies/{study['id']}/film.png", headers=bearer)
        assert client.get("/v1/DOE").status_code == 401
    own = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("radtex")
    )
    assert "POST /v1/studies 200" in own
    assert "GET /v1/studies/{name}/film.png 200" in own
    for secret in ("DOE", "Doe", "sesame", study["id"]):
        assert secret not in own


def test_nothing_of_an_upload_is_written(
    reading_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an upload went to the disk")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    large = b"\x89PNG\r\n\x1a\n" + bytes(3 * 2**20)
    assert reading_client.post("/v1/studies", files={"image": large}).status_code == 422
