"""Hostile models, corpora, flags and requests for `serve`."""

import http.client
import json
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from hostile.attack import Attack, Ended, Make, Stage
from hostile.files import device, pipe, sparse
from hostile.images import app_segments, cut, jpeg, noise, png
from hostile.models import CLASSIFIERS, REFUSED, RUNS, Edit
from hostile.tables import CRAFTED, NO_CORPUS
from hostile.terminal import CLEAR, FALSE_LINE, OBEYED

PATIENCE = 300
"""Seconds for the server to begin, and for an answer; half of it where it must end by itself."""
MIB = 2**20


def _serve(*words: object) -> Make:
    def make(stage: Stage, _place: Path) -> list[object]:
        known = {"RUN": stage.run, "CLASSIFIER": stage.classifier, "CORPUS": stage.corpus}
        port = () if "--port" in words else ("--port", "0")
        return ["serve", *(known.get(str(word), word) for word in words), *port]

    return make


def _crafted(edit: Edit, kind: str, *words: object) -> Make:
    """Serve a copy of what the stage has, changed."""

    def make(stage: Stage, place: Path) -> list[object]:
        edit(Path(shutil.copytree(getattr(stage, kind), place / "crafted")))
        return _serve(*words)(stage, place)

    return make


def _link(path: Path) -> None:
    (path.parents[1] / "precious").write_text("precious")
    path.symlink_to("../precious")


PLANTED = {
    name: lambda corpus, make=make: make(corpus / "served_labels.jsonl")
    for name, make in (
        ("link", _link), ("pipe", pipe), ("endless device", device), ("sparse terabyte", sparse)
    )
}  # fmt: skip


def _still_precious(place: Path, _ended: Ended) -> None:
    precious = place / "precious"
    assert not precious.exists() or precious.read_text() == "precious"


def _nothing_else_kept(place: Path, _ended: Ended) -> None:
    assert {path.name for path in place.iterdir()} <= {"crafted"}


BOUNDARY = "b22f"


def _form(content: bytes, name: str = "film.png", field: str = "image") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
    return head.encode() + b"\r\n" + content + f"\r\n--{BOUNDARY}--\r\n".encode()


GOOD = jpeg(noise())
UPLOADS: Mapping[str, tuple[Callable[[], bytes], int]] = {
    "nothing": (lambda: b"", 422),
    "no film": (lambda: _form(b""), 422),
    "garbage": (lambda: _form(noise().tobytes()), 415),
    "a JPEG of 1,100 segments": (lambda: _form(app_segments(1100, 50_000)), 422),
    "a JPEG that ends early": (lambda: _form(cut(0.5, b"\xff\xd9")), 422),
    "a PNG of 10 gigapixels": (lambda: _form(png(100_000, 100_000, b"")), 422),
    "a DICOM of garbage": (lambda: _form(bytes(128) + b"DICM" + noise().tobytes()), 422),
    "more than 64 MiB": (lambda: _form(bytes(65 * MIB)), 413),
    "another field": (lambda: _form(GOOD, field="evil"), 422),
    "a form without end": (lambda: _form(GOOD)[:-40], 422),
    "a thousand parts": (lambda: _form(GOOD) * 1000, 200),
    "a name that climbs": (lambda: _form(GOOD, "../../../../tmp/b22-evil"), 200),
    "a name that commands": (lambda: _form(GOOD, f"{CLEAR}\u202e\x07=cmd()"), 200),
}
"""A body, and what it is answered."""


def upload_all() -> None:
    """Send each of `UPLOADS` to the server that this process becomes, then end it."""
    threading.Thread(target=_upload_all, daemon=True).start()


def _upload_all() -> None:
    said = Path("..", "out.txt")
    answers: dict[str, object] = {}
    try:
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(r"http://([^:]+):(\d+)", said.read_text())):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        while _status(found[1], int(found[2]), "/readyz") != 200:
            assert time.monotonic() < deadline
            time.sleep(0.5)
        for name, (body, _) in UPLOADS.items():
            answers[name] = _answer(found[1], int(found[2]), body())
        answers["good"] = _answer(found[1], int(found[2]), _form(GOOD))
    except Exception as error:
        answers["failed"] = repr(error)
    finally:
        Path("answers.json").write_text(json.dumps(answers))
        os.kill(os.getpid(), signal.SIGTERM)


def _status(host: str, port: int, path: str) -> int:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    connection.request("GET", path)
    return connection.getresponse().status


