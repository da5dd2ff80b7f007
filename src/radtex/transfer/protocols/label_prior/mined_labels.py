"""Labels of studies from the words of their reports."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radtex.corpus.corpus import Corpus
from radtex.corpus.label_policies import LabelPolicy
from radtex.findings import CHEXPERT_LABELS, finding_of
from radtex.reports import OwnFinding, label_reports
from radtex.reports.training_text import training_texts
from radtex.transfer.sampling.draws import stream_of
from radtex.transfer.sampling.studies import Studies, studies_of

_OTHER_NAMES = {"Effusion": "Pleural Effusion"}


def observation_of(target: str, findings: Sequence[OwnFinding] = ()) -> str | None:
    """Return the observation of reports that tells a target; None where there is none.

    Args:
        target: the name of a label.
        findings: those that a user defined.
    """
    if target in {finding.name for finding in findings}:
        return target
    name = finding_of(target)
    name = _OTHER_NAMES.get(name, name)
    return name if name in CHEXPERT_LABELS else None


def mined_labels(
    corpus: Corpus,
    rows: NDArray[np.int64],
    targets: Sequence[str],
    policy: LabelPolicy,
    findings: Sequence[OwnFinding] = (),
) -> Studies:
    """Label the studies of a corpus by their reports.

    What a report leaves blank counts as the policy says only where the labeler understood
    something of it.

    Args:
        corpus: whose reports are read.
        rows: its images.
        targets: names of labels; those that no report tells have none.
        policy: what uncertain and blank counts as.
        findings: those that a user defined.
    """
    texts = training_texts(corpus.index.iloc[rows], "findings+impression")
    place_of = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    read = label_reports([*place_of], findings=findings)
    stated = read.to_numpy(dtype=np.float32, na_value=np.nan)
    stated = stated[[place_of[text] for text in texts]]
    understood = ~np.isnan(stated).all(1)
    labels = np.full((len(rows), len(targets)), np.nan, np.float32)
    for column, target in enumerate(targets):
        observation = observation_of(target, findings)
        if observation is not None:
            own = stated[:, [list(read.columns).index(observation)]]
            definite = policy.definite(own, [observation])[:, 0]
            labels[:, column] = np.where(understood, definite, np.nan)
    return studies_of(corpus, rows, (), policy).labelled(labels)


def corrupted(
    labels: NDArray[np.float32], targets: Sequence[str], share: float, seed: int
) -> NDArray[np.float32]:
    """Return labels (n, T) of which that share, chosen at random, says the opposite.

    A larger share changes those that a smaller one does, and more.

    Args:
        labels: 1, 0 or NaN.
        targets: their names; each has a randomness of its own.
        share: 0 to 1, of the definite labels.
        seed: of the choice.
    """
    changed = labels.copy()
    for column, target in enumerate(targets):
        definite = np.flatnonzero(~np.isnan(labels[:, column]))
        rng = np.random.default_rng([seed, stream_of(f"corrupted {target}")])
        wrong = rng.permutation(definite)[: round(share * len(definite))]
        changed[wrong, column] = 1 - labels[wrong, column]
    return changed
