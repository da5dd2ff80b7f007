"""Time the linear few-label protocol, features given, against a loop over scikit-learn.

Measured are draws, probes, scores, intervals and p values for four encoders × nine targets × five
budgets × repeats, with seven values of C and five folds. The baseline fits the same draws with the
same folds, one LogisticRegression after another, and leaves the path of C where radtex does: after
a value whose loss is 5 % above the least so far. It is timed on one random cell (encoder, target,
repeat) of each budget per round, and scaled to all cells. Features are random, with a spectrum like
an encoder's and a signal for each target. Both run on one thread, since scikit-learn's fits of this
size are slower on two. The last line is one JSON object.
"""

import json
import statistics
import time
from itertools import groupby

import cyclopts
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from torch import Tensor

from radtex.models.encoder_input import EncoderInput
from radtex.transfer.contestants.contestant import Contestant, Role
from radtex.transfer.design import Design
from radtex.transfer.evidence.flags import flags
from radtex.transfer.measures.scores import Scores
from radtex.transfer.protocols.linear import Linear
from radtex.transfer.protocols.logistic import HOPELESS
from radtex.transfer.protocols.probes import STRENGTHS
from radtex.transfer.results import conclude
from radtex.transfer.sampling.draws import Draw
from radtex.transfer.sampling.experiment import Experiment, draw_experiment
from radtex.transfer.sampling.folds import FOLDS
from radtex.transfer.sampling.studies import Studies

BUDGETS = (50, 100, 200, 500, 1000)
TARGETS = tuple(f"target {number}" for number in range(9))
ROLES: tuple[Role, ...] = ("random", "imagenet", "supervised", "radtex")
WIDTH, POOL, TEST = 1280, 2500, 2000
MADE = {"fit": "crop", "intensity": "window", "shares_patients_with": [], "images": TEST}
RECORD = {
    "name": "linear",
    "image_size": 128,
    "pool": MADE | {"images": POOL},
    "test": MADE,
    "primary_family": [],
}


def main(repeats: int = 20, rounds: int = 3, device: str = "cpu") -> None:
    """Run the comparison.

    Args:
        repeats: Draws of each target and budget; fewer shorten it.
        rounds: Rounds of both contestants; fewer shorten it.
        device: Where the probes are fitted; the baseline stays on the CPU.
    """
    torch.set_num_threads(1)
    threadpool_limits(1)
    rng = np.random.default_rng(0)
    takes = EncoderInput(128, 0.0, 1.0)
    contestants = [Contestant(role, role, torch.nn.Identity(), takes, {}) for role in ROLES]
    pool, test, features = synthetic(rng)
    protocol = Linear()
    ours, theirs, differences = [], [], []
    for _ in range(rounds):
        start = time.perf_counter()
        experiment = draw_experiment(pool, test, Design(TARGETS, BUDGETS, repeats))
        scores = {
            name: protocol.measure_features(experiment, *(part.to(device) for part in both), name)
            for name, both in features.items()
        }
        said = flags(protocol, contestants, experiment, scores, RECORD)
        conclude(protocol, contestants, experiment, scores, RECORD, said)
        ours.append(time.perf_counter() - start)

        seconds, difference = baseline_round(experiment, features, scores, rng)
        theirs.append(seconds)
        differences.append(difference)
        print(f"measured {ours[-1]:.1f} s, baseline {seconds:.0f} s, AUC within {difference:.5f}")
    measured, baseline = statistics.median(ours), statistics.median(theirs)
    print(
        json.dumps(
            {
                "name": "transfer",
                "baseline": round(baseline, 1),
                "measured": round(measured, 2),
                "unit": "s",
                "ratio": round(baseline / measured, 1),
                "max_auc_difference": max(differences),
                "cells": len(ROLES) * len(experiment.draws),
                "cells_of_baseline": rounds * len(BUDGETS),
                "device": torch.cuda.get_device_name() if device == "cuda" else device,
                "threads": torch.get_num_threads(),
            }
        )
    )


def synthetic(
    rng: np.random.Generator,
) -> tuple[Studies, Studies, dict[str, tuple[Tensor, Tensor]]]:
    """Return pool and test studies, and the features of both for each encoder.

    The signal in the features grows with the role's place in `ROLES`.
    """
    count = POOL + TEST
    causes = rng.normal(size=(count, len(TARGETS)))
    prevalence = np.linspace(0.05, 0.4, len(TARGETS))
    labels = (causes > norm.isf(prevalence)).astype(np.float32)
    features = {}
    for strength, role in enumerate(ROLES, start=1):
        scale = np.arange(1, WIDTH + 1) ** -0.5
        mixing = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))[0]
        hidden = rng.normal(size=(count, WIDTH)) * scale
        hidden[:, 10 : 10 + len(TARGETS)] += 0.1 * strength * causes
        both = torch.from_numpy((hidden @ mixing).astype(np.float32))
        features[role] = (both[:POOL], both[POOL:])
    studies = [
        Studies(part, np.arange(len(part)), np.arange(len(part)))
        for part in (labels[:POOL], labels[POOL:])
    ]
    return studies[0], studies[1], features


def baseline_round(
    experiment: Experiment,
    features: dict[str, tuple[Tensor, Tensor]],
    scores: dict[str, Scores],
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Time one random cell of each budget by the baseline.

    Args:
        experiment: The draws.
        features: Of each encoder, those of pool and test.
        scores: What radtex measured on all cells.
        rng: Source of the random cells.

    Returns:
        The seconds that all cells would take, and the largest difference of an AUC.
    """
    seconds, differences = 0.0, []
    by_budget = sorted(enumerate(experiment.draws), key=lambda item: item[1].budget)
    for _, group in groupby(by_budget, key=lambda item: item[1].budget):
        cells = list(group)
        place, draw = cells[rng.integers(len(cells))]
        role = ROLES[rng.integers(len(ROLES))]
        pool, test = (part.numpy() for part in features[role])
        start = time.perf_counter()
        auc = baseline_auc(draw, pool, test, experiment.test.labels[:, draw.target])
        seconds += (time.perf_counter() - start) * len(cells) * len(ROLES)
        differences.append(abs(auc - scores[role].auc.reshape(-1)[place]))
    return seconds, max(differences)


def baseline_auc(
    draw: Draw,
    pool: NDArray[np.float32],
    test: NDArray[np.float32],
    test_labels: NDArray[np.float32],
) -> float:
    """Return the AUC of one cell, by a loop over scikit-learn."""
    scaler = StandardScaler().fit(pool[draw.studies])
    labelled = scaler.transform(pool[draw.studies])
    losses: list[float] = []
    for strength in STRENGTHS:
        held_out = np.empty(len(labelled))
        for fold in range(FOLDS):
            left_out = draw.folds == fold
            model = LogisticRegression(C=strength, max_iter=10_000)
            model.fit(labelled[~left_out], draw.positive[~left_out])
            held_out[left_out] = model.predict_proba(labelled[left_out])[:, 1]
        losses.append(log_loss(draw.positive, held_out))
        if losses[-1] > HOPELESS * min(losses):
            break
    model = LogisticRegression(C=STRENGTHS[int(np.argmin(losses))], max_iter=10_000)
    model.fit(labelled, draw.positive)
    return float(roc_auc_score(test_labels, model.decision_function(scaler.transform(test))))


if __name__ == "__main__":
    cyclopts.run(main)