def _answer(host: str, port: int, body: bytes) -> object:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    connection.request("POST", "/v1/studies", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def _all_answered(place: Path, _ended: Ended) -> None:
    answers = json.loads((place / "answers.json").read_text())
    assert "failed" not in answers, answers
    for name, (_, status) in UPLOADS.items():
        found, text = answers[name]
        assert found == status, (name, answers[name])
        assert "Traceback" not in text
        assert not any(sign in text for sign in OBEYED), text
    assert answers["good"][0] == 200, answers["good"]
    assert not Path("/tmp/b22-evil").exists()
    assert {path.name for path in place.iterdir()} == {"answers.json"}


def leave_when_it_listens() -> None:
    """End the server in a while."""

    def end() -> None:
        time.sleep(PATIENCE / 2)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=end, daemon=True).start()


FLAGS: Mapping[str, tuple[tuple[str, ...], int, str]] = {
    "port beyond all": (("--port", "99999"), 1, "port"),
    "port below 0": (("--port", "-1"), 1, "port"),
    "port that is a word": (("--port", FALSE_LINE), 2, "radtex: "),
    "host of 300 letters": (("--host", "x" * 300), 1, "cannot listen at"),
    "host that commands": (("--host", f"a{CLEAR}b"), 1, "cannot listen at"),
    "host that is no name": (("--host", "a..b"), 1, "cannot listen at"),
    "token that no request can bring": (("--token", "a\nb"), 1, "token"),
    "token beyond ASCII": (("--token", "geheim\u202eß"), 1, "token"),
    "token of blanks": (("--token", "  "), 1, "token"),
    "PACS that is a file": (("--pacs", "file:///etc/passwd"), 1, "no URL"),
    "PACS with a password": (("--pacs", "http://me:secret7@pacs/"), 1, "password"),
    "PACS that commands": (("--pacs", f"http://a{CLEAR}\r\nb/"), 1, "no URL"),
    "DICOM peer without a port": (
        ("--dicom-listen", "0", "--dicom-peer", f"A@{CLEAR}"),
        1,
        "radtex: ",
    ),
}

ATTACKS = (
    *(
        Attack(
            f"classifier: {name}", "serve",
            _crafted(CLASSIFIERS[name], "classifier", "crafted"), 1, REFUSED,
            check=_nothing_else_kept,
        )
        for name in ("deep JSON", "giant backbone", "weights that are no numbers",
                     "weights of a sparse terabyte")
    ),
    *(
        Attack(
            f"run: {name}", "serve", _crafted(RUNS[name], "run", "crafted"), 1,
            REFUSED, check=_nothing_else_kept,
        )
        for name in ("deep YAML", "evil fit", "tokenizer of deep JSON", "a billion layers")
    ),
    *(
        Attack(
            f"crafted corpus: {name}", "serve",
            _crafted(
                CRAFTED[name], "corpus", "CLASSIFIER", "--corpus", "crafted", "--label",
            ),
            1, NO_CORPUS, check=_nothing_else_kept,
        )
        for name in ("pixel_std of NaN", "deep JSON", "sparse images", "one id for all")
    ),
    *(
        Attack(
            f"{name} in the place of served labels", "serve",
            _crafted(
                plant, "corpus", "CLASSIFIER", "--corpus", "crafted", "--label"
            ),
            1, "served_labels.jsonl", check=_still_precious,
        )
        for name, plant in PLANTED.items()
    ),
    *(
        Attack(name, "serve", _serve("CLASSIFIER", *words), status, says, (*OBEYED, "secret7"))
        for name, (words, status, says) in FLAGS.items()
    ),
    Attack(
        "hostile uploads", "serve", _serve("CLASSIFIER", "RUN"), 0,
        "http://127.0.0.1", OBEYED, check=_all_answered, before="serving:upload_all",
        megabytes=8192,
        seconds=600,
    ),
    Attack(
        "full standard output", "serve", _serve("CLASSIFIER"), 1, "no space left",
        stdout="/dev/full", before="serving:leave_when_it_listens", megabytes=8192,
        seconds=600,
    ),
    Attack(
        "closed standard output", "serve", _serve("CLASSIFIER"), 1,
        "standard output is closed", stdout="closed", before="serving:leave_when_it_listens",
        megabytes=8192,
        seconds=600,
    ),
    Attack(
        "working folder that was removed", "serve", _serve("CLASSIFIER"), 1,
        "was removed", before="outputs:leave_removed_folder",
    ),
    Attack("missing model", "serve", _serve(f"a{CLEAR}b"), 1, "radtex: ", OBEYED),
)  # fmt: skip
