"""Exports that are served: their answers are those of `predict` and `generate` on their folders."""

import json
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from fixtures.serving import Served, png, server_of, wait_until
from radtex.classifiers.classifier import Classifier
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus, write_corpus
from radtex.errors import RunError
from radtex.interchange.export import export
from radtex.serving.app import create_app
from radtex.serving.settings import ServeSettings


@pytest.fixture(scope="module")
def hub_classifier(kept: Path) -> Path:
    return export(kept / "classifier", "hub", kept / "hub")


@pytest.fixture(scope="module")
def hub_run(hospital_run: Path) -> Path:
    return export(hospital_run, "hub", hospital_run.parent / "hub")


def study(client: TestClient, film: bytes, address: str = "/v1/studies"):
    return client.post(address, files={"image": film})


def files_of(corpus: Corpus, folder: Path, count: int) -> list[Path]:
    files = [folder / f"{row}.png" for row in range(count)]
    for row, file in enumerate(files):
        file.write_bytes(png(corpus, row))
    return files


@pytest.mark.parametrize("kind", ["onnx_classifier", "hub_classifier"])
def test_findings_of_an_export_are_those_of_predict(
    served: Served, kept: Path, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    folder = request.getfixturevalue(kind)
    files = files_of(Corpus.open(kept / "corpus"), tmp_path, 6)
    expected = json.loads(predict(folder, [str(file) for file in files], format="json"))
    with served(models=(folder,)) as client:
        for file, said in zip(files, expected, strict=True):
            found = study(client, file.read_bytes()).json()["findings"]
            assert (found["abstained"], found["reason"]) == (said["abstained"], said["reason"])
            assert found["distance"] == pytest.approx(said["distance"], rel=1e-4)
            assert len(found["findings"]) == 2
            for each in found["findings"]:
                probability = (said["probabilities"] or {}).get(each["target"])
                if probability is None:
                    assert each["probability"] is None
                else:
                    assert each["probability"] == pytest.approx(probability, abs=1e-5)
    assert any(not said["abstained"] for said in expected)


def test_an_export_to_onnx_says_what_it_cannot_do(
    served: Served, kept: Path, onnx_classifier: Path
) -> None:
    film = png(Corpus.open(kept / "corpus"), 0)
    with served(models=(onnx_classifier,)) as client:
        classifier = server_of(client).holder.models.classifier
        assert classifier is not None
        assert not isinstance(classifier.model, Classifier)  # no weights of torch were loaded
        (model,) = client.get("/v1/models").json()["models"]
        assert model["capabilities"] == ["embeddings", "findings"]
        assert any("writes no reports" in said for said in model["cannot"])
        assert any("cannot show where" in said for said in model["cannot"])
        assert model["targets"] == ["Edema", "Effusion"]
        described = json.loads((onnx_classifier / "export.json").read_text())
        assert model["sha256"] == described["graphs"]["classifier"]["sha256"]
        assert len(study(client, film, "/v1/embeddings").json()["embedding"]) == 96

        answer = study(client, film, "/v1/studies?keep=true").json()
        assert all(each["map"] is None for each in answer["findings"]["findings"])
        refused = client.get(f"/v1/studies/{answer['id']}/maps/targets/0.png")
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:radtex:problem:no-maps")
        assert "cannot show where" in refused.json()["detail"]
        assert client.get(f"/v1/studies/{answer['id']}/maps/targets/9").status_code == 404
        for address in ("/v1/studies?prompt=heart", "/v1/ask"):
            asked = client.post(address, files={"image": film}, data={"question": "edema"})
            assert (asked.status_code, asked.json()["type"]) == (
                422,
                "urn:radtex:problem:no-reports",
            )


def test_an_exported_run_writes_and_asks_as_the_run_does(
    served: Served, hospital: Corpus, hospital_run: Path, hub_run: Path
) -> None:
    film = png(hospital, 3)
    answers = []
    for folder in (hospital_run, hub_run):
        with served(models=(folder,)) as client:
            kept_study = study(client, film, "/v1/studies?keep=true").json()
            sentence = kept_study["report"]["sentences"][0]
            shown = client.get(sentence["map"].removesuffix(".png")).json()
            (model,) = client.get("/v1/models").json()["models"]
            assert "report_maps" in model["capabilities"]
            assert model["card"] is None or model["card"].startswith("---")
            answers.append((kept_study["report"]["text"], shown["cells"]))
    assert answers[0][0] == answers[1][0]
    np.testing.assert_allclose(answers[0][1], answers[1][1], atol=1e-6)


def test_films_of_a_corpus_of_another_size_fit_a_graph(
    served: Served, kept: Path, onnx_classifier: Path, corpus: Corpus, tmp_path: Path
) -> None:
    small = png(corpus, 0)
    info = {key: value for key, value in corpus.info.items() if key != "content_hash"}
    (tmp_path / "small").mkdir()
    write_corpus(tmp_path / "small", corpus.index, [np.array(corpus.images)], info)
    (tmp_path / "film.png").write_bytes(small)
    (said,) = json.loads(
        predict(onnx_classifier, [str(tmp_path / "film.png")], "json", answer_all=True)
    )
    with served(models=(onnx_classifier,), corpus=tmp_path / "small") as client:
        found = client.post("/v1/corpus/films/0/study").json()
        assert found["findings"]["distance"] == pytest.approx(said["distance"], rel=1e-4)
        assert found["nearest"] is None
    with served(models=(onnx_classifier,), corpus=kept / "corpus") as client:
        shelf = server_of(client).shelf
        assert shelf is not None
        wait_until(lambda: shelf.knows_neighbours)
        pool = int(shelf.corpus.rows("pool")[0])
        nearest = client.post(f"/v1/corpus/films/{pool}/study").json()["nearest"]
        assert nearest[0]["likeness"] == pytest.approx(1, abs=1e-5)


def test_exports_that_answer_no_films_are_refused(
    onnx_run: Path, onnx_classifier: Path, kept: Path
) -> None:
    with pytest.raises(RunError, match="is the export of a run; expected that of a classifier"):
        create_app(ServeSettings((onnx_run,)))
    with pytest.raises(RunError, match="both classifiers"):
        create_app(ServeSettings((onnx_classifier, kept / "classifier")))
    settings = ServeSettings((onnx_classifier,), corpus=kept / "corpus", label=True)
    with pytest.raises(RunError, match="cannot choose the films to label"):
        create_app(settings)


def test_a_graph_that_was_changed_is_not_served(
    onnx_classifier: Path, served: Served, tmp_path: Path
) -> None:
    for file in onnx_classifier.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "classifier.onnx").open("ab") as graph:
        graph.write(b"\0")
    with served(models=(tmp_path,)) as client:
        assert client.get("/readyz").json()["type"] == "urn:radtex:problem:model-missing"
