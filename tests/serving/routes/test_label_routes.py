"""Labels by REST."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from fixtures.serving import Served, server_of, wait_until
from radtex.corpus.corpus import Corpus
from radtex.errors import OutputError
from radtex.serving.desk.label_journal import LabelJournal


@pytest.fixture(scope="module")
def client(
    served: Served, phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("label") / "corpus"
    shutil.copytree(phantom_corpus.path, folder)
    with served(corpus=folder, label=True, targets=("Mass", "Gout")) as client:
        wait_until(lambda: client.get("/v1/labels/next?reader=x").json()["state"] == "ready", 300)
        yield client


def post(client: TestClient, **body: object):
    return client.post("/v1/labels", json=body)


def test_a_reader_labels_film_after_film(client: TestClient) -> None:
    seen = []
    for _ in range(3):
        film = client.get("/v1/labels/next?reader=Ann").json()
        assert client.get(film["picture"]).headers["content-type"] == "image/png"
        seen.append(film["film"])
        said = post(client, reader="Ann", film=film["film"], values={"Mass": 1}).json()
        assert said["values"] == {"Mass": 1}
        again = client.get("/v1/labels/next?reader=Ann").json()
        assert (again["film"], again["values"]) == (film["film"], {"Mass": 1})
        post(client, reader="Ann", film=film["film"], values={"Gout": -1}, done=True, seconds=2)
    assert len(set(seen)) == 3
    progress = client.get("/v1/labels").json()
    assert progress["targets"] == ["Mass", "Gout"]
    assert {"reader": "Ann", "films": 3, "labels": 6, "seconds_per_film": 2} in progress["readers"]
    undone = client.post("/v1/labels/undo", json={"reader": "Ann"}).json()
    assert (undone["film"], undone["values"]) == (seen[-1], {"Mass": 1})
    assert client.get("/v1/labels/next?reader=Ann").json()["film"] == seen[-1]
    table = client.get("/v1/labels.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines()[0] == "image_id,reader,Mass,Gout,chosen_by,report_seen"
    tasks = client.get("/v1/labels/label-studio").json()
    assert len(tasks) == 3
    taken = client.post("/v1/labels/label-studio", json=tasks).json()
    assert (taken["taken"], taken["left_out"]) == (3, [])
    assert "Choices" in client.get("/v1/labels/label-studio.xml").text


def test_sending_it_twice_counts_once(client: TestClient) -> None:
    for value in (1, 0):
        answer = post(client, id="abc-1", reader="Twice", film=1, values={"Mass": value})
        assert answer.json()["values"] == {"Mass": 1}


def test_two_tabs_of_one_reader_keep_both_labels(client: TestClient) -> None:
    post(client, reader="Tabs", film=2, values={"Mass": 1})
    assert post(client, reader="Tabs", film=2, values={"Gout": 0}).json()["values"] == {
        "Mass": 1,
        "Gout": 0,
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reader": "", "film": 1}, 422),
        ({"reader": "a\nb", "film": 1}, 422),
        ({"reader": "a", "film": -1}, 422),
        ({"reader": "a", "film": 100_000}, 404),
        ({"reader": "a", "film": 1, "values": {"Mass": 2}}, 422),
        ({"reader": "a", "film": 1, "values": {"Other": 1}}, 422),
        ({"reader": "a", "film": 1, "seconds": -1}, 422),
    ],
)
def test_what_cannot_be_is_refused(
    client: TestClient, body: dict[str, object], status: int
) -> None:
    answer = post(client, **body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_nothing_to_undo_is_a_sentence(client: TestClient) -> None:
    answer = client.post("/v1/labels/undo", json={"reader": "Nobody"})
    assert (answer.status_code, answer.json()["type"]) == (
        409,
        "urn:radtex:problem:nothing-to-undo",
    )


def test_a_full_disk_is_a_sentence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OutputError("cannot write served_labels.jsonl: the disk is full")

    monkeypatch.setattr(LabelJournal, "add", full)
    answer = post(client, reader="Full", film=1, values={"Mass": 1})
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:radtex:problem:cannot-write")
    assert "Nothing was saved" in answer.json()["detail"]
    assert "the disk is full" in answer.json()["detail"]


def test_without_label_there_is_no_desk(reading_client: TestClient) -> None:
    for address in ("/v1/labels", "/v1/labels/next?reader=a", "/v1/plan", "/v1/retrain"):
        answer = reading_client.get(address)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:radtex:problem:no-labels")
    assert server_of(reading_client).desk is None


def test_the_label_page_is_served(client: TestClient) -> None:
    assert client.get("/label").status_code == 200


def test_labels_outlive_the_server(served: Served, client: TestClient, tmp_path: Path) -> None:
    desk = server_of(client).the_desk()
    shutil.copytree(desk.corpus.path, tmp_path / "corpus")
    with served(corpus=tmp_path / "corpus", label=True, targets=("Mass", "Gout")) as again:
        assert (
            again.get("/v1/labels").json()["readers"] == client.get("/v1/labels").json()["readers"]
        )
