"""`radtex predict` as a user types it."""

from pathlib import Path

import pytest

from fixtures.commands import Radtex, Recorder


def test_predict_passes_on_what_was_given(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = Recorder("a table")
    monkeypatch.setattr("radtex.classifiers.predict.predict", called)
    assert radtex_command("predict", "kept", "a.png", "b").out == "a table\n"
    words = ["--format", "csv", "--operating-point", "sensitive", "--answer-all", "--out", "p.csv"]
    assert radtex_command("predict", "kept", "a.png", *words).status == 0
    assert called.calls == [
        ((Path("kept"), ("a.png", "b")), {}),
        (
            (Path("kept"), ("a.png",)),
            {
                "format": "csv",
                "operating_point": "sensitive",
                "answer_all": True,
                "out": Path("p.csv"),
            },
        ),
    ]


def test_an_unknown_format_is_refused_with_those_there_are(radtex_command: Radtex) -> None:
    ended = radtex_command("predict", "kept", "a.png", "--format", "xml")
    assert ended.status == 2
    assert '"table", "csv", "json"' in ended.err
