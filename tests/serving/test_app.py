"""The application as a whole."""

from fastapi.testclient import TestClient

from fixtures.serving import Served


def test_pages_need_nothing_from_elsewhere(reading_client: TestClient) -> None:
    page = reading_client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "not a medical device" in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "unsafe" not in page.headers["content-security-policy"]


def test_the_label_page_is_there_if_it_is_asked_for(reading_client: TestClient) -> None:
    assert reading_client.get("/label").status_code == 404


def test_openapi_describes_every_route(reading_client: TestClient) -> None:
    described = reading_client.get("/v1/openapi.json").json()
    assert {"/v1/studies", "/v1/ask", "/v1/embeddings", "/v1/models"} <= set(described["paths"])
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            assert all(each["description"] for each in operation["responses"].values())


def test_unknown_addresses_are_sentences(reading_client: TestClient) -> None:
    for method, address, status in (("GET", "/v1/nothing", 404), ("PUT", "/v1/studies", 405)):
        answer = reading_client.request(method, address)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_only_a_host_that_is_named_gets_in(served: Served) -> None:
    with served(names=("films.example",)) as client:
        assert client.get("/healthz", headers={"host": "Films.example:443"}).status_code == 200
        assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 421
