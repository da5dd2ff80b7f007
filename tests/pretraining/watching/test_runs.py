"""What `radtex runs` says of runs in every state."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from radtex.corpus.corpus import Corpus
from radtex.errors import RunError
from radtex.files import sole_writer
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe
from radtex.pretraining.watching.runs import as_json, runs, table


@pytest.fixture(scope="module")
def finished(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {
        "backbone": "resnet10t",
        "hidden": 32,
        "heads": 2,
        "vocabulary": 400,
        "max_tokens": 24,
        "batch_size": 16,
        "steps": 4,
        "validate_every": 2,
        "seed": 7,
    }
    out = tmp_path_factory.mktemp("finished") / "run"
    return pretrain(phantom_corpus, out, load_recipe("captioning-small", options))


def evidence(folder: Path, run: Path, **changes: object) -> None:
    """A summary of the kind that `transfer` writes, of one encoder."""
    config = yaml.safe_load((run / "config.yaml").read_text())
    encoder = {
        "name": "mine",
        "weights": f"run {run.name}",
        "objective": config["recipe"]["objective"],
        "seed": config["recipe"]["seed"],
        "steps": config["steps"],
        "corpus": config["corpus"]["content_hash"],
    }
    means = {budget: {"mean": 0.5 + int(budget) / 10_000} for budget in ("50", "100", "1000")}
    summary = {"mean_auc": {"mine": means}, "protocol": {"encoders": [encoder | changes]}}
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(json.dumps(summary))


def test_a_finished_run_with_its_losses_and_scores(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished, tmp_path / "deep" / "mine"))
    evidence(tmp_path / "nih", run)
    evidence(tmp_path / "of-another-seed", run, seed=8)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "summary.json").write_text("{")
    (report,) = runs(tmp_path)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert (report.run, report.state, report.damage) == ("deep/mine", "finished", None)
    assert (report.objective, report.backbone, report.seed) == ("captioning", "resnet10t", 7)
    assert (report.steps_done, report.steps_total) == (4, 4)
    assert report.loss == [line["loss"] for line in lines if "loss" in line][-1]
    assert report.val_loss == min(line["val_loss"] for line in lines if "val_loss" in line)
    (score,) = report.scores
    assert (score.evidence, score.encoder, len(score.mean_auc)) == ("nih", "mine", 3)
    head, row = table([report]).splitlines()
    assert row.endswith("nih: 0.505 at 50, 0.600 at 1000")
    assert row[head.index("steps") :].startswith("4/4  ")
    assert json.loads(as_json([report]))[0]["scores"][0]["mean_auc"]["100"] == pytest.approx(0.51)


def test_every_state(finished: Path, tmp_path: Path) -> None:
    def copy(name: str) -> Path:
        return Path(shutil.copytree(finished, tmp_path / name))

    running, interrupted, unstarted = copy("running"), copy("interrupted"), copy("unstarted")
    for run in (running, interrupted, unstarted):
        (run / "model.safetensors").unlink()
    (unstarted / "metrics.jsonl").unlink()
    with (running / "metrics.jsonl").open("a") as file:
        file.write('{"step": 99, "lo')
    with (copy("weights") / "model.safetensors").open("r+b") as weights:
        weights.truncate(1000)
    (copy("config") / "config.yaml").write_text("model: [")
    (copy("older") / "config.yaml").write_text("")
    (copy("gone") / "config.yaml").unlink()
    (copy("patients") / "patients.txt").unlink()
    (copy("metrics") / "metrics.jsonl").write_bytes(b'{"step": 1}\n\xff\n')
    copy(".hidden.partial")
    (tmp_path / ".interrupted.lock").touch()  # as a killed process leaves it

    with sole_writer(running):
        reports = runs(tmp_path)
    states = {report.run: report.state for report in reports}
    assert states == {
        "running": "running",
        "interrupted": "interrupted",
        "unstarted": "unstarted",
        **dict.fromkeys(("weights", "config", "older", "gone", "patients", "metrics"), "damaged"),
    }
    damage = {report.run: report.damage for report in reports}
    assert "cannot read the weights" in str(damage["weights"])
    assert "is damaged" in str(damage["config"])
    assert "patients.txt" in str(damage["patients"])
    assert "metrics.jsonl" in str(damage["metrics"])
    steps = {report.run: report.steps_done for report in reports}
    assert (steps["running"], steps["unstarted"]) == (4, 0)
    assert len(table(reports).splitlines()) == 10
    json.loads(as_json(reports))


def test_a_folder_without_runs(tmp_path: Path) -> None:
    assert table(runs(tmp_path)) == "no runs"
    with pytest.raises(RunError, match="does not exist"):
        runs(tmp_path / "nowhere")
