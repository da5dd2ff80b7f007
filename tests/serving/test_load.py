"""Many clients at once: right answers, in time; those beyond what can be are told to come back."""

import json
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from fixtures.load import BENCHMARK, serving_benchmark
from fixtures.real_server import address_of, is_cut_off, started
from fixtures.serving import png
from radtex.classifiers.predict import predict
from radtex.corpus.corpus import Corpus
from radtex.generation.generate import generate
from radtex.generation.run_films import films_of_files
from radtex.generation.writing import Writing
from radtex.models.run import Run

benchmark = serving_benchmark()
FILMS = 24
CROWD = 400
"""Clients that no server of this size holds."""


@pytest.fixture(scope="module")
def films(kept: Path) -> list[bytes]:
    corpus = Corpus.open(kept / "corpus")
    return [png(corpus, row) for row in range(FILMS)]


@pytest.fixture(scope="module")
def server(writing_run: Path, kept: Path) -> Iterator[tuple[str, psutil.Process]]:
    with started(writing_run, kept / "classifier") as (address, process):
        yield address, psutil.Process(process.pid)


@pytest.fixture(scope="module")
def expected(
    films: list[bytes], writing_run: Path, kept: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """Of each film what the commands say: the lines of `predict`, with the text of `generate`."""
    folder = tmp_path_factory.mktemp("films")
    said = predicted(kept / "classifier", films, folder)
    run = Run.open(writing_run)
    names = [str(folder / f"{number:03}.png") for number in range(len(films))]
    generate(run, films_of_files(names, run), folder / "texts.jsonl", Writing())
    lines = (folder / "texts.jsonl").read_text().splitlines()
    texts = {Path(line["image_id"]).name: line["text"] for line in map(json.loads, lines)}
    return [each | {"text": texts[Path(each["image"]).name]} for each in said]


def predicted(classifier: Path, films: list[bytes], folder: Path) -> list[dict[str, Any]]:
    for number, film in enumerate(films):
        (folder / f"{number:03}.png").write_bytes(film)
    said: list[dict[str, Any]] = json.loads(predict(classifier, [str(folder)], "json"))
    return said


def check(answers: list[Any], expected: list[dict[str, Any]]) -> tuple[int, int]:
    """Compare each answer with what the commands say; how many were accepted, and told to wait."""
    accepted = waiting = 0
    for answer in answers:
        found = json.loads(answer.body)
        if answer.status == 429:
            assert int(answer.retry_after) >= 1
            assert found["type"] == "urn:radtex:problem:busy"
            waiting += 1
            continue
        assert answer.status == 200, found
        said, findings = expected[answer.film], found["findings"]
        assert findings["abstained"] == said["abstained"]
        assert findings["distance"] == pytest.approx(said["distance"], rel=1e-3)
        for each in findings["findings"]:
            probability = (said["probabilities"] or {}).get(each["target"])
            assert each["probability"] == (
                None if probability is None else pytest.approx(probability, abs=1e-4)
            )
        if "text" in said:
            assert found["report"]["text"] == said["text"]
        accepted += 1
    return accepted, waiting


def test_the_answers_of_eight_clients_are_those_of_the_commands(
    server: tuple[str, psutil.Process], films: list[bytes], expected: list[dict[str, Any]]
) -> None:
    address, process = server
    requests = [benchmark.request_of(film) for film in films]
    answers, rate = benchmark.load(address_of(address), requests, 8, 2.0, process)
    accepted, _ = check(answers, expected)
    assert accepted == rate.films >= 8
    assert not all(each["abstained"] for each in expected)


def test_a_crowd_is_told_to_come_back_and_whoever_is_let_in_is_answered_right(
    server: tuple[str, psutil.Process], films: list[bytes], expected: list[dict[str, Any]]
) -> None:
    address, process = server
    requests = [benchmark.request_of(film) for film in films]
    answers, _ = benchmark.load(address_of(address), requests, CROWD, 1.0, process, patient=False)
    accepted, waiting = check(answers, expected)
    assert accepted >= 4  # who are let in on the slowest machine, too
    assert waiting >= 8


def slow_heads(address: str, count: int) -> list[socket.socket]:
    found = [socket.create_connection(address_of(address)) for _ in range(count)]
    for each in found:
        each.sendall(b"POST /v1/studies HTTP/1.1\r\nHost: localhost\r\n")
    return found


def slow_bodies(address: str, count: int) -> list[socket.socket]:
    found = [socket.create_connection(address_of(address)) for _ in range(count)]
    request = benchmark.request_of(b"\x89PNG\r\n\x1a\n" + bytes(100_000))
    for each in found:
        each.sendall(request[:5000])
    return found


@pytest.mark.parametrize(
    ("heads", "bodies"), [(60, 60), pytest.param(1500, 400, marks=pytest.mark.soak)]
)
def test_many_slow_clients_hold_nobody_up(
    server: tuple[str, psutil.Process],
    films: list[bytes],
    expected: list[dict[str, Any]],
    heads: int,
    bodies: int,
) -> None:
    address, process = server
    requests = [benchmark.request_of(film) for film in films]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 10_000), most))
    with ExitStack() as held:
        slow = [*slow_bodies(address, bodies), *slow_heads(address, heads)]
        for each in slow:
            held.enter_context(each)
        go_on = threading.Event()

        def drip() -> None:
            while not go_on.wait(0.5):
                for each in slow:
                    try:
                        each.send(b"x")
                    except OSError:
                        continue

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            # For two seconds each of the slow ones counts as a film that will come.
            where = address_of(address)
            answers, _ = benchmark.load(where, requests, 4, 6.0, process, patient=False)
        finally:
            go_on.set()
            thread.join()
        accepted, _ = check(answers, expected)
        assert accepted >= 4
        for each in slow[bodies:]:
            each.settimeout(60)
            assert is_cut_off(each)


