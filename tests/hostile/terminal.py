"""Names and values that command a terminal or make false lines, and neighbours who plant links."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from PIL import Image

from hostile.attack import Attack, Ended, Stage
from hostile.images import noise

CLEAR, BELL, RIGHT_TO_LEFT, FALSE_LINE = "\x1b[2J", "\x07", "\u202e", "a\nradtex: all is well"
NAMES = {
    "escape sequence": f"a{CLEAR}b",
    "bell": f"a{BELL}b",
    "carriage return": "a\rb",
    "C1 control": "a\x9b2Jb",
    "right to left": f"a{RIGHT_TO_LEFT}gpj.b",
    "line break": FALSE_LINE,
    "line separator": "a\u2028radtex: all is well",
}
OBEYED = ("\x1b", "\x07", "\r", "\x9b", "\u202e", "\nradtex: all is well", "\u2028")


def film(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise()).save(path, "PNG")
    return path


def named_film(name: str, *words: str) -> Callable[[Stage, Path], list[object]]:
    def make(stage: Stage, folder: Path) -> list[object]:
        film(folder / "films" / f"{name}.png")
        known = {"RUN": stage.run, "CLASSIFIER": stage.classifier, "CORPUS": stage.corpus}
        return [known.get(word, word) for word in words]

    return make


def missing(name: str, *words: str) -> Callable[[Stage, Path], list[object]]:
    def make(stage: Stage, _folder: Path) -> list[object]:
        known = {"RUN": stage.run, "CLASSIFIER": stage.classifier, "NAME": name}
        return [known.get(word, word) for word in words]

    return make


def table(name: str, *words: str) -> Callable[[Stage, Path], list[object]]:
    """A table whose ids, patients and label have a hostile name."""

    def make(_stage: Stage, folder: Path) -> list[object]:
        film(folder / "1.png")
        rows = [{"path": "1.png", "image_id": name, "patient_id": name, name: 1}] * 2
        pd.DataFrame(rows).to_csv(folder / "films.csv", index=False)
        return list(words)

    return make


def target(name: str) -> Callable[[Stage, Path], list[object]]:
    """A classifier whose finding has a hostile name."""

    def make(stage: Stage, folder: Path) -> list[object]:
        copy = Path(shutil.copytree(stage.classifier, folder / "classifier"))
        described = json.loads((copy / "classifier.json").read_text())
        described["targets"][0]["name"] = name
        (copy / "classifier.json").write_text(json.dumps(described))
        return ["predict", copy, film(folder / "film.png")]

    return make


def label(name: str) -> Callable[[Stage, Path], list[object]]:
    """A corpus with a label of a hostile name."""

    def make(stage: Stage, folder: Path) -> list[object]:
        copy = Path(shutil.copytree(stage.corpus, folder / "corpus"))
        index = pd.read_parquet(copy / "index.parquet")
        index.rename(columns={"label.Edema": f"label.{name}"}).to_parquet(copy / "index.parquet")
        return ["corpus", "describe", "corpus"]

    return make


FORMULA = "=HYPERLINK(1)"


def no_formula(folder: Path, _ended: Ended) -> None:
    said = (folder / "said.csv").read_text()
    assert f"\n'{FORMULA}.png," in said
    assert f"\n{FORMULA}" not in said


def formula(stage: Stage, folder: Path) -> list[object]:
    film(folder / f"{FORMULA}.png")
    return ["predict", stage.classifier, f"{FORMULA}.png", "--out", "said.csv"]


def planted_lock(*words: str) -> Callable[[Stage, Path], list[object]]:
    def make(stage: Stage, folder: Path) -> list[object]:
        film(folder / "film.png")
        (folder / "precious").write_text("precious")
        (folder / ".out.lock").symlink_to("precious")
        known = {"RUN": stage.run, "CLASSIFIER": stage.classifier, "CORPUS": stage.corpus}
        return [known.get(word, word) for word in words]

    return make


def still_precious(folder: Path, _ended: Ended) -> None:
    assert (folder / "precious").read_text() == "precious"


def piped_lock(stage: Stage, folder: Path) -> list[object]:
    os.mkfifo(folder / ".out.lock")
    return [
        "predict",
        stage.classifier,
        film(folder / "film.png"),
        "--out",
        "out",
        "--format",
        "csv",
    ]


SMALL = ("--size", "32", "--workers", "1")
LOCKED = {
    "predict": ("predict", "CLASSIFIER", "film.png", "--out", "out", "--format", "csv"),
    "generate": ("generate", "RUN", "film.png", "--out", "out"),
    "corpus build": ("corpus", "build", "phantom", "--studies", "8", *SMALL, "--out", "out"),
    "ask": ("ask", "RUN", "film.png", "edema", "--out", "out"),
    "explain": ("explain", "RUN", "film.png", "--out", "out"),
    "export": ("export", "RUN", "--to", "timm", "--out", "out"),
    "score": ("score", "reports.jsonl", "--out", "out"),
    "validate": ("validate", "CLASSIFIER", "CORPUS", "--out", "out"),
    "next": ("next", "CORPUS", "--encoder", "random", "--targets", "Gout", "--out", "out"),
    "finetune": (
        "transfer", "CORPUS", "--encoders", "random", "--targets", "Edema", "--budgets", "20",
        "--protocol", "finetune", "--backbone", "test_resnet", "--out", "out",
    ),
    "pretrain": ("pretrain", "CORPUS", "--out", "out", "--steps", "1", "--backbone", "test_resnet"),
    "transfer": (
        "transfer", "CORPUS", "--encoders", "random", "--targets", "Edema", "--budgets", "20",
        "--repeats", "2", "--backbone", "test_resnet", "--out", "out",
    ),
}  # fmt: skip
PREDICT = ("predict", "CLASSIFIER", "films")
BUILD = (
    "corpus",
    "build",
    "table",
    "films.csv",
    "--out",
    "corpus",
    "--size",
    "32",
    "--workers",
    "1",
)

_films = [
    Attack(
        f"film called with a {what}",
        "predict",
        named_film(name, *PREDICT),
        1,
        "no plain text",
        OBEYED,
    )
    for what, name in NAMES.items()
]
_missing = [
    Attack(
        f"missing file called with a {what}", command, missing(name, *words), 1, "radtex: ", OBEYED
    )
    for command, words in {
        "generate": ("generate", "RUN", "NAME", "--out", "reports.jsonl"),
        "corpus describe": ("corpus", "describe", "NAME"),
        "export": ("export", "NAME", "--to", "timm", "--out", "out"),
        "explain": ("explain", "NAME", "film.png", "--out", "map.png"),
        "score": ("score", "NAME"),
    }.items()
    for what, name in NAMES.items()
]
_tables = [
    Attack(f"ids with a {what}", "corpus build", table(name, *BUILD), 0, never=OBEYED)
    for what, name in NAMES.items()
    if what not in ("carriage return", "line separator")
]
_targets = [
    Attack(f"finding called with a {what}", "predict", target(name), 0, never=OBEYED)
    for what, name in NAMES.items()
]
_labels = [
    Attack(f"label called with a {what}", "corpus describe", label(name), 0, never=OBEYED)
    for what, name in NAMES.items()
]
_locks = [
    Attack(
        "planted lock",
        command,
        planted_lock(*words),
        1,
        "no plain file",
        check=still_precious,
    )
    for command, words in LOCKED.items()
]
_one = [
    Attack("film called as a formula", "predict", formula, 0, check=no_formula),
    Attack("pipe in the place of a lock", "predict", piped_lock, 1, "no plain file"),
]

ATTACKS = [*_films, *_missing, *_tables, *_targets, *_labels, *_locks, *_one]
