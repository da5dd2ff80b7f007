"""Back-test `radtex plan`: pilots of a pool, and what larger budgets then truly reached.

Each pilot is a random draw of the pool's studies, and its plan sees nothing else. The truth is the
linear protocol's mean AUC at the larger budgets on the test split, over the same targets. It prints
a row per pilot size and budget, of the AUC and of its gain over a budget of the pilot's size: how
many pilots gave a plan (the others hold no target with enough studies of each class), how far the
plans were off, and how many intervals held the truth. The corpus's ledger notes that its test split
was scored.
"""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Annotated

import cyclopts
import numpy as np
from cyclopts import Parameter
from numpy.typing import NDArray
from torch import Tensor

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.errors import ProtocolError
from radtex.findings import target_names
from radtex.text_tables import aligned
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.design import Design
from radtex.transfer.planning.budgets import plan_budgets
from radtex.transfer.planning.learning_curve import learning_curve
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.sampling.experiment import draw_experiment
from radtex.transfer.sampling.studies import Studies, studies_of
from radtex.transfer.scorings import note_scoring

OF_EACH = ["off by (mean)", "off by (RMS)", "interval width", "held"]
HEADER = ["pilot", "budget", "plans", "of", *OF_EACH]
Several = Parameter(consume_multiple=True)


def backtest(
    corpus: Path,
    /,
    *,
    encoder: str = "imagenet",
    targets: Annotated[list[str], Several],
    pilots: Annotated[list[int], Several] = [100, 200],  # noqa: B006
    budgets: Annotated[list[int], Several] = [500, 1000],  # noqa: B006
    plans: int = 12,
    repeats: int = 3,
) -> None:
    """Plan from many pilots of each size, and compare with what was reached.

    Args:
        corpus: Its pool gives the pilots and the larger budgets, its test split the truth.
        encoder: The encoder whose features are probed.
        targets: Targets, or names of target sets.
        pilots: Studies of a pilot.
        budgets: Larger budgets that are planned for.
        plans: Pilots of each size.
        repeats: Subsets per size in a plan.
    """
    opened = Corpus.open(corpus)
    names, policy = target_names(targets), label_policy("paper")
    contestant = contestants([encoder], opened, 0)[0]
    sides: list[tuple[Studies, Tensor]] = []
    for split in ("pool", "test"):
        rows = opened.rows(split)
        studies = studies_of(opened, rows, names, policy)
        sides.append((studies, studies.average(pooled_features(contestant, opened.images, rows))))
    (pool, features), (test, test_features) = sides
    every = tuple(sorted({*pilots, *budgets}))
    measured = draw_experiment(pool, test, Design(names, every, 10))
    scores = Linear().measure_features(measured, features, test_features, "the truth")
    note_scoring(
        (opened, opened.rows("test")),
        "plan_backtest",
        [contestant.name],
        None,
        targets=measured.targets,
        budgets=measured.budgets,
    )
    reached = scores.auc.mean(1)
    truth = dict(zip(measured.targets, reached, strict=True))
    rows_out = [HEADER]
    for size in pilots:
        results: dict[tuple[int, str], list[tuple[float, float, bool]]] = defaultdict(list)
        for number in range(plans):
            chosen = np.random.default_rng([size, number]).permutation(len(pool.labels))[:size]
            kept = _renumbered(pool, chosen)
            try:
                curve = learning_curve(
                    features[chosen], kept, names, repeats, number, f"plan {number}"
                )
            except ProtocolError as refusal:
                print(f"pilot {number} of {size}: {refusal}", file=sys.stderr)
                continue
            plan = plan_budgets(curve, budgets)
            of_targets = np.mean([truth[target] for target in curve.targets], axis=0)
            true = dict(zip(measured.budgets, of_targets, strict=True))
            for budget in budgets:
                gain = true[budget] - true[size]
                for what, expected, value in (
                    ("AUC", plan.auc[budget], true[budget]),
                    ("gain", plan.gain[budget], gain),
                ):
                    held = expected.low <= value <= expected.high
                    width = expected.high - expected.low
                    results[budget, what].append((expected.mean - value, width, held))
        for (budget, what), found in results.items():
            off, width, held = np.array(found, np.float64).T
            rows_out.append(
                [
                    str(size),
                    str(budget),
                    f"{len(found)} of {plans}",
                    what,
                    f"{off.mean():+.3f}",
                    f"{np.sqrt((off**2).mean()):.3f}",
                    f"{width.mean():.3f}",
                    f"{int(held.sum())} of {len(found)}",
                ]
            )
    print(aligned(rows_out))


def _renumbered(pool: Studies, chosen: NDArray[np.int64]) -> Studies:
    """Return the chosen studies, with their patients numbered from 0 again."""
    _, patients = np.unique(pool.patients[chosen], return_inverse=True)
    return Studies(pool.labels[chosen], patients.astype(np.int64), np.arange(len(chosen)))


if __name__ == "__main__":
    cyclopts.run(backtest)
