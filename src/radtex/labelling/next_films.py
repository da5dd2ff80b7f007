"""`radtex next`: which films a reader should label next, and a table to fill in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from radtex.classifiers.classifier import load_classifier
from radtex.compute.allocation import keep_freed_memory
from radtex.corpus.corpus import ACCESSION, Corpus, open_whole
from radtex.corpus.label_policies import label_policy
from radtex.corpus.readings.apply import CHOSEN_BY, RANDOM
from radtex.corpus.readings.label_sources import LabelSource
from radtex.corpus.readings.random_order import places
from radtex.errors import CorpusError, ProtocolError
from radtex.files import makes_alone, refuse_existing, whole_file
from radtex.findings import EDEMA_COMPARISONS, target_names
from radtex.labelling.heads import heads_of, logits_of
from radtex.labelling.neighbourhoods import reduced
from radtex.labelling.reported import reported_labels
from radtex.labelling.strategy import DISAGREEMENT, DIVERSITY, UNCERTAINTY, Films, to_teach
from radtex.spreadsheet_cells import shielded_table
from radtex.transfer.contestants.entries import contestants
from radtex.transfer.contestants.features import pooled_features
from radtex.transfer.sampling.studies import studies_of

BATCH = 64
"""Images that a classifier encodes at a time."""
_WHY = {
    RANDOM: "at random",
    DIVERSITY: "because they stand for many others",
    UNCERTAINTY: "because the heads are unsure of them",
    DISAGREEMENT: "because head and report disagree",
}


@dataclass(frozen=True)
class _Pool:
    """The n studies of a pool, and what is known of their t targets."""

    films: Films
    probabilities: NDArray[np.float64]
    """(n, t); NaN of a target without a head."""
    reported: NDArray[np.float32]
    """(n, t): what the reports say."""
    first_rows: NDArray[np.int64]
    """(n,): the row of each study's first image."""


@makes_alone("out")
def next_films(
    corpus: Path | str | Corpus,
    targets: Sequence[str],
    out: Path | str,
    *,
    encoder: str | None = None,
    classifier: Path | str | None = None,
    count: int = 50,
    random_share: float = 0.2,
    random_from: Sequence[str] = ("pool", "test"),
    label_sources: Sequence[LabelSource] = ("human", "archive"),
    backbone: str | None = None,
    seed: int = 0,
) -> str:
    """Choose studies of the pool to be labelled next, and write a table of them to fill in.

    While no target has a label of each class, films that stand for many others are chosen; then
    those of which the heads are unsure, where many films lie, for all targets together, and those
    whose report says another thing than the head. A part of all is chosen at random: that alone may
    calibrate and give unbiased estimates. The label table is read, not written; `radtex label`
    brings the filled-in table back.

    Args:
        corpus: the folder of a corpus, or CORPUS:pool, or one that was opened.
        targets: names of labels or target sets; the corpus need not have them yet.
        out: the table to make; `.xlsx` is Excel, all else CSV.
        encoder: `[NAME=]WHAT`, see `contestants`; heads are fitted on its features.
        classifier: the folder of a classifier, in place of an encoder.
        count: studies to choose.
        random_share: of them, chosen at random, 0 to 1.
        random_from: the splits that the random share comes from.
        label_sources: whose labels make a study a labelled one.
        backbone: of `random` and `imagenet`; by default that of the run.
        seed: of the groups that films are put into, and of the weights of `random`. The random
            share depends on no seed (see `readings.random_order`).

    Returns:
        What was chosen, and what to do with it.

    Raises:
        ProtocolError: if both or neither of encoder and classifier are named, or a number is none.
        CorpusError: if the corpus has no pool, or all of it has labels.
        OutputError: if `out` exists or cannot be written.
        RadtexError: of the kind that `contestants` and `load_classifier` raise.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> import radtex
        >>> from radtex.corpus.build import build
        >>> from radtex.corpus.sources import open_source
        >>> folder = TemporaryDirectory()
        >>> path = Path(folder.name) / "corpus"
        >>> made = build(open_source("phantom", studies=40), path, size=64, workers=1)
        >>> table = Path(folder.name) / "next.csv"
        >>> said = radtex.next_films(
        ...     path, ["Gout"], table, encoder="random", backbone="test_resnet", count=5
        ... )
        >>> len(table.read_text().splitlines())
        6
        >>> folder.cleanup()
    """
    out = Path(out)
    refuse_existing(out)
    names = _checked(targets, encoder, classifier, count, random_share)
    keep_freed_memory()
    if isinstance(corpus, Corpus):
        opened = corpus
    else:
        opened = open_whole(corpus, "pool", "films are chosen from")
    at_random = _at_random(opened, names, round(random_share * count), random_from, label_sources)
    rows = opened.rows("pool")
    if has_label(opened, names, label_sources)[rows].all():
        raise CorpusError(
            f"every study of the pool of {opened.path} has a label of {', '.join(names)}; name "
            "other targets, or those whose labels count by --label-sources"
        )
    pool = _pool(opened, rows, names, encoder, classifier, label_sources, backbone, seed)
    taken = np.flatnonzero(np.isin(pool.first_rows, at_random)).tolist()
    chosen, why = to_teach(
        pool.films.without(taken), pool.probabilities, count - len(at_random), seed, pool.reported
    )
    every = np.concatenate([at_random, pool.first_rows[chosen]]).astype(np.int64)
    table = _table(opened, every, [RANDOM] * len(at_random) + why, names)
    _write(table, out)
    return _said(opened, table, names, out)


