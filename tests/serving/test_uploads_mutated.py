"""Damaged and hostile uploads: each is refused by a sentence, or is a film and answered right."""

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from fixtures.serving import server_of
from radtex.classifiers.predict import predict_batch
from radtex.images.films import Film

SMALL, FULL = 40, 1000
MOST_GROWTH = 150 * 2**20
"""Bytes that the server and its decoders may grow by, after a first round."""


def originals(write_dicom: Callable[..., object], folder: Path) -> list[bytes]:
    grey = np.random.default_rng(0).integers(0, 256, (96, 80), dtype=np.uint8)
    found = []
    for kind in ("PNG", "JPEG", "TIFF"):
        file = io.BytesIO()
        Image.fromarray(grey).save(file, kind)
        found.append(file.getvalue())
    write_dicom(folder / "film.dcm")
    return [*found, (folder / "film.dcm").read_bytes()]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Cut off, flip, repeat or overwrite parts of a file."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 12)):
        place = rng.randrange(len(changed))
        match rng.randrange(5):
            case 0 if len(changed) > 20:
                del changed[place:]
                changed += b"\0"
            case 1:
                changed[place] ^= 1 << rng.randrange(8)
            case 2:
                changed[place : place + 4] = rng.randbytes(4)
            case 3:
                changed[place:place] = changed[place : place + rng.randrange(64)]
            case _:
                changed[place : place + 4] = b"\xff\xff\xff\x7f"
    return bytes(changed)


def memory(client: TestClient) -> int:
    own = psutil.Process()
    processes = [own, *map(psutil.Process, server_of(client).pool.process_ids)]
    return sum(each.memory_info().rss for each in processes)


def check_answer(client: TestClient, data: bytes, findings: dict[str, Any]) -> None:
    """Compare an answer with what `predict` says of the same bytes."""
    served = server_of(client).holder.models.classifier
    assert served is not None
    film = Film("film", served.model.preprocessing.apply(data))
    (expected,) = predict_batch(served.model, [film])
    assert findings["abstained"] == expected.abstained
    assert findings["distance"] == pytest.approx(expected.distance, rel=1e-3)
    for number, each in enumerate(findings["findings"]):
        if expected.probabilities is None:
            assert each["probability"] is None
        else:
            assert each["probability"] == pytest.approx(expected.probabilities[number], abs=1e-4)


def check(client: TestClient, files: list[bytes], count: int) -> None:
    rng = random.Random(5)
    statuses: dict[int, int] = {}
    before = 0
    for number in range(count):
        data = mutated(rng.choice(files), rng)
        answer = client.post("/v1/studies", files={"image": data})
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        if answer.status_code != 200:
            problem = answer.json()
            assert 400 <= answer.status_code < 500, problem
            assert answer.headers["content-type"] == "application/problem+json"
            assert problem["detail"].endswith(".")
            assert len(problem["detail"].split()) > 4
        else:
            check_answer(client, data, answer.json()["findings"])
        if number == count // 4:
            before = memory(client)
    print(f"{count} mutated uploads: {statuses}")
    assert memory(client) - before < MOST_GROWTH
    assert client.post("/v1/studies", files={"image": files[0]}).status_code == 200
    assert sum(number for status, number in statuses.items() if status != 200) > count / 4


def test_some_mutated_uploads(
    reading_client: TestClient, write_dicom: Callable[..., object], tmp_path: Path
) -> None:
    check(reading_client, originals(write_dicom, tmp_path), SMALL)


@pytest.mark.soak
def test_a_thousand_mutated_uploads(
    reading_client: TestClient, write_dicom: Callable[..., object], tmp_path: Path
) -> None:
    check(reading_client, originals(write_dicom, tmp_path), FULL)
