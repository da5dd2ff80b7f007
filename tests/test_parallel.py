"""A build on a Dask cluster: workers may die, the bytes are those of one process."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from distributed import LocalCluster

from radtex import cli
from radtex import parallel as cluster_module
from radtex.corpus.build import build
from radtex.corpus.sources.table import TableSource
from radtex.corpus.staging import CHUNK
from radtex.errors import CorpusError, RadtexError
from radtex.parallel import dask_cluster

FILES = ("index.parquet", "images.npy", "corpus.json")
COUNT = 5 * CHUNK + 10
VICTIM = f"i{3 * CHUNK + 60}"


def contents(corpus: Path) -> list[bytes]:
    return [(corpus / name).read_bytes() for name in FILES]


@dataclass(frozen=True)
class DeadlyTable(TableSource):
    """Kills the first worker that comes to the victim."""

    killed: Path = Path()
    caller: int = os.getpid()

    def pixels(self, record, preprocessing):
        mortal = os.getpid() != self.caller
        if mortal and record.image_id == VICTIM and not self.killed.exists():
            self.killed.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().pixels(record, preprocessing)


@contextmanager
def local_cluster(workers: int) -> Iterator[LocalCluster]:
    """A scheduler here and worker processes, which come again when they die."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parents[1])  # workers import this module as well
        with LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=":0"
        ) as cluster:
            yield cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with local_cluster(2) as cluster:
        yield cluster


def test_a_cluster_of_one_core_is_used(make_table, tmp_path):
    killed = tmp_path / "killed"
    source = DeadlyTable(make_table(COUNT), killed=killed)
    with local_cluster(1) as cluster, dask_cluster(cluster.scheduler_address):
        corpus = build(source, tmp_path / "dask", size=16)
    assert killed.exists()  # by the worker: this process is spared
    assert len(corpus.index) == COUNT


def test_a_build_outlives_a_worker(make_table, tmp_path, cluster):
    killed = tmp_path / "killed"
    source = DeadlyTable(make_table(COUNT, {5: {"image": "none.png"}}), killed=killed)
    with dask_cluster(cluster.scheduler_address):
        build(source, tmp_path / "dask", size=16)
    assert killed.exists()
    build(source, tmp_path / "alone", size=16, workers=1)
    assert contents(tmp_path / "dask") == contents(tmp_path / "alone")
    left = [path.name for path in tmp_path.iterdir()]
    assert sorted(left) == ["alone", "archive", "dask", "killed"]


def test_a_build_that_kills_its_workers_ends_and_can_go_on(
    make_table, tmp_path, cluster, monkeypatch
):
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    source = DeadlyTable(make_table(COUNT), killed=tmp_path / "killed")
    with (
        pytest.raises(RadtexError, match="worker after worker died on the same images"),
        dask_cluster(cluster.scheduler_address),
    ):
        build(source, tmp_path / "dask", size=16)
    finished = list((tmp_path / ".dask.building").glob("*.npz"))
    assert 0 < len(finished) < COUNT / CHUNK
    with dask_cluster(cluster.scheduler_address):
        build(source, tmp_path / "dask", size=16)
    build(source, tmp_path / "alone", size=16, workers=1)
    assert contents(tmp_path / "dask") == contents(tmp_path / "alone")


def test_a_wrong_row_stops_a_strict_build_on_a_cluster(make_table, tmp_path, cluster):
    source = TableSource(make_table(2 * CHUNK, {CHUNK + 1: {"image": "none.png"}}))
    with (
        pytest.raises(CorpusError, match="image file is missing"),
        dask_cluster(cluster.scheduler_address),
    ):
        build(source, tmp_path / "out", size=16, strict=True)
    assert not (tmp_path / "out").exists()


def test_the_command_takes_a_scheduler(make_table, tmp_path, cluster, monkeypatch, capsys):
    words = ["corpus", "build", "table", str(make_table(30)), "--out", str(tmp_path / "out")]
    words += ["--size", "16", "--scheduler", cluster.scheduler_address]
    monkeypatch.setattr(sys, "argv", ["radtex", *words])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert not end.value.code
    assert "30  rows kept" in capsys.readouterr().out


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "tcp://127.0.0.1"])
def test_a_scheduler_that_is_not_there_is_one_line(monkeypatch, address):
    monkeypatch.setattr(cluster_module, "_PATIENCE", 0.3)
    with pytest.raises(RadtexError, match="no Dask scheduler answers at"), dask_cluster(address):
        pass


def test_a_scheduler_without_workers_is_one_line(monkeypatch):
    monkeypatch.setattr(cluster_module, "_PATIENCE", 0.3)
    with (
        LocalCluster(n_workers=0, dashboard_address=":0") as cluster,
        pytest.raises(RadtexError, match="has no workers; start some"),
        dask_cluster(cluster.scheduler_address),
    ):
        pass


def test_what_to_install_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RadtexError, match=r"pip install 'radtex\[dask\]'"), dask_cluster("x"):
        pass


def test_workers_with_another_radtex_are_refused(cluster, monkeypatch):
    own = cluster_module.version("radtex")
    # Only the name in the module of this process changes; the workers are asked for the real one.
    monkeypatch.setattr(cluster_module, "own_version", lambda: "0.0.0")
    with (
        pytest.raises(RadtexError, match=rf"have radtex {own}, here it is 0\.0\.0"),
        dask_cluster(cluster.scheduler_address),
    ):
        pass


@pytest.mark.parametrize("count", [0, 1, 100])
def test_a_stream_is_worked_on_in_its_order_and_read_no_further_than_need_be(count):
    read = []

    def items():
        for number in range(-count, 0):
            read.append(number)
            yield number

    results = cluster_module.map_stream(abs, items(), 2)
    first = [next(results) for _ in range(min(count, 1))]
    assert len(read) <= 2 * 2 * 8 * cluster_module.joblib.cpu_count()
    assert [*first, *results] == [*range(count, 0, -1)]


def test_what_ends_a_stream_reaches_the_caller():
    def items():
        yield from range(300)
        raise CorpusError("damaged")

    with pytest.raises(CorpusError, match="damaged"):
        list(cluster_module.map_stream(abs, items(), 2))


def test_a_single_chunk_is_worked_on_in_the_calling_process():
    def own(_: int) -> int:
        return os.getpid()

    assert {*cluster_module.map_stream(own, range(5), 5, workers=2)} == {os.getpid()}
