"""The whole line on synthetic radiographs: what `radtex demo` does, to be read as a tutorial.

The demonstration is about *labels*: how many does a new classifier need, on top of an encoder that
read reports, and on top of one that did not? It asks twice. *Seen*: the supervised rival was
trained on labels of the very findings that are tested. *Unseen*: it was trained on labels of other
findings only, as when a hospital wants a classifier for something nobody has labelled, while the
reports mention it.
"""

import logging
from pathlib import Path

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.labels import TARGET_SETS
from radtex.corpus.sources import open_source
from radtex.errors import OutputError
from radtex.models.storage import load
from radtex.phantom import FINDINGS
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe
from radtex.reports.training_text import training_text
from radtex.transfer.transfer import transfer

log = logging.getLogger(__name__)

STUDIES = 6000
SIZE = 64
TARGETS = TARGET_SETS["radtex9"]
OTHERS = tuple(name for name in FINDINGS if name not in TARGETS)
BUDGETS = (50, 100, 200, 500)
REPEATS = 10
TRAINING = {"epochs": 3, "batch_size": 32, "init": "imagenet"}


def run_demo(out: Path = Path("demo")) -> None:
    """Build, pretrain, transfer and report; what is already there is not done again.

    Raises:
        OutputError: if `out` holds a finished demonstration.
    """
    if (out / "unseen").exists():
        raise OutputError(
            f"{out} holds a finished demonstration: open {out / 'seen' / 'report.html'}, or remove "
            "the folder to run it again"
        )

    log.info("1. A corpus: %d synthetic studies, each an image with its report", STUDIES)
    corpus = _corpus(out / "corpus")

    log.info("2. An encoder that reads the reports, and two that learn from labels")
    radtex = _run(corpus, out / "runs" / "radtex", "radtex-small", ())
    seen = _run(corpus, out / "runs" / "supervised-seen", "supervised-small", TARGETS)
    unseen = _run(corpus, out / "runs" / "supervised-unseen", "supervised-small", OTHERS)

    for scenario, supervised, meaning in (
        ("seen", seen, "supervised learnt from labels of the tested findings"),
        ("unseen", unseen, "supervised learnt from labels of other findings only"),
    ):
        log.info("3. Few labels, many draws (%s: %s)", scenario, meaning)
        if not (out / scenario).exists():
            entries = ["random", f"supervised={supervised}", f"radtex={radtex}"]
            table = transfer(
                str(corpus.path),
                entries,
                TARGETS,
                out / scenario,
                budgets=BUDGETS,
                repeats=REPEATS,
            )
            print(f"\n{scenario.upper()}: {meaning}.\n\n{table}")

    row = corpus.rows("test")[0]
    study = corpus.index.iloc[row]
    written = load(radtex).report(corpus.images[[row]], beams=3)[0]
    print(f"\nA report written for {study['image_id']}, an image of the test split:\n  {written}")
    print(f"Its own report:\n  {training_text(study['findings'], study['impression'])}")
    print(f"\nCurves and tables: {out / 'seen' / 'report.html'}, {out / 'unseen' / 'report.html'}")


def _corpus(path: Path) -> Corpus:
    if path.exists():
        return Corpus.open(path)
    return build(open_source("phantom", studies=STUDIES, seed=0), path, size=SIZE)


def _run(corpus: Corpus, path: Path, recipe: str, targets: tuple[str, ...]) -> Path:
    options = TRAINING | ({"targets": targets} if targets else {})
    return pretrain(corpus, path, load_recipe(recipe, options), resume=True)
