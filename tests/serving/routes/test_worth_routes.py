"""The curve of the labels, and a classifier made of them, by REST."""

import shutil
from pathlib import Path

import numpy as np

from fixtures.serving import Served, server_of, wait_until
from radtex.corpus.corpus import Corpus


def test_the_curve_is_drawn_and_a_classifier_made_and_served(
    served: Served, kept: Path, writing_run: Path, tmp_path: Path
) -> None:
    shutil.copytree(kept / "corpus", tmp_path / "corpus")
    corpus = Corpus.open(tmp_path / "corpus")
    truth = corpus.index["label.Effusion"].to_numpy(np.int64)
    with served(models=(writing_run,), corpus=corpus.path, label=True, targets=("Gout",)) as client:
        first = client.get("/v1/plan").json()
        assert first["expected"] == []
        refused = client.post("/v1/retrain")
        assert refused.status_code == 422
        desk = server_of(client).the_desk()
        for split in ("pool", "test"):
            for row in corpus.rows(split)[:60].tolist():
                desk.save("Ann", row, {"Gout": int(truth[row])}, done=True)
        wait_until(lambda: client.get("/v1/plan").json()["state"] == "ready", 300)
        found = client.get("/v1/plan").json()
        assert found["labels"] == 60
        assert [each["labels"] for each in found["expected"]] == [60, 110, 160, 260]
        assert found["sentence"].startswith("50 more labels: 0.")
        for each in found["expected"]:
            assert each["low"] <= each["auc"] <= each["high"]
        assert client.get("/v1/retrain").json()["state"] == "idle"
        assert client.post("/v1/retrain").status_code == 202
        wait_until(lambda: client.get("/v1/retrain").json()["state"] != "running", 300)
        assert client.get("/v1/retrain").json()["state"] == "done"
        assert client.get("/v1/retrain").json()["served"]
        kinds = [each["kind"] for each in client.get("/v1/models").json()["models"]]
        assert kinds == ["run", "classifier"]
        film = client.get(f"/v1/corpus/films/{corpus.rows('pool')[0]}/film.png").content
        findings = client.post("/v1/studies", files={"image": film}).json()["findings"]
        assert [each["target"] for each in findings["findings"]] == ["Gout"]
