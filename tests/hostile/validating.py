"""Hostile classifiers, sites and flags for `validate`."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from hostile.attack import Attack, Ended, Make, Stage
from hostile.files import device, pipe, sparse
from hostile.models import CLASSIFIERS, REFUSED, Edit
from hostile.outputs import LONG
from hostile.tables import CRAFTED, NO_CORPUS
from hostile.terminal import CLEAR, NAMES, OBEYED

OUT = ("--out", "out")


def _site(place: Path, stage: Stage, name: str = "site") -> Path:
    """A corpus whose films are all labelled and all to be scored."""
    corpus = Path(shutil.copytree(stage.corpus, place / name))
    index = pd.read_parquet(corpus / "index.parquet")
    labels = pd.array(np.arange(len(index)) % 2, dtype="Int8")
    named = {"label.Edema": labels, "label.Effusion": labels, "split": "test"}
    index.assign(**named).to_parquet(corpus / "index.parquet")
    return corpus


def _validate(*words: object) -> Make:
    def make(stage: Stage, place: Path) -> list[object]:
        _site(place, stage)
        return ["validate", stage.classifier, "site", *words]

    return make


def _of_classifier(edit: Edit) -> Make:
    def make(stage: Stage, place: Path) -> list[object]:
        _site(place, stage)
        edit(Path(shutil.copytree(stage.classifier, place / "classifier")))
        return ["validate", "classifier", "site", *OUT]

    return make


def _of_site(change: Callable[[Path], object]) -> Make:
    def make(stage: Stage, place: Path) -> list[object]:
        change(_site(place, stage, "crafted"))
        return ["validate", stage.classifier, "crafted", *OUT]

    return make


def _of_pool(change: Callable[[Path], object]) -> Make:
    def make(stage: Stage, place: Path) -> list[object]:
        _site(place, stage)
        change(_site(place, stage, "crafted"))
        return ["validate", stage.classifier, "site", "--pool", "crafted", *OUT]

    return make


def _named_finding(name: str) -> Make:
    """A finding of classifier and site with a hostile name."""

    def make(stage: Stage, place: Path) -> list[object]:
        site = _site(place, stage)
        index = pd.read_parquet(site / "index.parquet")
        index.rename(columns={"label.Edema": f"label.{name}"}).to_parquet(site / "index.parquet")
        classifier = Path(shutil.copytree(stage.classifier, place / "classifier"))
        file = classifier / "classifier.json"
        text = json.dumps(name)[1:-1]
        file.write_text(file.read_text().replace('"Edema"', f'"{text}"'))
        return ["validate", "classifier", "site", *OUT]

    return make


def _closed(site: Path) -> None:
    (site / "index.parquet").chmod(0)


def _in_closed_folder(stage: Stage, place: Path) -> list[object]:
    (place / "closed").mkdir(mode=0o500)
    return _validate("--out", "closed/out")(stage, place)


def _linked_output(stage: Stage, place: Path) -> list[object]:
    (place / "precious").mkdir()
    (place / "precious" / "report.html").write_text("precious")
    (place / "out").symlink_to("precious")
    return _validate(*OUT)(stage, place)


def _still_precious(place: Path, _ended: Ended) -> None:
    assert (place / "precious" / "report.html").read_text() == "precious"
    assert (place / "out").is_symlink()


def _nothing_made(place: Path, _ended: Ended) -> None:
    left = {path.name for path in place.iterdir()}
    assert left <= {"site", "crafted", "classifier", "closed"}, left


def _removed(stage: Stage, _place: Path) -> list[object]:
    return ["validate", stage.classifier, stage.corpus, *OUT]


def _link(path: Path) -> None:
    (path.parents[1] / "precious").mkdir()
    (path.parents[1] / "precious" / "report.html").write_text("precious")
    path.symlink_to("../precious/report.html")


def _precious_ledger(place: Path, _ended: Ended) -> None:
    precious = place / "precious" / "report.html"
    assert not precious.exists() or precious.read_text() == "precious"
    assert (place / "out" / "report.html").exists()


LEDGERS = {"link": _link, "pipe": pipe, "endless device": device, "sparse terabyte": sparse}

FLAGS = {
    "prevalence of NaN": (("--prevalences", "nan"), 1, "a prevalence of nan is impossible"),
    "prevalence without end": (("--prevalences", "1e999"), 1, "a prevalence of inf is impossible"),
    "prevalence that commands": (("--prevalences", f"{CLEAR}"), 2, "radtex: "),
    "recalibration on less than nothing": (("--recalibrate", "-5"), 2, "radtex: "),
    "recalibration on a billion": (("--recalibrate", "1000000000"), 1, "radtex: "),
    "seed without end": (("--seed", "9" * 5000), 2, "radtex: "),
    "pool that is missing": (("--pool", f"a{CLEAR}b"), 1, "radtex: "),
}

ATTACKS = (
    *(
        Attack(f"classifier: {name}", "validate", _of_classifier(CLASSIFIERS[name]), 1, REFUSED,
               check=_nothing_made)
        for name in ("deep JSON", "giant backbone", "threshold that is a word",
                     "weights that are no numbers", "weights of a sparse terabyte")
    ),
    *(
        Attack(f"crafted site: {name}", "validate", _of_site(CRAFTED[name]), 1, NO_CORPUS,
               check=_nothing_made)
        for name in ("pixel_std of 0", "deep JSON", "texts as labels", "sparse images",
                     "one id for all", "fewer rows")
    ),
    *(
        Attack(f"crafted pool: {name}", "validate", _of_pool(CRAFTED[name]), 1, NO_CORPUS,
               check=_nothing_made)
        for name in ("pixel_mean of text", "flags of another kind")
    ),
    *(
        Attack(
            f"{name} in the place of the ledger", "validate",
            _of_site(lambda site, make=make: make(site / "scorings.jsonl")), 0,
            check=_precious_ledger,
        )
        for name, make in LEDGERS.items()
    ),
    Attack("sparse terabyte as the index", "validate",
           _of_site(lambda site: sparse(site / "index.parquet")), 1, "crafted",
           check=_nothing_made),
    Attack("site that may not be read", "validate", _of_site(_closed), 1, "may not be read",
           no_root=True),
    *(
        Attack(f"finding called with a {what}", "validate", _named_finding(name), 0, never=OBEYED)
        for what, name in NAMES.items()
        if what in ("escape sequence", "line break", "right to left")
    ),
    *(
        Attack(name, "validate", _validate(*words, *OUT), status, says, OBEYED,
               check=_nothing_made)
        for name, (words, status, says) in FLAGS.items()
    ),
    Attack("full standard output", "validate", _validate(*OUT), 1, "no space left",
           stdout="/dev/full"),
    Attack("closed standard output", "validate", _validate(*OUT), 1, "standard output is closed",
           stdout="closed"),
    Attack("name of 300 characters for the output", "validate", _validate("--out", LONG), 1,
           "the name is too long"),
    Attack("output where nothing may be written", "validate", _in_closed_folder, 1, "closed",
           no_root=True),
    Attack("planted link in the place of the output", "validate", _linked_output, 1,
           "already exists", check=_still_precious),
    Attack("working folder that was removed", "validate", _removed, 1, "was removed",
           before="outputs:leave_removed_folder"),
)  # fmt: skip