def has_label(
    corpus: Corpus, names: Sequence[str], sources: Sequence[LabelSource]
) -> NDArray[np.bool_]:
    """Tell which images are of a study that has a label of any target, by one of the sources.

    Args:
        corpus: it need not have all of the labels.
        names: of the targets.
        sources: whose labels count.
    """
    there = [name for name in names if name in corpus.label_names]
    own = np.isin(corpus.label_sources(there), list(sources)).any(1)
    keys = pd.Series(corpus.patients + "\0" + corpus.index["study_id"].to_numpy(object))
    return np.asarray(pd.Series(own).groupby(keys).transform("any"), bool)


def _checked(
    targets: Sequence[str],
    encoder: str | None,
    classifier: Path | str | None,
    count: int,
    random_share: float,
) -> tuple[str, ...]:
    if (encoder is None) == (classifier is None):
        raise ProtocolError("name either an encoder (--encoder) or a classifier (--classifier)")
    if count < 1:
        raise ProtocolError(f"{count} films were asked for; ask for at least 1")
    if not 0 <= random_share <= 1:
        raise ProtocolError(f"a random share of {random_share:g} was asked for; it is 0 to 1")
    names = target_names(targets)
    if not names:
        raise ProtocolError("no target was named; name the findings that are to be labelled")
    compared = [name for name in names if name in EDEMA_COMPARISONS]
    if compared:
        raise ProtocolError(
            f"{compared[0]} compares grades, and no reader labels it; name findings"
        )
    return names


def _at_random(
    corpus: Corpus,
    names: Sequence[str],
    count: int,
    splits: Sequence[str],
    sources: Sequence[LabelSource],
) -> NDArray[np.int64]:
    """Return the first row of each of the next studies in the random order that have no label."""
    index = corpus.index
    free = np.isin(index["split"].to_numpy(object), list(splits))
    free &= ~has_label(corpus, names, sources)
    free &= ~index[["patient_namespace", "patient_id", "study_id"]].duplicated().to_numpy()
    rows = np.flatnonzero(free)
    order = places(corpus.patients[rows].tolist(), index["study_id"].iloc[rows].tolist())
    return rows[np.argsort(order, kind="stable")][:count].astype(np.int64)


