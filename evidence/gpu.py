"""Four objectives on one GPU, at equal steps, in minutes: ResNet-50 from random weights, 224 px.

A phantom is drawn here, the rate of a step is measured, and the steps follow from the time that is
left: the same number for joint (RadTex), labels mined from the reports, perfect labels, and
bicaptioning. After each training the encoder is scored with few labels and its line printed; the
comparison of all comes last. What a cut-off finds done stays: lines, runs and results. It is a
development corpus: nothing here is a test.
"""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import cyclopts
import torch
from cyclopts import Parameter

from radtex.compute.devices import compute_device
from radtex.corpus.build import build
from radtex.corpus.corpus import Corpus
from radtex.corpus.sources import open_source
from radtex.pretraining.pretrain import pretrain
from radtex.pretraining.recipe import load_recipe
from radtex.transfer.contestants.lineup import Lineup
from radtex.transfer.design import Design
from radtex.transfer.evidence.result_tables import table as table_of
from radtex.transfer.transfer import transfer

Several = Parameter(consume_multiple=True)
app = cyclopts.App(help=__doc__)

TARGETS = ("radtex9",)
OBJECTIVES: dict[str, dict[str, Any]] = {
    "joint": {"recipe": "radtex-small"},
    "mined": {
        "recipe": "supervised-small",
        "targets": TARGETS,
        "label_source": "reports",
        "label_policy": "blank-negative",
    },
    "perfect": {"recipe": "supervised-small", "targets": TARGETS},
    "bicaptioning": {"recipe": "bicaptioning-small"},
}
"""In the order in which they are trained; the small recipes for their optimiser."""
SCORING = 0.15
"""Share of the time that is kept for scoring."""
LONGEST = 3000
"""Steps, at most."""


@app.default
def main(
    *,
    out: Path = Path("evidence/gpu"),
    minutes: float = 8,
    studies: int = 6000,
    size: int = 224,
    backbone: str = "resnet50",
    batch_size: int = 128,
    steps: int | None = None,
    budgets: Annotated[list[int], Several] = [50, 200, 500],  # noqa: B006
    repeats: int = 10,
) -> None:
    """Train four encoders and compare them, within the time.

    Args:
        out: A folder to make.
        minutes: Time for all, from the start of this command.
        studies: Studies of the phantom.
        size: Side of its films in pixels.
        backbone: A timm model name.
        batch_size: Images of a step.
        steps: Steps of each training; measured where it is not given.
        budgets: Numbers of labelled studies.
        repeats: Draws of labels for each budget.
    """
    start = time.monotonic()
    if out.exists():
        sys.exit(f"{out} exists; move it away, or name another --out")
    logging.basicConfig(level=logging.WARNING)
    device = compute_device()
    precision = "bfloat16" if device.type == "cuda" else "float32"

    def left() -> float:
        return 60 * minutes - (time.monotonic() - start)

    def say(text: str) -> None:
        print(f"[{time.monotonic() - start:5.0f} s] {text}", flush=True)

    name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU"
    say(f"{name}, torch {torch.__version__}, {backbone}, {size} px, {precision}")
    corpus = build(open_source("phantom", studies=studies, seed=1961), out / "corpus", size=size)
    say(f"{len(corpus.images)} studies are drawn")

    def train(objective: str, length: int, folder: Path) -> None:
        fields = OBJECTIVES[objective]
        overrides = {name: value for name, value in fields.items() if name != "recipe"} | {
            "backbone": backbone,
            "init": "random",
            "steps": length,
            "batch_size": batch_size,
            "vocabulary": 1000,
            "precision": precision,
        }
        pretrain(corpus, folder, load_recipe(fields["recipe"], overrides))

    if steps is None:
        seconds = seconds_per_step(lambda length, folder: train("joint", length, folder), out)
        steps = min(int(left() * (1 - SCORING) / len(OBJECTIVES) / seconds), LONGEST)
        say(f"joint takes {seconds:.3f} s a step, {batch_size / seconds:.0f} images/s")
        if steps < 1:
            sys.exit("no time is left for a step; give more --minutes, or fewer --studies")
    say(f"{steps} steps of {batch_size} images for each objective")

    design = Design(TARGETS, tuple(budgets), repeats)
    done: list[str] = []
    longest = 0.0
    for objective in OBJECTIVES:
        if left() < 1.1 * longest:
            say(f"no time is left for {objective}")
            continue
        began = time.monotonic()
        train(objective, steps, out / "runs" / objective)
        trained = time.monotonic() - began
        done.append(f"{objective}={out / 'runs' / objective}")
        table = _compare(corpus, [done[-1]], design, out / "results" / objective)
        longest = max(longest, time.monotonic() - began)
        say(f"{objective}: {steps} steps in {trained:.0f} s\n{table}")
    if not done or left() <= 0:
        say("no time is left to compare them")
        return
    say("all together, with random weights and grey levels")
    table = _compare(corpus, ["random", *done], design, out / "results" / "all", floor=True)
    say(f"done\n{table}")


def seconds_per_step(train: Callable[[int, Path], None], out: Path) -> float:
    """Measure a step: the difference of a longer and a shorter run, after one that warms up."""
    took = []
    for number, length in enumerate((4, 4, 24)):
        began = time.monotonic()
        train(length, out / "rate" / str(number))
        took.append(time.monotonic() - began)
    return max((took[2] - took[1]) / 20, 1e-3)


def _compare(
    corpus: Corpus, encoders: list[str], design: Design, out: Path, floor: bool = False
) -> str:
    lineup = Lineup(tuple(encoders), no_pixels=not floor)
    return table_of(transfer(str(corpus.path), lineup, design, out))


if __name__ == "__main__":
    app()
