"""The whole line on synthetic radiographs: what `radtex demo` does, to be read as a tutorial.

The demonstration is about *labels*: how many does a new classifier need, on top of an encoder that
read reports, and on top of one that did not? It asks twice. *Seen*: the supervised rival was
trained on labels of the very findings that are tested. *Unseen*: it was trained on labels of other
findings only, as when a hospital wants a classifier for something nobody has labelled, while the
reports mention it.
"""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.sources import open_source
from radtex.errors import OutputError, RunError
from radtex.explaining.example_films import find_examples
from radtex.explaining.report_map import explain
from radtex.files import whole_file
from radtex.findings import TARGET_SETS
from radtex.models.run import WEIGHTS, Run
from radtex.phantom import FINDINGS
from radtex.phantom.sample_data import write_sample_data
from radtex.printable import printable
from radtex.progress import progress_bar
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.evidence.result_tables import table
from radtex.transfer.transfer import transfer

_log = logging.getLogger(__name__)

STUDIES = 3000
SIZE = 64
TARGETS = TARGET_SETS["radtex9"]
OTHERS = tuple(name for name in FINDINGS if name not in TARGETS)
BUDGETS = (50, 100, 200)
REPEATS = 5
EXPLAINED, MISSED = "explained.png", "missed.png"
"""The pictures of a film that the run reads, made last, and of one that it misses."""
STEPS = 480
TRAINING = {"init": "imagenet", "batch_size": 16, "warmup_steps": 50}
CAPTIONING = {
    "hidden": 128,
    "feedforward": 512,
    "dropout": 0,
    "vocabulary": 1000,
    "learning_rate": 0.002,
    "encoder_learning_rate": 0.002,
    "crop_area": 0.9,
}


def demo(*, out: Path | str = Path("demo"), sample_data: Path | str | None = None) -> None:
    """Build, pretrain, transfer and report; what is already there is not done again.

    Args:
        out: folder for corpus, runs, results and pictures.
        sample_data: a folder to make instead, of synthetic films, reports and labels as a hospital
            might export them. Nothing else is done.

    Raises:
        OutputError: if `out` holds a finished demonstration, or `sample_data` exists.
        RunError: if pretraining failed; the message names its log.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> folder = TemporaryDirectory()
        >>> (Path(folder.name) / "explained.png").touch()
        >>> radtex.demo(out=folder.name)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        radtex.errors.OutputError: ... holds a finished demonstration: ...
        >>> folder.cleanup()
    """
    if sample_data is not None:
        write_sample_data(Path(sample_data))
        return
    out = Path(out)
    if (out / EXPLAINED).exists():
        raise OutputError(
            f"{out} holds a finished demonstration: open {out / 'seen' / 'report.html'}, or remove "
            "the folder to run it again"
        )

    _log.info("1. A corpus: %d synthetic studies, each an image with its report", STUDIES)
    corpus = _corpus(out / "corpus")

    _log.info("2. An encoder that reads the reports, and two that learn from labels")
    radtex, seen, unseen = (
        out / "runs" / name for name in ("radtex", "supervised-seen", "supervised-unseen")
    )
    _pretrain_side_by_side(
        corpus,
        {
            radtex: ["--recipe", "radtex-small", *_flags(CAPTIONING)],
            seen: ["--recipe", "supervised-small", "--targets", *TARGETS],
            unseen: ["--recipe", "supervised-small", "--targets", *OTHERS],
        },
    )

    for scenario, supervised, meaning in (
        ("seen", seen, "supervised learnt from labels of the tested findings"),
        ("unseen", unseen, "supervised learnt from labels of other findings only"),
    ):
        _log.info("3. Few labels, many draws (%s: %s)", scenario, meaning)
        if not (out / scenario).exists():
            results = transfer(
                str(corpus.path),
                Lineup(("random", f"supervised={supervised}", f"radtex={radtex}")),
                Design(TARGETS, BUDGETS, REPEATS),
                out / scenario,
            )
            print(printable(f"\n{scenario.upper()}: {meaning}.\n\n{table(results)}"))

    print(printable(_examples(corpus, radtex, out)))
    print(
        printable(
            f"\nCurves and tables: {out / 'seen' / 'report.html'}, {out / 'unseen' / 'report.html'}"
        )
    )


def _examples(corpus: Corpus, run: Path, out: Path) -> str:
    """Explain two films of the test, chosen by rule: one that the run reads, one that it misses."""
    shown, missed = find_examples(Run.open(run), corpus)
    said = []
    # The one that ends the demonstration comes last.
    for example, picture in ((missed, MISSED), (shown, EXPLAINED)):
        if example is None:
            said.append(f"No film is shown in {out / picture}: none of the test fits.")
            continue
        name = corpus.index["image_id"].iloc[example.row]
        film = out / ("film.png" if picture == EXPLAINED else "missed_film.png")
        with whole_file(film) as aside:
            Image.fromarray(corpus.images[example.row]).save(aside, format="png")
        if not (out / picture).exists():
            explain(run, film, out / picture, example.text)
        lacking = f"\nNot named: {', '.join(example.missed)}" if example.missed else ""
        said.append(
            f"{name}, the first film of the test with {example.why}.\n"
            f"Written for it:\n  {example.text}\nIts own report:\n  {example.own}{lacking}\n"
            f"What speaks for each finding that was written: {out / picture}"
        )
    return "\n" + "\n\n".join(reversed(said))


def _corpus(path: Path) -> Corpus:
    if path.exists():
        return Corpus.open(path)
    return build(open_source("phantom", studies=STUDIES, seed=0), path, size=SIZE)


def _flags(fields: Mapping[str, object]) -> list[str]:
    return [
        word
        for name, value in fields.items()
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]


def _pretrain_side_by_side(corpus: Corpus, runs: Mapping[Path, Sequence[str]]) -> None:
    """Pretrain each run in a process of its own, as many at a time as there are cores.

    Small networks gain little from a second thread. The run that takes longest comes first: two
    cores end together, one with it and one with both others.
    """
    cores = os.cpu_count() or 1
    at_a_time = min(cores, len(runs))
    threads = cores // at_a_time
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    common = ["--resume", "--steps", str(STEPS), *_flags(TRAINING)]

    def pretrain(run: Path) -> None:
        command = [sys.executable, "-m", "radtex", "pretrain", str(corpus.path), "--out", str(run)]
        log_file = run.with_suffix(".log")
        with log_file.open("w", encoding="utf-8") as text:
            done = subprocess.run(
                [*command, *common, *runs[run]], stdout=text, stderr=text, env=environment
            )
        if done.returncode:
            last = log_file.read_text(encoding="utf-8").strip().splitlines()[-1:]
            raise RunError(f"pretraining {run} failed: {' '.join(last)}; see {log_file}")

    def steps() -> int:
        logs = (run / "metrics.jsonl" for run in runs)
        return sum(
            path.read_text(encoding="utf-8").count('"loss"') for path in logs if path.is_file()
        )

    for run in runs:
        run.parent.mkdir(parents=True, exist_ok=True)
    begun = steps()
    with (
        ThreadPoolExecutor(at_a_time) as pool,
        progress_bar("pretraining", len(runs) * STEPS, "steps", start=begun) as bar,
    ):
        waiting = [pool.submit(pretrain, run) for run in runs if not (run / WEIGHTS).is_file()]
        while not all(future.done() for future in waiting):
            time.sleep(1)
            now = steps()
            bar.advance(now - begun)
            begun = now
        for future in waiting:
            future.result()
