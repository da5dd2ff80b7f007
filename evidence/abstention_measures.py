"""Compare measures of how unlike an image is, each with a limit of its own, at several pools.

    python evidence/abstention_measures.py CORPUS --targets nih9

Pools of patients are drawn from the pool split of CORPUS. Each measure takes as its limit what
`radtex.classifiers.abstention` takes of its own: a quantile of its distances of pool images, each
held out with its patient. It prints a Markdown table: the share refused of the films of the test
split (mean over pools, and the most), of seven kinds of images that radtex draws (the kind that is
refused least, and the one refused most), and of films upside down and inverted. The corpus's ledger
notes it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import cyclopts
import numpy as np
import torch
from cyclopts import Parameter
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize, softplus

from radtex.classifiers.abstention import limit_among, parts_of
from radtex.classifiers.familiarity import fit_familiarity
from radtex.classifiers.non_radiographs import non_radiographs, wrong_films
from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import label_policy
from radtex.findings import target_names
from radtex.labelling.heads import heads_of, logits_of
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.scorings import note_scoring

Several = Parameter(consume_multiple=True)
Distance = Callable[[Tensor], NDArray[np.float64]]
NEIGHBOUR = 5
ENERGY = "energy of the heads"


def neighbours(features: Tensor, *_: object) -> Distance:
    """Distance to the 5th neighbour among standardised features."""
    mean, deviation = features.mean(0), features.std(0).clamp(min=1e-6)
    pool = (features - mean) / deviation
    return lambda of: _numpy(torch.cdist((of - mean) / deviation, pool).kthvalue(_k(pool)).values)


def cosine(features: Tensor, *_: object) -> Distance:
    """One minus the cosine to the 5th neighbour."""
    pool = normalize(features)
    return lambda of: _numpy((1 - normalize(of) @ pool.T).kthvalue(_k(pool)).values)


def floored(features: Tensor, *_: object) -> Distance:
    """Mahalanobis of standardised features whose deviations are their mean at least."""
    deviation = features.std(0)
    scale = deviation.clamp(min=float(deviation.mean()))
    return _mahalanobis((features - features.mean(0)) / scale, features.mean(0), scale)


def standardised(features: Tensor, *_: object) -> Distance:
    """Mahalanobis of standardised features."""
    scale = features.std(0).clamp(min=1e-6)
    return _mahalanobis((features - features.mean(0)) / scale, features.mean(0), scale)


def at_length_1(features: Tensor, *_: object) -> Distance:
    """What a kept classifier asks."""
    return fit_familiarity(features).distance


def energy(features: Tensor, labels: NDArray[np.float32], patients: NDArray[np.int64]) -> Distance:
    """Minus the joint energy of the heads (Wang et al. 2021): the less they say, the stranger."""
    heads = heads_of(features, labels, patients, np.ones(len(features), bool))
    return lambda of: (
        -np.nansum(
            softplus(torch.from_numpy(logits_of(heads, of))).numpy(), axis=1, dtype=np.float64
        )
    )


MEASURES: dict[str, Callable[..., Distance]] = {
    "Mahalanobis, standardised": standardised,
    "Mahalanobis, deviations with a floor": floored,
    "distance to the 5th neighbour": neighbours,
    "cosine to the 5th neighbour": cosine,
    ENERGY: energy,
    "**Mahalanobis, length 1**": at_length_1,
}


def compare(
    corpus: Path,
    /,
    *,
    targets: Annotated[list[str], Several],
    encoder: str = "imagenet",
    pools: Annotated[list[int], Several] = [100, 250, 1000],  # noqa: B006
    repeats: Annotated[list[int], Several] = [10, 6, 3],  # noqa: B006
    heads: bool = True,
) -> None:
    """Print the table.

    Args:
        corpus: Its pool is drawn from, its test split is refused or not.
        targets: What the heads of the energy learn.
        encoder: Gives the features.
        pools: Images of a pool.
        repeats: Pools of each size.
        heads: Try the energy too, whose heads take most of the time.
    """
    opened = Corpus.open(corpus)
    (contestant,) = contestants([encoder], opened, 0)
    rows, tested = opened.rows("pool"), opened.rows("test")
    note_scoring((opened, tested), "abstention_measures", [contestant.name], None)
    features = pooled_features(contestant, opened.images, rows).cpu()
    films = pooled_features(contestant, opened.images, tested).cpu()
    some = np.asarray(opened.images[tested[:: max(1, len(tested) // 100)]])
    size, how = opened.preprocessing.size, opened.preprocessing.fit
    others = {kind: _of(contestant, images) for kind, images in non_radiographs(size, how)}
    wrong = {kind: _of(contestant, images) for kind, images in wrong_films(some)}
    labels = opened.labels(target_names(targets), label_policy("paper"))[rows]
    _, patients = np.unique(opened.patients[rows], return_inverse=True)
    header = ["pool", "measure", "pools", "films of the test refused", "at most", "drawn"]
    print("|", " | ".join([*header, "upside down", "inverted"]), "|")
    print("|---" * (len(header) + 2) + "|")
    for count, times in zip(pools, repeats, strict=True):
        found: dict[str, list[tuple[float, list[float], list[float]]]] = {}
        for number in range(times):
            rng = np.random.default_rng([count, number])
            order = np.argsort(rng.permutation(patients.max() + 1)[patients], kind="stable")
            pool = np.sort(order[:count])
            for name, measure in MEASURES.items():
                if name == ENERGY and not heads:
                    continue
                limit, distance = _limit(measure, features[pool], labels[pool], patients[pool], rng)
                found.setdefault(name, []).append(
                    (
                        float((distance(films) > limit).mean()),
                        [float((distance(of) > limit).mean()) for of in others.values()],
                        [float((distance(of) > limit).mean()) for of in wrong.values()],
                    )
                )
        for name, each in found.items():
            refused = [share for share, _, _ in each]
            kinds = np.mean([shares for _, shares, _ in each], axis=0)
            of_wrong = dict(zip(wrong, np.mean([shares for *_, shares in each], 0), strict=True))
            print(
                f"| {count:,} | {name} | {times} | {np.mean(refused):.1%} | {max(refused):.1%} | "
                f"{kinds.min():.0%} to {kinds.max():.0%} | {of_wrong['films upside down']:.0%} | "
                f"{of_wrong['inverted films']:.0%} |",
                flush=True,
            )


def _limit(
    measure: Callable[..., Distance],
    features: Tensor,
    labels: NDArray[np.float32],
    patients: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[float, Distance]:
    part = parts_of(patients, rng)
    held_out = np.concatenate(
        [
            measure(features[part != held], labels[part != held], patients[part != held])(
                features[part == held]
            )
            for held in range(part.max() + 1)
        ]
    )
    return limit_among(held_out), measure(features, labels, patients)


def _mahalanobis(rows: Tensor, mean: Tensor, scale: Tensor) -> Distance:
    from sklearn.covariance import ledoit_wolf

    covariance, _ = ledoit_wolf(rows.numpy(), assume_centered=True)
    precision = torch.from_numpy(np.linalg.inv(covariance)).float()

    def distance(of: Tensor) -> NDArray[np.float64]:
        away = (of - mean) / scale
        return _numpy((away @ precision * away).sum(1) / away.shape[1])

    return distance


def _of(contestant: object, images: NDArray[np.uint8]) -> Tensor:
    return pooled_features(contestant, images, np.arange(len(images))).cpu()  # type: ignore[arg-type]


def _k(pool: Tensor) -> int:
    return min(NEIGHBOUR, len(pool))


def _numpy(values: Tensor) -> NDArray[np.float64]:
    return np.asarray(values.double().cpu().numpy())


if __name__ == "__main__":
    cyclopts.run(compare)
