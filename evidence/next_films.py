"""How many labels `radtex next` saves, or costs, against films chosen at random.

The labels of a corpus play the reader. In each repeat the patients of one half of it (by a hash of
their ids) are dealt to a pool and a test anew. From nothing, films are chosen in rounds, at random
or by `radtex next` with its random share; after each round a head for each target is fitted to all
labels so far, by the linear protocol, and scored on the test: the mean AUC over the targets. A
target without a film of each class has 0.5. With `--reports`, `radtex next` is tried twice: with
what the films' reports say, and without.

It prints the mean curves, and how many labels each needs to reach what random choice reaches at
some numbers of labels; 95 % intervals draw the repeats anew, both curves together. What is chosen
in view of the half `development` must be reported on the half `report`. The corpus's ledger notes
that its films were scored.
"""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import cyclopts
import numpy as np
import torch
from cyclopts import Parameter
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.findings import target_names
from radtex.labelling.heads import heads_of, logits_of
from radtex.labelling.neighbourhoods import reduced
from radtex.labelling.reported import reported_labels
from radtex.labelling.strategy import Films, choose
from radtex.statistics.auc import auc
from radtex.text_tables import aligned
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.sampling.studies import studies_of
from radtex.transfer.scorings import note_scoring

POOL = 0.6
"""Share of the patients who are in the pool."""
DRAWS = 2000
"""Draws of repeats for an interval."""
Several = Parameter(consume_multiple=True)


def simulate(
    corpus: Path,
    /,
    *,
    targets: Annotated[list[str], Several],
    encoder: str = "imagenet",
    half: Literal["development", "report"] = "development",
    rounds: Annotated[list[int], Several] = [50, 100, 200, 300, 500],  # noqa: B006
    reach: Annotated[list[int], Several] = [200, 500],  # noqa: B006
    repeats: int = 20,
    random_share: float = 0.2,
    reports: bool = False,
) -> None:
    """Compare films chosen by `radtex next` with films chosen at random.

    Args:
        corpus: Its labels play the reader.
        targets: Targets, or names of target sets.
        encoder: Gives the features.
        half: Of the patients.
        rounds: Labels after each round.
        reach: What random choice reaches with these numbers of labels is to be reached.
        repeats: Deals of patients to pool and test.
        random_share: Of each round of `radtex next`.
        reports: Try it with reports too: films whose report and head disagree come up.
    """
    if missing := set(reach) - set(rounds):
        sys.exit(f"--reach {missing.pop()} is none of the rounds {rounds}")
    opened = Corpus.open(corpus)
    names = target_names(targets)
    ids = [sha256(f"half {patient}".encode()).digest()[0] % 2 for patient in opened.patients]
    rows = np.flatnonzero(np.array(ids) == (half == "report"))
    studies = studies_of(opened, rows, names, label_policy("paper"))
    (contestant,) = contestants([encoder], opened, 0)
    features = studies.average(pooled_features(contestant, opened.images, rows)).cpu()
    note_scoring((opened, rows), "next_films", [contestant.name], None, targets=list(names))
    points = reduced(features.numpy())
    curves: dict[str, list[list[float]]] = {"random": [], "next": []}
    said = None
    if reports:
        curves["next, reports"] = []
        said = reported_labels(opened, rows[studies.first_images], names)
        definite = ~np.isnan(said) & ~np.isnan(studies.labels)
        right = (said == studies.labels)[definite].mean()
        print(f"reports state {definite.mean():.1%} of the labels, {right:.1%} of them rightly")
    for repeat in range(repeats):
        rng = np.random.default_rng([repeat, 20])
        people = rng.permutation(studies.patient_count)
        in_pool = np.isin(studies.patients, people[: round(POOL * len(people))])
        pool, test = np.flatnonzero(in_pool), np.flatnonzero(~in_pool)
        for strategy, kept in curves.items():
            share = 1.0 if strategy == "random" else random_share
            labelled = np.zeros(len(pool), bool)
            known = np.full((len(pool), len(names)), np.nan)
            scores = []
            for upto in rounds:
                films = Films(points[pool], studies.patients[pool], labelled)
                number = upto - int(labelled.sum())
                told = said[pool] if said is not None and strategy == "next, reports" else None
                chosen, _ = choose(films, known, number, share, repeat, told)
                labelled[chosen] = True
                heads = heads_of(features[pool], studies.labels[pool], films.patients, labelled)
                known = expit(logits_of(heads, features[pool]))
                scores.append(_mean_auc(logits_of(heads, features[test]), studies.labels[test]))
            kept.append(scores)
        print(f"repeat {repeat + 1} of {repeats}", file=sys.stderr, flush=True)
    values = {name: np.array(each) for name, each in curves.items()}
    print(f"{corpus.name}, {half}: {len(pool)} films in the pool, {len(test)} in the test")
    print(_table(values, rounds, reach))


def _mean_auc(logits: NDArray[np.float64], labels: NDArray[np.float32]) -> float:
    values = []
    for scores, own in zip(logits.T, labels.T, strict=True):
        definite = ~np.isnan(own)
        if np.isnan(scores).all():
            values.append(0.5)
        elif 0 < (own[definite] == 1).sum() < definite.sum():
            positive = own[definite] == 1
            column = torch.from_numpy(scores[definite])[:, None]
            values.append(float(auc(column, positive)[0][0]))
    return float(np.mean(values))


def needed(rounds: list[int], curve: NDArray[np.float64], goal: float) -> float:
    """Labels at which a curve, made monotone, reaches a value; infinite where it never does."""
    steps = np.log(rounds)
    rising = IsotonicRegression().fit_transform(steps, curve)
    if rising[-1] < goal:
        return float("inf")
    return float(np.exp(np.interp(goal, rising + np.arange(len(rising)) * 1e-9, steps)))


def _table(values: dict[str, NDArray[np.float64]], rounds: list[int], reach: list[int]) -> str:
    rng = np.random.default_rng(0)
    count = len(values["random"])
    draws = rng.integers(count, size=(DRAWS, count))
    rows = [["labels", *map(str, rounds)]]
    for name, curve in values.items():
        rows.append([name, *(f"{value:.3f}" for value in curve.mean(0))])
    lines = []
    for name in (each for each in values if each != "random"):
        difference = values[name] - values["random"]
        spread = np.quantile(difference[draws].mean(1), [0.025, 0.975], axis=0)
        rows.append(
            [
                f"{name} − random",
                *(
                    f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
                    for mean, low, high in zip(difference.mean(0), *spread, strict=True)
                ),
            ]
        )
        for labels in reach:
            place = rounds.index(labels)
            found = needed(rounds, values[name].mean(0), values["random"].mean(0)[place])
            drawn = [
                needed(rounds, values[name][each].mean(0), values["random"][each].mean(0)[place])
                for each in draws
            ]
            low, high = np.quantile(drawn, [0.025, 0.975], method="nearest")
            lines.append(
                f"{name}, to reach what random choice reaches with {labels}: "
                f"{_number(found, rounds)} [{_number(low, rounds)}, {_number(high, rounds)}]"
            )
    lines.insert(0, aligned(rows))
    return "\n".join(lines)


def _number(labels: float, rounds: list[int]) -> str:
    if np.isinf(labels):
        return f"> {rounds[-1]}"
    return f"< {rounds[0]}" if labels <= rounds[0] else f"{labels:.0f}"


if __name__ == "__main__":
    cyclopts.run(simulate)