@pytest.mark.soak
def test_fifty_clients_for_a_minute(tmp_path: Path) -> None:
    """The baseline decodes and reads the same films on the server's core, in the server's batches.

    The clients have another core, in both.
    """
    classifier = tmp_path / "classifier"
    benchmark.make_classifier(classifier, "tf_efficientnet_lite0", 128)
    films = benchmark.drawn_films(1024)
    (tmp_path / "films").mkdir()
    expected = predicted(classifier, films, tmp_path / "films")
    models = benchmark.opened([classifier])
    requests = [benchmark.request_of(film) for film in films]
    with benchmark.serving([classifier]) as (where, process):
        benchmark.load(where, requests, 50, 2.0, process)
        before = benchmark.alone(models, films, 15.0)
        memory = process.memory_info().rss
        answers, rate = benchmark.load(where, requests, 50, 60.0, process)
        grown = process.memory_info().rss - memory
        after = benchmark.alone(models, films, 15.0)
        crowd, of_crowd = benchmark.load(where, requests, CROWD, 20.0, process)
    accepted, waiting = check(answers, expected)
    alone = (before.films + after.films) / (before.seconds + after.seconds)
    per_processor = (before.films + after.films) / (
        before.processor_seconds + after.processor_seconds
    )
    print(
        f"{accepted} answers, {waiting} told to wait; {rate.per_second:.1f} films/s, alone "
        f"{alone:.1f} ({rate.per_second / alone:.0%}); per second of the processor "
        f"{rate.per_processor_second:.1f}, alone {per_processor:.1f} "
        f"({rate.per_processor_second / per_processor:.0%}); p50 {rate.latency(0.5):.2f} s, p99 "
        f"{rate.latency(0.99):.2f} s; memory grown by {grown / 2**20:.0f} MiB"
    )
    let_in, told = check(crowd, expected)
    print(
        f"{CROWD} clients: {let_in} answers, p99 {of_crowd.latency(0.99):.2f} s; "
        f"{told} told to wait"
    )
    assert rate.latency(0.99) <= 5
    assert rate.per_second >= 0.8 * alone
    assert told > 0
    assert of_crowd.latency(0.99) <= 5


@pytest.mark.soak
def test_the_benchmark_says_what_it_compared() -> None:
    options = "--clients 2 --seconds 0.5 --rounds 1 --backbone test_resnet --size 64 --side 64"
    run = subprocess.run(
        [sys.executable, BENCHMARK, *options.split()], capture_output=True, text=True, check=True
    )
    told = json.loads(run.stdout.splitlines()[-1])
    assert (told["name"], told["unit"], told["cores"]) == ("serving", "films/s", 1)
    assert told["clients"].keys() == {"2"}
    assert told["ratio"] == told["clients"]["2"]["ratio"] > 0
