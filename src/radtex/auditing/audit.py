"""The audit of a corpus: how well each cue alone tells each label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radtex.auditing.cues import CUES, Cue, Features
from radtex.auditing.held_out import held_out_auc
from radtex.corpus.corpus import Corpus, named_split
from radtex.corpus.label_policies import label_policy as policy_of
from radtex.errors import CorpusError
from radtex.findings import EDEMA_SEVERITY, target_names
from radtex.progress import progress_bar
from radtex.statistics.intervals import Estimate, holm

LEAST_PATIENTS = 10
"""Of either class; a label with fewer is left out."""

_BATCH = 64


@dataclass(frozen=True)
class CueScore:
    """How well one cue alone tells one label."""

    label: str
    """The label."""
    cue: Cue
    """The cue."""
    auc: Estimate
    """On patients held out; p is that of its being 0.5."""
    p_holm: float
    """The same p, adjusted for all labels and cues of the audit."""


@dataclass(frozen=True)
class Audit:
    """What an audit found."""

    corpus: Path
    """The corpus."""
    content_hash: str
    """Of the corpus."""
    split: str
    """The split that was audited; "" for all."""
    label_policy: str
    """What uncertain and blank labels count as."""
    bound: float
    """AUC from which a cue counts as a shortcut."""
    seed: int
    """Of the folds."""
    counts: Mapping[str, tuple[int, int]]
    """Films with and without each label."""
    scores: tuple[CueScore, ...]
    """For each label all cues, in the order of `CUES`."""
    left_out: Mapping[str, str]
    """Labels that could not be audited, and why."""

    def is_shortcut(self, score: CueScore) -> bool:
        """Tell whether a cue reaches the bound, and not by chance."""
        return score.auc.mean >= self.bound and score.p_holm < 0.05

    @property
    def shortcuts(self) -> tuple[CueScore, ...]:
        """The shortcuts, the strongest first."""
        found = [score for score in self.scores if self.is_shortcut(score)]
        return tuple(sorted(found, key=lambda score: -score.auc.mean))


def audit(
    corpus: str,
    *,
    targets: Sequence[str] | None = None,
    label_policy: str = "paper",
    bound: float = 0.65,
    seed: int = 0,
) -> Audit:
    """Measure how well each cue alone tells each label of a corpus.

    Args:
        corpus: "CORPUS" for all of its films, or "CORPUS:SPLIT".
        targets: names of labels or of target sets; without them, all labels of the corpus.
        label_policy: what uncertain and blank labels count as.
        bound: AUC from which a cue counts as a shortcut, 0.5 to 1.
        seed: of the folds.

    Raises:
        CorpusError: if there is no such corpus or label, or no label has enough patients.
    """
    if not 0.5 <= bound <= 1:
        raise CorpusError(f"--bound {bound} is no AUC from 0.5 to 1")
    policy = policy_of(label_policy)
    opened, rows, split = _films(corpus)
    names = _targets(opened, targets)
    if not names:
        raise CorpusError(f"{opened.path} has no labels to audit; its films can have no shortcuts")
    labels = opened.labels(names, policy)[rows]
    patients, _ = pd.factorize(opened.patients[rows])
    left_out = {
        name: why
        for name, column in zip(names, labels.T, strict=True)
        if (why := _too_few(column, patients))
    }
    kept = [place for place, name in enumerate(names) if name not in left_out]
    if not kept:
        raise CorpusError(
            f"{opened.path} has no label to audit: at least {LEAST_PATIENTS} patients of either "
            f"class are needed; {'; '.join(f'{n}: {why}' for n, why in left_out.items())}"
        )
    definite = ~np.isnan(labels[:, kept]).all(1)
    features = measured(opened.images, rows[definite])
    labels, patients = labels[definite][:, kept], patients[definite]
    scored: list[tuple[str, Cue, Estimate]] = []
    counts: dict[str, tuple[int, int]] = {}
    with progress_bar("telling labels by cues", len(kept), "labels") as bar:
        for place, column in zip(kept, labels.T, strict=True):
            known = ~np.isnan(column)
            positive, theirs = column[known] == 1, pd.factorize(patients[known])[0]
            found = held_out_auc([x[known] for x in features], positive, theirs, seed)
            scored += [(names[place], *pair) for pair in zip(CUES, found, strict=True)]
            counts[names[place]] = (int(positive.sum()), int((~positive).sum()))
            bar.advance()
    adjusted = holm([estimate.p for _, _, estimate in scored])
    return Audit(
        opened.path,
        opened.content_hash,
        split,
        policy.name,
        bound,
        seed,
        counts,
        tuple(CueScore(*each, p) for each, p in zip(scored, adjusted, strict=True)),
        left_out,
    )


def measured(images: NDArray[np.uint8], rows: NDArray[np.int64]) -> list[Features]:
    """Measure each of `CUES` on some films, each (len(rows), k).

    Args:
        images: uint8 (N, S, S).
        rows: of the films.
    """
    parts: list[list[Features]] = [[] for _ in CUES]
    with progress_bar("measuring cues", len(rows), "films") as bar:
        for start in range(0, len(rows), _BATCH):
            films = np.asarray(images[rows[start : start + _BATCH]])
            for part, cue in zip(parts, CUES, strict=True):
                part.append(cue.measure(films).astype(np.float32))
            bar.advance(len(films))
    return [np.concatenate(part) for part in parts]


def _films(corpus: str) -> tuple[Corpus, NDArray[np.int64], str]:
    path, split = named_split(corpus)
    opened = Corpus.open(path)
    return (
        opened,
        np.arange(len(opened.index)) if split is None else opened.rows(split),
        split or "",
    )


def _targets(corpus: Corpus, targets: Sequence[str] | None) -> tuple[str, ...]:
    if targets is not None:
        return target_names(targets)
    return tuple(name for name in corpus.label_names if name != EDEMA_SEVERITY)


def _too_few(column: NDArray[np.float32], patients: NDArray[np.int64]) -> str:
    with_it, without = (len(np.unique(patients[column == value])) for value in (1, 0))
    if min(with_it, without) >= LEAST_PATIENTS:
        return ""
    return f"{with_it} patients with it, {without} without"
