"""`radtex serve` as it is typed."""

from pathlib import Path

import pytest

from fixtures.commands import Radtex, Recorder


def test_every_flag_reaches_the_server(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = Recorder(None)
    monkeypatch.setattr("radtex.serving.serve.serve", called)
    words = (
        "serve RUN CLASSIFIER --corpus CORPUS --label --targets Edema Gout --host 0.0.0.0 --port 0 "
        "--token t --allow-host films.example"
    )
    assert radtex_command(*words.split()).status == 0
    ((models,), options) = called.calls[0]
    assert models == (Path("RUN"), Path("CLASSIFIER"))
    assert options == {
        "corpus": Path("CORPUS"),
        "label": True,
        "targets": ["Edema", "Gout"],
        "host": "0.0.0.0",
        "port": 0,
        "token": "t",
        "allow_host": ["films.example"],
    }


def test_what_is_no_model_is_one_line(radtex_command: Radtex, tmp_path: Path) -> None:
    ended = radtex_command("serve", tmp_path)
    assert ended.status == 1
    assert ended.err.startswith(f"radtex: {tmp_path} is no run")
    assert ended.err.count("\n") == 1
