"""`radtex transfer` and `radtex plan` as a user types them."""

from pathlib import Path

import pytest

from fixtures.commands import Radtex, Recorder


def test_plan_passes_on_what_was_given(
    radtex_command: Radtex, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = Recorder("a table")
    monkeypatch.setattr("radtex.transfer.planning.plan.plan", called)
    words = ["--encoder", "random", "--targets", "Edema", "--budgets", 200, 500, "--pilot", 80]
    assert radtex_command("plan", "c:pool", *words, "--out", "p.json").out == "a table\n"
    assert called.calls == [
        (("c:pool", "random", ["Edema"], [200, 500]), {"pilot": 80, "out": Path("p.json")})
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seed", "-1"], 'Invalid value "-1" for --seed. Must be >= 0.'),
        (["--repeats", "0"], 'Invalid value "0" for --repeats. Must be >= 1.'),
        (["--finetune-steps", "0"], 'Invalid value "0" for --finetune-steps. Must be >= 1.'),
        (["--workers", "0"], 'Invalid value "0" for --workers. Must be >= 1.'),
        (["--sampling", "all"], 'Choose from: "per-target", "shared"'),
    ],
)
def test_wrong_words_are_refused(radtex_command: Radtex, words: list[str], message: str) -> None:
    given = ["transfer", "c", "--encoders", "random", "--targets", "Edema", "--out", "o", *words]
    ended = radtex_command(*given)
    assert ended.status == 2
    assert message in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ["--finetune-steps", "5"],
        ["--finetune-learning-rate", "0.1"],
        ["--early-stopping"],
        ["--workers", "2"],
        ["--scheduler", "tcp://localhost:1"],
    ],
)
def test_options_of_fine_tuning_are_for_fine_tuning_alone(
    radtex_command: Radtex, words: list[str]
) -> None:
    given = ["transfer", "c", "--encoders", "random", "--targets", "Edema", "--out", "o", *words]
    ended = radtex_command(*given, "--protocol", "knn")
    assert ended.status == 1
    assert ended.err == (
        "radtex: the protocol knn trains no encoder; leave out the options of fine-tuning, or name "
        "--protocol finetune\n"
    )
