"""`radtex score` as a user types it."""

from pathlib import Path

import pytest

from fixtures.commands import Radtex, Recorder


def test_score_passes_on_what_was_given(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = Recorder("a table")
    monkeypatch.setattr("radtex.scoring.score.score", called)
    words = ["--replicates", 20, "--seed", 0, "--per-report", "r.csv"]
    assert radtex_command("score", "a.jsonl", "b.jsonl", *words).out == "a table\n"
    assert called.calls == [
        (
            ([Path("a.jsonl"), Path("b.jsonl")],),
            {"replicates": 20, "seed": 0, "per_report": Path("r.csv")},
        )
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "files"),
        (["a.jsonl", "--seed", "-1"], "Must be >= 0"),
        (["a.jsonl", "--replicates", "0"], "Must be >= 1"),
    ],
)
def test_wrong_words_are_refused(radtex_command: Radtex, words: list[str], message: str) -> None:
    ended = radtex_command("score", *words)
    assert ended.status == 2
    assert message in ended.err.lower() or message in ended.err
