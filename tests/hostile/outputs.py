"""Outputs that cannot be written: full, closed, forbidden, too long; folders that are gone."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from hostile.attack import Attack, Make, Stage
from hostile.files import film

LONG = "x" * 300


def _words(words: Sequence[object], stage: Stage) -> list[object]:
    known = {"CORPUS": stage.corpus, "RUN": stage.run, "CLASSIFIER": stage.classifier}
    return [known.get(str(word), word) for word in words]


def _command(*words: object) -> Make:
    def attack(stage: Stage, place: Path) -> list[object]:
        film(place / "1.png")
        return _words(words, stage)

    return attack


def _in_closed_folder(*words: object) -> Make:
    def attack(stage: Stage, place: Path) -> list[object]:
        film(place / "1.png")
        (place / "closed").mkdir(mode=0o500)
        return _words(words, stage)

    return attack


def _removed(*words: object) -> Make:
    def attack(stage: Stage, _place: Path) -> list[object]:
        return _words(words, stage)

    return attack


def leave_removed_folder() -> None:
    """Work in a folder that somebody removes."""
    shutil.rmtree(Path.cwd())


def _zip_folder(_stage: Stage, place: Path) -> list[object]:
    film(place / "films" / "1.png")
    (place / "reports.zip").mkdir()
    (place / "t.csv").write_text("image,patient_id\nfilms/1.png,p1\n")
    return ["corpus", "build", "table", "t.csv", "--reports", "reports.zip", "--out", "c"]


PRINTING = {
    "corpus describe": ("corpus", "describe", "CORPUS"),
    "corpus sources": ("corpus", "sources"),
    "recipes": ("recipes",),
    "runs": ("runs", "."),
    "predict": ("predict", "CLASSIFIER", "1.png"),
    "ask": ("ask", "RUN", "1.png", "edema"),
}
WRITING = {
    "corpus build": ("corpus", "build", "phantom", "--studies", "2", "--size", "16"),
    "pretrain": ("pretrain", "CORPUS"),
    "transfer": (
        *("transfer", "CORPUS", "--encoders", "random", "--backbone", "test_resnet"),
        *("--targets", "Cardiomegaly", "--budgets", "9"),
    ),
    "predict": ("predict", "CLASSIFIER", "1.png", "--format", "csv"),
    "generate": ("generate", "RUN", "1.png"),
    "export": ("export", "RUN", "--to", "timm"),
    "explain": ("explain", "RUN", "1.png"),
    "next": ("next", "CORPUS", "--encoder", "random", "--targets", "Gout"),
}

ATTACKS = (
    *(
        Attack(
            "full standard output",
            command,
            _command(*words),
            status=1,
            says="no space left",
            stdout="/dev/full",
        )
        for command, words in PRINTING.items()
    ),
    *(
        Attack(
            "closed standard output",
            command,
            _command(*words),
            status=1,
            says="standard output is closed",
            stdout="closed",
        )
        for command, words in PRINTING.items()
    ),
    *(
        Attack(
            "name of 300 characters for the output",
            command,
            _command(*words, "--out", LONG),
            status=1,
            says="the name is too long",
        )
        for command, words in WRITING.items()
    ),
    *(
        Attack(
            "output where nothing may be written",
            command,
            _in_closed_folder(*words, "--out", "closed/out"),
            status=1,
            says="closed",
            no_root=True,
        )
        for command, words in WRITING.items()
    ),
    *(
        Attack(
            "working folder that was removed",
            command,
            _removed(*words, "--out", "out"),
            status=1,
            says="was removed",
            before="outputs:leave_removed_folder",
        )
        for command, words in WRITING.items()
    ),
    Attack("folder named .zip as reports", "corpus build", _zip_folder, status=1),
)
