"""`radtex explain` as a user types it: which of its three tasks the words ask for."""

from pathlib import Path

import pytest

from fixtures.commands import Radtex, Recorder


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> dict[str, Recorder]:
    tasks = {
        "report": "radtex.commands.about_films.draw",
        "target": "radtex.commands.about_films.explain_target",
        "corpus": "radtex.commands.about_films.localise",
    }
    recorders = {task: Recorder(task) for task in tasks}
    for task, function in tasks.items():
        monkeypatch.setattr(function, recorders[task])
    return recorders


@pytest.mark.parametrize(
    ("words", "task", "args", "options"),
    [
        ("run f.png --out o.png", "report", (Path("f.png"),), {"out": Path("o.png")}),
        (
            "run f.png --out o.png --text Clear. --arrays a.npz --maps attention",
            "report",
            (Path("f.png"),),
            {
                "out": Path("o.png"),
                "text": "Clear.",
                "arrays": Path("a.npz"),
                "maps": "attention",
            },
        ),
        (
            "run f.png --out o.png --target Edema --stride 16",
            "target",
            (Path("f.png"), "Edema", Path("o.png")),
            {"stride": 16},
        ),
        (
            "run --corpus c:test --words generated --maps gradient --seed 0",
            "corpus",
            ("c:test",),
            {"words": "generated", "maps": "gradient", "seed": 0},
        ),
    ],
)
def test_the_words_choose_the_task(
    radtex_command: Radtex,
    called: dict[str, Recorder],
    words: str,
    task: str,
    args: tuple[object, ...],
    options: dict[str, object],
) -> None:
    assert radtex_command("explain", *words.split()).out == f"{task}\n"
    assert {name: each.calls for name, each in called.items() if each.calls} == {
        task: [((Path("run"), *args), options)]
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("run", "name an image with --out"),
        ("run f.png", "name an image with --out"),
        ("run f.png --out o.png --corpus c", "name an image with --out"),
        ("run f.png --out o.png --seed 1", "name an image with --out"),
        ("run --corpus c --text Clear.", "name an image with --out"),
        ("run f.png --out o.png --stride 16", "--stride is for a --target"),
        ("run f.png --target Edema", "--target takes an image"),
        ("run f.png --out o.png --target Edema --text Clear.", "--target takes an image"),
        ("run f.png --out o.png --target Edema --maps attention", "--target takes an image"),
    ],
)
def test_words_of_several_tasks_are_refused(
    radtex_command: Radtex, called: dict[str, Recorder], words: str, message: str
) -> None:
    ended = radtex_command("explain", *words.split())
    assert ended.status == 1
    assert message in ended.err
    assert not any(each.calls for each in called.values())


def test_a_classifier_without_a_target_names_the_flag(radtex_command: Radtex, kept: Path) -> None:
    ended = radtex_command("explain", str(kept / "classifier"), "f.png", "--out", "o.png")
    assert ended.status == 1
    assert "name the finding to explain, as --target Edema (it has Edema, Effusion)" in ended.err
