"""Two nodes with a network of their own: two network namespaces that a pair of veth joins.

They share the file system, as the nodes of a cluster do, and nothing else of the network.
Nobody knows their names.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from radtex.corpus.corpus import Corpus
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe

RECIPE: dict[str, object] = {
    "backbone": "resnet10t",
    "hidden": 16,
    "heads": 2,
    "layers": 1,
    "feedforward": 32,
    "vocabulary": 300,
    "max_tokens": 16,
    "batch_size": 8,
    "micro_batches": 2,
    "checkpoint_every": 2,
    "steps": 24,
}
ADDRESSES = ("10.203.77.1", "10.203.77.2")
PORT = 29477


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@pytest.fixture
def nodes() -> Iterator[list[str]]:
    """Names of two namespaces, each with an interface of its own name and one of ADDRESSES."""
    names = [f"radtex{os.getpid() % 100_000}{letter}" for letter in "ab"]
    made = []
    try:
        for name in names:
            ip("netns", "add", name)
            made.append(name)
        ip("link", "add", names[0], "type", "veth", "peer", "name", names[1])
        for name, address in zip(names, ADDRESSES, strict=True):
            ip("link", "set", name, "netns", name)
            ip("-n", name, "addr", "add", f"{address}/30", "dev", name)
            ip("-n", name, "link", "set", name, "up")
            ip("-n", name, "link", "set", "lo", "up")  # a node reaches itself through it
    except (OSError, subprocess.CalledProcessError) as error:
        for name in made:
            ip("netns", "delete", name)
        why = getattr(error, "stderr", None) or error
        pytest.skip(f"network namespaces are not allowed here: {why}")
    yield names
    for name in names:
        ip("netns", "delete", name)


@contextmanager
def both(
    nodes: list[str], corpus: Corpus, out: Path, logs: Path
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start torchrun on each node; whatever still runs in the end is killed."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in RECIPE.items()]
    started = []
    for number, (name, address) in enumerate(zip(nodes, ADDRESSES, strict=True)):
        rendezvous = f"--rdzv-endpoint={ADDRESSES[0]}:{PORT}", f"--rdzv-conf=is_host={1 - number}"
        words = [
            *("ip", "netns", "exec", name, sys.executable, "-m", "torch.distributed.run"),
            *("--nnodes=2", "--nproc-per-node=1", "--rdzv-backend=c10d", "--rdzv-id=radtex"),
            *(*rendezvous, f"--local-addr={address}", "-m", "radtex", "pretrain"),
            *(str(corpus.path), "--out", str(out), "--resume", *flags),
        ]
        with (logs / f"{name}.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    words,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": name},
                )
            )
    try:
        yield started
    finally:
        for process in started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def kept(run: Path) -> list[bytes]:
    names = ("model.safetensors", "metrics.jsonl", "config.yaml", "tokenizer.json")
    return [(run / name).read_bytes() for name in names]


@pytest.mark.soak
def test_two_nodes_make_the_bytes_of_one_process_though_one_was_lost_midway(
    nodes: list[str], phantom_corpus: Corpus, tmp_path: Path
) -> None:
    out = tmp_path / "nodes"
    with both(nodes, phantom_corpus, out, tmp_path) as started:
        metrics, patience = out / "metrics.jsonl", time.monotonic() + 900
        while not (metrics.exists() and len(metrics.read_bytes().splitlines()) > 5):
            logs = "".join(log.read_text() for log in tmp_path.glob("*.log"))
            assert all(process.poll() is None for process in started), logs
            assert time.monotonic() < patience, logs
            time.sleep(0.02)
        lost = subprocess.run(
            ["ip", "netns", "pids", nodes[1]], check=True, capture_output=True, text=True
        )
        for process in lost.stdout.split():
            os.kill(int(process), signal.SIGKILL)
        assert started[0].wait(timeout=900) != 0
    assert not (out / "model.safetensors").exists()
    steps = [json.loads(line)["step"] for line in metrics.read_text().splitlines()]
    assert 5 < max(steps) < RECIPE["steps"]

    with both(nodes, phantom_corpus, out, tmp_path) as started:
        ended = [process.wait(timeout=900) for process in started]
    assert ended == [0, 0], "".join(log.read_text() for log in tmp_path.glob("*.log"))
    alone = pretrain(phantom_corpus, tmp_path / "alone", load_recipe("radtex-small", RECIPE))
    assert kept(out) == kept(alone)