def _pool(
    corpus: Corpus,
    rows: NDArray[np.int64],
    names: Sequence[str],
    encoder: str | None,
    classifier: Path | str | None,
    sources: Sequence[LabelSource],
    backbone: str | None,
    seed: int,
) -> _Pool:
    there = [name for name in names if name in corpus.label_names]
    studies = studies_of(corpus, rows, (), label_policy("paper"))
    first = studies.first_images
    labels = np.full((len(first), len(names)), np.nan, np.float32)
    if there:
        of_images = corpus.labels(there, label_policy("paper"))[rows]
        of_images[~np.isin(corpus.label_sources(there)[rows], list(sources))] = np.nan
        labels[:, [name in there for name in names]] = of_images[first]
    labelled = has_label(corpus, names, sources)[rows][first]
    if classifier is not None:
        model = load_classifier(Path(classifier))
        heads = [target.name for target in model.targets]
        if not set(heads) & set(names):
            raise ProtocolError(
                f"{classifier} has no head of {', '.join(names)}; its heads are: {', '.join(heads)}"
            )
        import torch

        of_films = torch.cat(
            [
                model.features(corpus.images[rows[start : start + BATCH]])
                for start in range(0, len(rows), BATCH)
            ]
        )
        features = studies.average(of_films)
        given = model.probabilities(features)
        probabilities = np.stack(
            [
                given[:, heads.index(name)] if name in heads else np.full(len(first), np.nan)
                for name in names
            ],
            1,
        )
    else:
        assert encoder is not None
        (contestant,) = contestants([encoder], corpus, seed, backbone)
        if contestant.members or contestant.seeds or contestant.offered:
            raise ProtocolError(
                f"{contestant.name} joins several runs or layers; name one encoder to choose by"
            )
        features = studies.average(pooled_features(contestant, corpus.images, rows)).cpu()
        fitted = heads_of(features, labels, studies.patients, labelled)
        probabilities = np.asarray(expit(logits_of(fitted, features)))
    return _Pool(
        Films(reduced(features.numpy()), studies.patients, labelled),
        probabilities,
        reported_labels(corpus, rows[first], names),
        rows[first],
    )


def _table(
    corpus: Corpus, rows: NDArray[np.int64], why: Sequence[str], names: Sequence[str]
) -> pd.DataFrame:
    """Return a row for each study, in the random order, with a blank cell for each target."""
    index = corpus.index
    chosen = index.iloc[rows]
    order = places(corpus.patients[rows].tolist(), chosen["study_id"].tolist())
    images = index.groupby(["patient_namespace", "patient_id", "study_id"]).size()
    keys = chosen[["patient_namespace", "patient_id", "study_id"]].itertuples(index=False)
    table = pd.DataFrame(
        {
            "image": chosen["source_path"].to_numpy(),
            "image_id": chosen["image_id"].to_numpy(),
            "study_id": chosen["study_id"].to_numpy(),
            **({ACCESSION: chosen[ACCESSION].to_numpy()} if ACCESSION in index.columns else {}),
            "patient_id": chosen["patient_id"].to_numpy(),
            "images_of_study": [int(images[tuple(key)]) for key in keys],
            "split": chosen["split"].to_numpy(),
            CHOSEN_BY: list(why),
            **dict.fromkeys(names, ""),
        }
    )
    return table.iloc[np.argsort(order, kind="stable")]


def _write(table: pd.DataFrame, out: Path) -> None:
    with whole_file(out) as aside:
        if out.suffix.casefold() == ".xlsx":
            with aside.open("wb") as file:
                shielded_table(table).to_excel(file, index=False, engine="openpyxl")
        else:
            shielded_table(table).to_csv(aside, index=False)


def _said(corpus: Corpus, table: pd.DataFrame, names: Sequence[str], out: Path) -> str:
    counts = Counter(table[CHOSEN_BY])
    parts = [f"{counts[how]} {words}" for how, words in _WHY.items() if counts[how]]
    splits = Counter(table["split"])
    lines = [
        f"{len(table)} studies ({', '.join(f'{n} of {s}' for s, n in splits.items())}): "
        + ", ".join(parts),
        "only those at random may calibrate and give unbiased estimates; transfer --save and plan "
        "see to it",
    ]
    unknown = [name for name in names if name not in corpus.label_names]
    if unknown and corpus.label_names:
        lines.append(
            f"no study has a label of {', '.join(unknown)} yet; the labels are: "
            f"{', '.join(corpus.label_names)}"
        )
    lines.append(
        f"fill in {', '.join(names)} in {out} with 1, 0 or u (uncertain), then: radtex label "
        f"{corpus.path} {out} --reader NAME"
    )
    return "\n".join(lines)
