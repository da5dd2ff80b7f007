"""A server as it is started: several clients, kills, slow clients, too large uploads."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from fixtures.real_server import address_of, decoders, is_cut_off, is_ready, started
from fixtures.serving import png, wait_until
from radtex.corpus.corpus import Corpus

MIB = 2**20


def test_several_clients_a_killed_decoder_and_a_slow_one(
    writing_run: Path, kept: Path, phantom_corpus: Corpus
) -> None:
    films = [png(phantom_corpus, row) for row in range(8)]
    with started(writing_run, kept / "classifier") as (address, process):

        def study(number: int) -> httpx.Response:
            files = {"image": films[number % len(films)]}
            return httpx.post(f"{address}/v1/studies", files=files, timeout=120)

        alone = [study(number).json() for number in range(8)]
        loris = [socket.create_connection(address_of(address)) for _ in range(20)]
        for each in loris:
            each.sendall(b"POST /v1/studies HTTP/1.1\r\nHost: localhost\r\n")
        with ThreadPoolExecutor(8) as clients:
            together = list(clients.map(study, range(24)))
        for number, answer in enumerate(together):
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) >= 1
                continue
            found, expected = answer.json(), alone[number % 8]
            assert found["report"]["text"] == expected["report"]["text"]
            for one, other in zip(
                found["findings"]["findings"], expected["findings"]["findings"], strict=True
            ):
                assert one["probability"] == pytest.approx(other["probability"], abs=1e-5)
        assert sum(answer.status_code == 200 for answer in together) >= 8
        assert {answer.status_code for answer in together} <= {200, 429}
        for each in loris:
            each.settimeout(60)
            assert is_cut_off(each)
            each.close()
        for decoder in decoders(process):
            decoder.send_signal(signal.SIGKILL)
        answers = [study(number).status_code for number in range(8)]
        assert set(answers) <= {200, 503}
        assert answers[-1] == 200
        large = httpx.post(f"{address}/v1/studies", files={"image": bytes(65 * MIB)}, timeout=120)
        assert (large.status_code, large.json()["type"]) == (
            413,
            "urn:radtex:problem:upload-too-large",
        )


def test_a_killed_server_goes_on_with_all_labels(
    writing_run: Path, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    shutil.copytree(phantom_corpus.path, tmp_path / "corpus")
    words = (writing_run, "--corpus", tmp_path / "corpus", "--label", "--targets", "Gout")
    acknowledged: list[int] = []
    with started(*words) as (address, process):

        def label() -> None:
            for film in range(200):
                body = {"reader": "Ann", "film": film % 100, "values": {"Gout": film % 2}}
                try:
                    answer = httpx.post(f"{address}/v1/labels", json=body, timeout=60)
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    acknowledged.append(film)

        thread = threading.Thread(target=label)
        thread.start()
        wait_until(lambda: len(acknowledged) > 10, 120)
        process.kill()
        thread.join()
    with started(*words) as (address, _):
        found = httpx.get(f"{address}/v1/labels.csv", timeout=60).text
        image_ids = phantom_corpus.index["image_id"]
        for film in acknowledged:
            assert image_ids[film] in found


def test_beyond_loopback_a_token_is_made_and_asked_for_at_once(writing_run: Path) -> None:
    command = [sys.executable, "-m", "radtex", "serve", writing_run, "--host", "0.0.0.0"]
    with subprocess.Popen(
        [*map(str, command), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline().strip()
            port = re.search(r":(\d+)/", first)
            assert port
            # The address is printed when somebody listens there: nobody has to try again.
            socket.create_connection(("127.0.0.1", int(port[1])), 60).close()
            second = process.stdout.readline().strip()
            token = second.removeprefix("token: ")
            assert first.endswith(f"#token={token}")
            assert len(token) >= 32
            address = f"http://127.0.0.1:{port[1]}"
            wait_until(lambda: is_ready(address), 300)
            models = f"{address}/v1/models"
            assert httpx.get(models).status_code == 401
            bearer = {"authorization": f"Bearer {token}"}
            assert httpx.get(models, headers=bearer).status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) in (0, -signal.SIGTERM)
        finally:
            process.kill()
