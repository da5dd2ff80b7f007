"""Every logger holds each point of `metrics.jsonl` once, whatever happened to the run."""

import json
import logging
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from tensorboardX.proto.event_pb2 import Event
from wandb.proto.wandb_internal_pb2 import Record

from radtex.corpus.corpus import Corpus
from radtex.errors import RunError
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import Recipe, load_recipe
from radtex.pretraining.watching.loggers import MLflowLogger, open_loggers

Points = list[tuple[str, int, float]]


def short_recipe() -> Recipe:
    return load_recipe(
        "radtex-small",
        {
            "backbone": "resnet10t",
            "hidden": 32,
            "heads": 2,
            "vocabulary": 400,
            "max_tokens": 24,
            "batch_size": 16,
            "steps": 4,
            "validate_every": 2,
        },
    )


def points_of_metrics(run: Path) -> Points:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return sorted(
        (name, line["step"], pytest.approx(value, rel=1e-6))
        for line in lines
        for name, value in line.items()
        if name != "step"
    )


def points_of_tensorboard(run: Path) -> Points:
    """Read the event files record by record: length, checksum, event, checksum."""
    points = []
    for file in (run / "tensorboard").iterdir():
        data, at = file.read_bytes(), 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            event = Event.FromString(data[at + 12 : at + 12 + length])
            points += [(v.tag, event.step, v.simple_value) for v in event.summary.value]
            at += length + 16
    return sorted(points)


def points_of_wandb(run: Path) -> Points:
    """Read the one file of records: blocks of 32 KiB in the format of LevelDB's logs."""
    (file,) = (run / "wandb").glob("offline-run-*/*.wandb")
    data, at, record, found = file.read_bytes(), 7, b"", {}
    while at + 7 <= len(data):
        left = 32768 - at % 32768
        if left < 7:
            at += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, at)
        record += data[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # whole, or the last part
            read, record = Record.FromString(record), b""
            if read.WhichOneof("record_type") == "history":
                items = {item.key or item.nested_key[0]: item.value_json
                         for item in read.history.item}  # fmt: skip
                step = int(items["_step"])
                for name, value in items.items():
                    if not name.startswith("_"):
                        found[name, step] = float(value)
    return sorted((name, step, value) for (name, step), value in found.items())


def points_of_mlflow(run: Path) -> Points:
    client = MlflowClient(tracking_uri=(run.parent / "mlruns").as_uri())
    identity = (run / "mlflow.txt").read_text().strip()
    names = client.get_run(identity).data.metrics
    return sorted(
        (name, point.step, point.value)
        for name in names
        for point in client.get_metric_history(identity, name)
    )


@pytest.fixture(scope="module")
def run(phantom_corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("logged") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        patch.delenv("WANDB_MODE", raising=False)
        return pretrain(
            phantom_corpus, out, short_recipe(), log_to=("tensorboard", "mlflow", "wandb")
        )


@pytest.fixture(autouse=True)
def _beside_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.delenv("WANDB_MODE", raising=False)


@pytest.mark.parametrize("read", [points_of_tensorboard, points_of_mlflow, points_of_wandb])
def test_a_logger_holds_what_the_metrics_hold(run: Path, read: Callable[[Path], Points]) -> None:
    assert read(run) == points_of_metrics(run)


@pytest.mark.parametrize("read", [points_of_tensorboard, points_of_mlflow, points_of_wandb])
def test_a_resumed_run_doubles_and_loses_no_point(
    run: Path, read: Callable[[Path], Points]
) -> None:
    """As after a kill: the metrics are cut back, the loggers are ahead, the steps come again."""
    metrics = run / "metrics.jsonl"
    lines = metrics.read_text().splitlines(keepends=True)
    metrics.write_text("".join(lines[:2]))
    with open_loggers(run, ("tensorboard", "mlflow", "wandb")) as loggers:
        for line in lines[2:]:
            for logger in loggers:
                logger.write(json.loads(line))
    metrics.write_text("".join(lines))
    assert read(run) == points_of_metrics(run)


def test_a_logger_that_joins_late_takes_over_what_stands_there(run: Path) -> None:
    (run / "mlflow.txt").rename(run / "aside.txt")
    try:
        with open_loggers(run, ("mlflow",)):
            pass
        assert points_of_mlflow(run) == points_of_metrics(run)
    finally:
        (run / "aside.txt").rename(run / "mlflow.txt")


def test_mlflow_knows_the_recipe(run: Path) -> None:
    client = MlflowClient(tracking_uri=(run.parent / "mlruns").as_uri())
    kept = client.get_run((run / "mlflow.txt").read_text().strip())
    assert kept.data.params["backbone"] == "resnet10t"
    assert kept.data.params["learning_rate"] == "0.001"
    assert kept.info.status == "FINISHED"


def test_a_server_that_is_away_for_a_while_ends_no_training(
    run: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (run / "mlflow.txt").rename(run / "aside.txt")
    logger = MLflowLogger(run)

    def away(*_: object) -> None:
        raise MlflowException("no route to\nhost")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(logger._client, "log_batch", away)
        for step in range(1, 601):
            logger.write({"step": step, "loss": float(step)})
    assert "did not take 500 points (no route to host)" in caplog.text
    logger.close()
    points = points_of_mlflow(run)
    (run / "aside.txt").rename(run / "mlflow.txt")
    assert points == [("loss", step, float(step)) for step in range(1, 601)]


def test_a_server_that_cannot_be_reached_at_the_start_is_one_line(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nonsense://nowhere")
    with pytest.raises(RunError, match="nonsense://nowhere cannot be used") as caught:
        MLflowLogger(run)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "package"),
    [("tensorboard", "tensorboardX"), ("mlflow", "mlflow"), ("wandb", "wandb")],
)
def test_a_package_that_is_not_installed_is_one_line_and_leaves_nothing(
    phantom_corpus: Corpus,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    package: str,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(RunError, match=rf"needs the package {package}; pip install 'radtex\["):
        pretrain(phantom_corpus, tmp_path / "run", short_recipe(), log_to=(name,))  # type: ignore[arg-type]
    assert not (tmp_path / "run").exists()
